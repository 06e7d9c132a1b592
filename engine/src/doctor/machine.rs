//! The machine: free space, memory, time zones.

use std::{
    io::{self, Write},
    path::Path,
};

use jiff::tz::TimeZone;

use super::{Diagnosis, Health};

/// What plans may put on the disk while they sort more than fits into memory.
const SPILLED: u64 = 1 << 30;

/// Below this, documents and records can no longer be written with certainty.
const LEAST_SPACE: u64 = 64 << 20;

/// Below this, plans have too little to sort the rows of a large list.
const LEAST_MEMORY: u64 = 64 << 20;

/// The zones that nights are counted in.
const ZONES: [&str; 2] = ["Europe/Berlin", "Europe/Stockholm"];

/// Whether there is room on the file system of a folder for what a run may write there.
pub(super) fn space(subject: &'static str, folder: &Path, needed: u64) -> Diagnosis {
    let Some(folder) = folder.ancestors().find(|folder| folder.exists()) else {
        let found = format!("{} does not exist", folder.display());
        return Diagnosis::fault(subject, found, "make the folder");
    };
    match free(folder) {
        Ok(free) => judge_space(subject, folder, free, needed),
        Err(error) => {
            let found = format!("cannot find out how much {} has: {error}", folder.display());
            Diagnosis::warning(subject, found, "look with `df`")
        }
    }
}

/// Whether a run can write into the folder for temporary files, and has room there.
pub(super) fn temporary(folder: &Path) -> Diagnosis {
    const SUBJECT: &str = "temporary space";
    match try_temporary(folder) {
        Ok(()) => judge_temporary(space(SUBJECT, folder, SPILLED), is_memory(folder)),
        Err(error) => Diagnosis::fault(
            SUBJECT,
            format!("{} cannot be written: {error}", folder.display()),
            "make the folder, or set TMPDIR to one that the user of the run may write",
        ),
    }
}

/// A folder that lies in memory has room, and takes it from the run: what does not fit into memory is put there.
fn judge_temporary(space: Diagnosis, is_memory: bool) -> Diagnosis {
    if !is_memory || space.health != Health::Sound {
        return space;
    }
    Diagnosis::warning(
        space.subject,
        format!("{}, which is memory", space.found),
        "set TMPDIR to a folder on a disk, most of all where the memory of a run is limited: what plans do not hold goes there",
    )
}

/// Whether a folder lies in memory, as far as the system tells.
#[cfg(target_os = "linux")]
fn is_memory(folder: &Path) -> bool {
    // Linux' number for tmpfs.
    rustix::fs::statfs(folder).is_ok_and(|system| system.f_type == 0x0102_1994)
}

#[cfg(not(target_os = "linux"))]
fn is_memory(_: &Path) -> bool {
    false
}

/// Tries whether a file can be written in a folder for temporary files; it is gone again after that. Fails with what the
/// system says.
pub fn try_temporary(folder: &Path) -> io::Result<()> {
    tempfile::tempfile_in(folder)?.write_all(b"tried\n")
}

fn judge_space(subject: &'static str, folder: &Path, free: u64, needed: u64) -> Diagnosis {
    let found = format!("{} free in {}", size(free), folder.display());
    if free < LEAST_SPACE {
        Diagnosis::fault(subject, found, "free some space: a run would fail")
    } else if free < needed {
        let needed = size(needed);
        let advice = format!("free some space: a run that rewrites everything needs {needed}");
        Diagnosis::warning(subject, found, advice)
    } else {
        Diagnosis::sound(subject, found)
    }
}

#[cfg(unix)]
fn free(folder: &Path) -> std::io::Result<u64> {
    let system = rustix::fs::statvfs(folder)?;
    Ok(system.f_bavail.saturating_mul(system.f_frsize))
}

#[cfg(not(unix))]
fn free(_: &Path) -> std::io::Result<u64> {
    Err(std::io::ErrorKind::Unsupported.into())
}

/// Whether the memory that plans may hold (`None` where nobody says) fits the machine, or the control group that this
/// process runs in.
pub fn memory(limit: Option<usize>) -> Diagnosis {
    judge_memory(limit.map(|limit| limit as u64), memory_there())
}

/// The memory of the machine, or of the control group that this process runs in, if it has less. `None` where the system does
/// not say.
pub(crate) fn memory_there() -> Option<u64> {
    let read = |path: &str| std::fs::read_to_string(path).ok();
    let machine = read("/proc/meminfo").and_then(|text| total(&text));
    let group = read("/proc/self/cgroup")
        .as_deref()
        .and_then(group)
        .and_then(|group| read(&format!("/sys/fs/cgroup{group}/memory.max")))
        .and_then(|text| text.trim().parse().ok());
    machine.into_iter().chain(group).min()
}

fn judge_memory(limit: Option<u64>, there: Option<u64>) -> Diagnosis {
    const SUBJECT: &str = "memory";
    let Some(limit) = limit else {
        let there = there.map_or_else(|| "an unknown amount".to_owned(), size);
        let found = format!("{there}; no limit is set, so plans hold little and use the disk");
        return Diagnosis::sound(SUBJECT, found);
    };
    let of = there.map_or_else(String::new, |there| format!(" of {}", size(there)));
    let found = format!("plans may hold {}{of}", size(limit));
    if limit < LEAST_MEMORY {
        let advice = format!("give --memory at least {}", size(LEAST_MEMORY));
        Diagnosis::warning(SUBJECT, found, advice)
    } else if there.is_some_and(|there| limit > there / 4 * 3) {
        let advice =
            "lower --memory below three quarters of what there is: files are read beside the plans";
        Diagnosis::warning(SUBJECT, found, advice)
    } else {
        Diagnosis::sound(SUBJECT, found)
    }
}

/// The memory of a Linux machine, from `/proc/meminfo`.
fn total(text: &str) -> Option<u64> {
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kibibytes.checked_mul(1024)
}

/// The control group of this process, from `/proc/self/cgroup` (version 2: one line that begins with `0::`).
fn group(text: &str) -> Option<&str> {
    text.lines().find_map(|line| line.strip_prefix("0::"))
}

/// Whether the zones that nights are counted in are known.
pub fn zones() -> Diagnosis {
    const SUBJECT: &str = "time zones";
    let unknown: Vec<&str> = ZONES
        .into_iter()
        .filter(|zone| TimeZone::get(zone).is_err())
        .collect();
    if unknown.is_empty() {
        return Diagnosis::sound(SUBJECT, format!("{} are known", ZONES.join(" and ")));
    }
    Diagnosis::fault(
        SUBJECT,
        format!("there are no data on {}", unknown.join(" and ")),
        "install the system's package tzdata",
    )
}

/// Bytes for people.
pub(crate) fn size(bytes: u64) -> String {
    let unit = |factor: u64, name: &str| {
        let tenths = u128::from(bytes) * 10 / u128::from(factor);
        format!("{}.{} {name}", tenths / 10, tenths % 10)
    };
    match bytes {
        0..1024 => format!("{bytes} bytes"),
        1024..1_048_576 => unit(1 << 10, "KiB"),
        1_048_576..1_073_741_824 => unit(1 << 20, "MiB"),
        _ => unit(1 << 30, "GiB"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn space_is_judged_by_what_a_run_needs() {
        let of = |free, needed| judge_space("space", Path::new("/"), free, needed).health;
        assert_eq!(of(1 << 20, 0), Health::Fault);
        assert_eq!(of(1 << 30, 2 << 30), Health::Warning);
        assert_eq!(of(4 << 30, 2 << 30), Health::Sound);
        let there = std::env::temp_dir();
        let absent = space("space", &there.join("no/such/folder"), 0);
        assert_eq!(absent.health, space("space", &there, 0).health);
    }

    #[test]
    fn a_folder_for_temporary_files_must_be_there() {
        let folder = tempfile::tempdir().unwrap();
        assert_ne!(temporary(folder.path()).health, Health::Fault);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
        let absent = temporary(&folder.path().join("absent"));
        assert_eq!(absent.health, Health::Fault);
        assert!(absent.advice.unwrap().contains("TMPDIR"));
    }

    #[test]
    fn room_in_memory_is_no_room_on_a_disk() {
        let found = || Diagnosis::sound("temporary space", "4.0 GiB free in /tmp");
        assert_eq!(judge_temporary(found(), false), found());
        let warned = judge_temporary(found(), true);
        assert_eq!(warned.health, Health::Warning);
        assert_eq!(warned.found, "4.0 GiB free in /tmp, which is memory");
        // What is worse is said alone.
        let full = || Diagnosis::fault("temporary space", "full", "free some space");
        assert_eq!(judge_temporary(full(), true), full());
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_file_system_in_memory_is_told_from_others() {
        assert!(!is_memory(Path::new("/proc")));
        let mounts = std::fs::read_to_string("/proc/self/mounts").unwrap();
        if mounts.contains(" /dev/shm tmpfs ") {
            assert!(is_memory(Path::new("/dev/shm")));
        }
    }

    #[test]
    fn memory_is_judged_by_what_there_is() {
        let of = |limit: Option<u64>, there| judge_memory(limit, there).health;
        assert_eq!(of(None, Some(1 << 30)), Health::Sound);
        assert_eq!(of(Some(1 << 20), Some(1 << 30)), Health::Warning);
        assert_eq!(of(Some(1 << 30), Some(1 << 30)), Health::Warning);
        assert_eq!(of(Some(512 << 20), Some(1 << 30)), Health::Sound);
        assert_eq!(of(Some(512 << 20), None), Health::Sound);
    }

    #[test]
    fn what_the_system_says_is_read() {
        assert_eq!(
            total("MemTotal:       16 kB\nMemFree: 1 kB\n"),
            Some(16 * 1024)
        );
        assert_eq!(total("nothing"), None);
        let groups = "1:name=systemd:/x\n0::/system.slice/esf-nightly.service\n";
        assert_eq!(group(groups), Some("/system.slice/esf-nightly.service"));
        assert_eq!(size(1536), "1.5 KiB");
        assert_eq!(size(3 << 30), "3.0 GiB");
    }

    #[test]
    fn the_zones_are_there() {
        assert_eq!(zones().health, Health::Sound);
    }
}
