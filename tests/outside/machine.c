/* A machine that fails, for one process: loaded before the C library (LD_PRELOAD), it counts the calls by which the
   process changes files below one folder, and at one of them ends the process, or the disk is full from then on.
   It can also show a false clock. The program itself knows nothing of it.

   MACHINE_ROOT   the folder, an absolute path as the program spells it; without it nothing is counted
   MACHINE_LOG    a file that gets a line for every counted call: its kind and the path
   MACHINE_KIND   create, write, sync, rename, link, mkdir, remove, truncate or any
   MACHINE_AT     the n-th call of that kind, from 1
   MACHINE_DOES   kill (before the call), killed (after it), torn (killed after half of a write),
                  full (ENOSPC from this call on, though removing goes on), halffull (the same after half of a write),
                  wait (before the call, until the file MACHINE_UNTIL is there; a minute at most)
   MACHINE_CLOCK  seconds added to the time of day
   MACHINE_JUMP   a further number of seconds, added from the second reading of the clock on

   Calls are counted over all threads, which strace cannot do: it counts for each thread. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define REAL(name) ((__typeof__(&name))real(#name))

enum act { PASS, FAIL, HALF, HALF_FAIL, AFTER };

static atomic_long counted;
static atomic_int full;
static atomic_long readings;

static void *real(const char *name) {
    void *found = dlsym(RTLD_NEXT, name);
    if (!found) abort();
    return found;
}

static int below(const char *path) {
    const char *root = getenv("MACHINE_ROOT");
    size_t length = root ? strlen(root) : 0;
    return length && path && !strncmp(path, root, length) && (path[length] == '/' || !path[length]);
}

/* The path behind a file, or nothing where it is a pipe, a socket, … */
static const char *path_of(int file, char *into) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, into, PATH_MAX - 1);
    if (length < 0) return NULL;
    into[length] = 0;
    return into;
}

static void end(void) {
    kill(getpid(), SIGKILL);
    for (;;) pause();
}

static void wait_for(const char *file) {
    struct timespec pause = {0, 10000000};
    for (int n = 0; file && access(file, F_OK) && n < 6000; n++) nanosleep(&pause, NULL);
}

static void record(const char *kind, const char *path) {
    const char *log = getenv("MACHINE_LOG");
    char line[PATH_MAX + 32];
    if (!log) return;
    int length = snprintf(line, sizeof line, "%s %s\n", kind, path);
    int file = REAL(open64)(log, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
    if (file < 0 || REAL(write)(file, line, length) != length) abort();
    close(file);
}

/* What becomes of a call of this kind on this path. */
static enum act fate(const char *kind, const char *path) {
    int kept = errno;
    if (!below(path)) return PASS;
    record(kind, path);
    errno = kept;
    int removes = !strcmp(kind, "remove");
    if (full && !removes) {
        errno = ENOSPC;
        return FAIL;
    }
    const char *watched = getenv("MACHINE_KIND"), *at = getenv("MACHINE_AT"), *does = getenv("MACHINE_DOES");
    if (!watched || !at || !does || (strcmp(watched, "any") && strcmp(watched, kind))) return PASS;
    if (atomic_fetch_add(&counted, 1) + 1 != atol(at)) return PASS;
    if (!strcmp(does, "kill")) end();
    if (!strcmp(does, "killed")) return AFTER;
    if (!strcmp(does, "torn")) return HALF;
    if (!strcmp(does, "wait")) {
        wait_for(getenv("MACHINE_UNTIL"));
        errno = kept;
        return PASS;
    }
    full = 1;
    if (!strcmp(does, "halffull")) return HALF_FAIL;
    errno = ENOSPC;
    return removes ? PASS : FAIL;
}

/* A call that is done whole or not at all. */
#define WHOLE(kind, path, call)                \
    enum act act = fate(kind, path);           \
    if (act == FAIL) return -1;                \
    __typeof__(call) result = call;            \
    if (act == AFTER || act == HALF) end();    \
    return result;

static int opened(int folder, const char *path, int flags, mode_t mode) {
    int (*call)(int, const char *, int, ...) = (int (*)(int, const char *, int, ...))real("openat64");
    if (!(flags & O_CREAT)) return call(folder, path, flags, mode);
    WHOLE("create", path, call(folder, path, flags, mode))
}

#define MODE                                     \
    mode_t mode = 0;                             \
    if (flags & (O_CREAT | __O_TMPFILE)) {       \
        va_list rest;                            \
        va_start(rest, flags);                   \
        mode = va_arg(rest, mode_t);             \
        va_end(rest);                            \
    }

int open(const char *path, int flags, ...) { MODE return opened(AT_FDCWD, path, flags, mode); }
int open64(const char *path, int flags, ...) { MODE return opened(AT_FDCWD, path, flags, mode); }
int openat(int folder, const char *path, int flags, ...) { MODE return opened(folder, path, flags, mode); }
int openat64(int folder, const char *path, int flags, ...) { MODE return opened(folder, path, flags, mode); }

#define WRITE(file, bytes, whole, half)                  \
    char name[PATH_MAX];                                 \
    enum act act = fate("write", path_of(file, name));   \
    if (act == FAIL) return -1;                          \
    if (act == HALF || act == HALF_FAIL) {               \
        ssize_t some = half;                             \
        if (act == HALF) end();                          \
        return some;                                     \
    }                                                    \
    ssize_t all = whole;                                 \
    if (act == AFTER) end();                             \
    return all;

ssize_t write(int file, const void *bytes, size_t n) {
    WRITE(file, bytes, REAL(write)(file, bytes, n), REAL(write)(file, bytes, n / 2))
}
ssize_t pwrite(int file, const void *bytes, size_t n, off_t at) {
    WRITE(file, bytes, REAL(pwrite)(file, bytes, n, at), REAL(pwrite)(file, bytes, n / 2, at))
}
ssize_t pwrite64(int file, const void *bytes, size_t n, off64_t at) {
    WRITE(file, bytes, REAL(pwrite64)(file, bytes, n, at), REAL(pwrite64)(file, bytes, n / 2, at))
}
ssize_t writev(int file, const struct iovec *parts, int n) {
    WRITE(file, parts, REAL(writev)(file, parts, n), REAL(writev)(file, parts, n / 2))
}
ssize_t copy_file_range(int from, off64_t *at, int file, off64_t *to, size_t n, unsigned flags) {
    WRITE(file, at, REAL(copy_file_range)(from, at, file, to, n, flags),
          REAL(copy_file_range)(from, at, file, to, n / 2, flags))
}
ssize_t sendfile(int file, int from, off_t *at, size_t n) {
    extern ssize_t sendfile(int, int, off_t *, size_t);
    WRITE(file, at, REAL(sendfile)(file, from, at, n), REAL(sendfile)(file, from, at, n / 2))
}
ssize_t sendfile64(int file, int from, off64_t *at, size_t n) {
    extern ssize_t sendfile64(int, int, off64_t *, size_t);
    WRITE(file, at, REAL(sendfile64)(file, from, at, n), REAL(sendfile64)(file, from, at, n / 2))
}

int fsync(int file) {
    char name[PATH_MAX];
    WHOLE("sync", path_of(file, name), REAL(fsync)(file))
}
int fdatasync(int file) {
    char name[PATH_MAX];
    WHOLE("sync", path_of(file, name), REAL(fdatasync)(file))
}
int ftruncate(int file, off_t length) {
    char name[PATH_MAX];
    WHOLE("truncate", path_of(file, name), REAL(ftruncate)(file, length))
}
int ftruncate64(int file, off64_t length) {
    char name[PATH_MAX];
    WHOLE("truncate", path_of(file, name), REAL(ftruncate64)(file, length))
}

int rename(const char *from, const char *to) { WHOLE("rename", to, REAL(rename)(from, to)) }
int renameat(int a, const char *from, int b, const char *to) { WHOLE("rename", to, REAL(renameat)(a, from, b, to)) }
int renameat2(int a, const char *from, int b, const char *to, unsigned flags) {
    WHOLE("rename", to, REAL(renameat2)(a, from, b, to, flags))
}
int link(const char *from, const char *to) { WHOLE("link", to, REAL(link)(from, to)) }
int linkat(int a, const char *from, int b, const char *to, int flags) {
    WHOLE("link", to, REAL(linkat)(a, from, b, to, flags))
}
int mkdir(const char *path, mode_t mode) { WHOLE("mkdir", path, REAL(mkdir)(path, mode)) }
int mkdirat(int folder, const char *path, mode_t mode) { WHOLE("mkdir", path, REAL(mkdirat)(folder, path, mode)) }
int unlink(const char *path) { WHOLE("remove", path, REAL(unlink)(path)) }
int unlinkat(int folder, const char *path, int flags) { WHOLE("remove", path, REAL(unlinkat)(folder, path, flags)) }
int rmdir(const char *path) { WHOLE("remove", path, REAL(rmdir)(path)) }

int clock_gettime(clockid_t clock, struct timespec *time) {
    int result = REAL(clock_gettime)(clock, time);
    const char *offset = getenv("MACHINE_CLOCK"), *jump = getenv("MACHINE_JUMP");
    if (result || (clock != CLOCK_REALTIME && clock != CLOCK_REALTIME_COARSE)) return result;
    if (offset) time->tv_sec += atol(offset);
    if (jump && atomic_fetch_add(&readings, 1) > 0) time->tv_sec += atol(jump);
    return result;
}
