//! A machine that fails under one process: see `machine.c`, which is compiled here and loaded before the C library.
//!
//! Neither strace nor a store that fails could take its place: strace counts calls by thread, and a store that fails
//! does not end a process. That no call escapes it is tested against strace.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use crate::world;

/// What the machine does, and when.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fate {
    /// Kind of calls, as `machine.c` names them.
    pub(super) kind: &'static str,
    /// The n-th of them, from 1.
    pub(super) at: usize,
    /// What then happens, as `machine.c` names it.
    pub(super) does: &'static str,
}

/// Whether there is none: it needs Linux with glibc and a C compiler, which linking Rust needs too.
pub(super) fn absent() -> bool {
    static ABSENT: OnceLock<bool> = OnceLock::new();
    *ABSENT.get_or_init(|| {
        let mut compiler = Command::new("cc");
        compiler
            .arg("--version")
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let works = compiler.status().is_ok_and(|status| status.success());
        !(cfg!(all(target_os = "linux", target_env = "gnu")) && works)
    })
}

fn library() -> &'static Path {
    static LIBRARY: OnceLock<PathBuf> = OnceLock::new();
    LIBRARY.get_or_init(|| {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/outside/machine.c");
        let library = world::folder("machine").join("machine.so");
        let output = Command::new("cc")
            .args(["-std=gnu11", "-O1", "-shared", "-fPIC", "-o"])
            .arg(&library)
            .arg(source)
            .arg("-ldl")
            .output()
            .expect("the compiler starts");
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        library
    })
}

/// Writes every call below a folder into a log.
pub(super) fn counting(command: &mut Command, root: &Path, log: &Path) {
    command
        .env("LD_PRELOAD", library())
        .env("MACHINE_ROOT", root)
        .env("MACHINE_LOG", log);
}

/// How many calls of each kind are in a log; none where there is no log.
pub(super) fn counted(log: &Path) -> BTreeMap<String, usize> {
    let mut calls = BTreeMap::new();
    for line in std::fs::read_to_string(log).unwrap_or_default().lines() {
        let kind = line.split(' ').next().unwrap_or_default();
        *calls.entry(kind.to_owned()).or_default() += 1;
    }
    calls
}

/// Waits until a call of a kind is in a log.
pub(super) fn until_counted(log: &Path, kind: &str) {
    let begun = Instant::now();
    while !counted(log).contains_key(kind) {
        assert!(
            begun.elapsed() < Duration::from_secs(50),
            "it never came there"
        );
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Lets this happen below a folder.
pub(super) fn fail(command: &mut Command, root: &Path, fate: Fate) {
    command
        .env("LD_PRELOAD", library())
        .env("MACHINE_ROOT", root)
        .env("MACHINE_KIND", fate.kind)
        .env("MACHINE_AT", fate.at.to_string())
        .env("MACHINE_DOES", fate.does);
}

/// Holds the process up before a call below a folder, until a file is there.
pub(super) fn wait(command: &mut Command, root: &Path, kind: &'static str, until: &Path) {
    let does = "wait";
    fail(command, root, Fate { kind, at: 1, does });
    command.env("MACHINE_UNTIL", until);
}

/// Shows a time of day that is wrong by so many seconds, and jumps by more of them after the first look at it.
pub(super) fn clock(command: &mut Command, offset: i64, jump: i64) {
    command
        .env("LD_PRELOAD", library())
        .env("MACHINE_CLOCK", offset.to_string())
        .env("MACHINE_JUMP", jump.to_string());
}
