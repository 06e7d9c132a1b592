//! kill -9 before each call that changes a file of the warehouse, after half of a write, and right after publication.
//!
//! Objects and folders appear by a few kinds of calls. A night is killed before each of these, also where not every place is
//! tried: what a kill leaves for others to see between two of them is what it leaves before the second.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

use libtest_mimic::Trial;

use super::machine::{self, Fate};
use super::night::{Prepared, prepared, remove};
use super::warehouse::{Warehouse, seen, started_by};
use super::{all, look, none, places};
use crate::trial;

/// What the process does to files; each kind has a test of its own, so that they run side by side.
const KINDS: [&str; 7] = [
    "create", "write", "sync", "rename", "link", "mkdir", "remove",
];

/// Those of them by which something appears.
const SHOWN_BY: [&str; 3] = ["rename", "link", "mkdir"];

/// How many calls of the other kinds are tried where not all are.
const SAMPLE: usize = 2;

/// How long children may take to notice that their parent is gone.
const GRACE: Duration = Duration::from_secs(5);

pub(super) fn trials() -> Vec<Trial> {
    let mut trials: Vec<Trial> = KINDS
        .map(|kind| {
            trial(format!("fault::kill_before_{kind}"), move || {
                each(kind, "kill");
            })
        })
        .into();
    trials.extend([
        trial("fault::kill_in_half_a_write", || each("write", "torn")),
        trial("fault::kill_after_link", || each("link", "killed")),
        trial("fault::kill_leaves_nothing_for_long", swept),
        trial("fault::kill_leaves_every_release_its_run", recorded),
    ]);
    let absent = machine::absent();
    let mut trials: Vec<Trial> = (trials.into_iter())
        .map(|trial| trial.with_ignored_flag(absent))
        .collect();
    let untraced = absent || !traces();
    trials.push(trial("fault::no_write_escapes_the_machine", escapes).with_ignored_flag(untraced));
    trials
}

/// Cuts the night short at calls of a kind.
fn each(kind: &'static str, does: &'static str) {
    let night = prepared();
    let last = night.calls[kind];
    let most = if does == "kill" && SHOWN_BY.contains(&kind) {
        last
    } else {
        SAMPLE
    };
    let mut wrong = Vec::new();
    for at in places(last, most) {
        let fate = Fate { kind, at, does };
        if let Err(reason) = cut(night, fate) {
            wrong.push(format!("{fate:?}: {reason}"));
        }
    }
    none(&wrong);
    // A place that no night comes to, though by the turn of its threads one may make some calls more: it ends well.
    let beyond = Fate {
        kind,
        at: last + 100,
        does,
    };
    if all() {
        assert_eq!(cut(night, beyond), Ok(()));
    }
}

fn cut(night: &Prepared, fate: Fate) -> Result<(), String> {
    let Fate { kind, at, does } = fate;
    let warehouse = night.copy(&format!("{does}_{kind}_{at}"));
    let mut command = night.world.night(&warehouse);
    machine::fail(&mut command, warehouse.path(), fate);
    let done = seen(&command.output().expect("the command starts"));
    // Without a code a signal ended it; a night that makes fewer calls than the counted one ends well.
    if !matches!(done.code, None | Some(0)) {
        return Err(format!("it was not killed: {}", done.all()));
    }
    gone(&warehouse.folder)?;
    let was_new = night.recover_on_disk(&warehouse)?;
    if done.code == Some(0) && !was_new {
        return Err("it ended well and published nothing".to_owned());
    }
    remove(&warehouse.folder);
    Ok(())
}

/// Fails if processes that were started there outlive their parent.
fn gone(folder: &Path) -> Result<(), String> {
    let begun = Instant::now();
    loop {
        let left: Vec<String> = fs::read_dir("/proc")
            .unwrap()
            .flatten()
            .filter(|process| {
                fs::read_link(process.path().join("cwd")).is_ok_and(|cwd| cwd == folder)
            })
            .map(|process| {
                let words = fs::read(process.path().join("cmdline")).unwrap_or_default();
                String::from_utf8_lossy(&words).replace('\0', " ")
            })
            .collect();
        if left.is_empty() {
            return Ok(());
        }
        if begun.elapsed() > GRACE {
            return Err(format!("left over: {left:?}"));
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Temporary files of a killed run are taken away by a later one, as soon as no run can be using them any more.
fn swept() {
    let night = prepared();
    let warehouse = night.copy("swept");
    let mut command = night.world.night(&warehouse);
    let fate = Fate {
        kind: "write",
        at: 5,
        does: "kill",
    };
    machine::fail(&mut command, warehouse.path(), fate);
    assert_eq!(command.output().unwrap().status.code(), None);
    let left = warehouse.temporary();
    assert!(!left.is_empty(), "it was killed at work");
    night.world.undisturbed(&warehouse).unwrap();
    let young = warehouse.temporary();
    assert_eq!(young, left, "another run may be at work with young ones");
    let old = SystemTime::now() - Duration::from_hours(48);
    for file in young {
        let file = File::options().write(true).open(file).unwrap();
        file.set_modified(old).unwrap();
    }
    night.world.undisturbed(&warehouse).unwrap();
    assert!(warehouse.temporary().is_empty());
    remove(&warehouse.folder);
}

/// A run that is killed right after publication has left a record of itself: a release names its run.
fn recorded() {
    let night = prepared();
    let warehouse = night.copy("recorded");
    let mut command = night.world.night(&warehouse);
    let fate = Fate {
        kind: "link",
        at: 1,
        does: "killed",
    };
    machine::fail(&mut command, warehouse.path(), fate);
    assert_eq!(command.output().unwrap().status.code(), None);
    look::as_told(&warehouse).unwrap();
    assert_eq!(night.recover_on_disk(&warehouse), Ok(true));
    let document = fs::read(warehouse.path().join("releases/00000002.json")).unwrap();
    let document: serde_json::Value = serde_json::from_slice(&document).unwrap();
    let run = format!("runs/{}.json", document["run_id"].as_str().unwrap());
    assert!(warehouse.path().join(&run).is_file(), "there is no {run}");
    remove(&warehouse.folder);
}

/// Whether strace is there and may trace.
fn traces() -> bool {
    let mut probe = Command::new("strace");
    probe.args(["-o", "/dev/null", "true"]);
    probe.stdout(Stdio::null()).stderr(Stdio::null());
    probe.status().is_ok_and(|status| status.success())
}

/// The machine and strace count the same calls of one and the same night.
fn escapes() {
    const CALLS: &str = "openat,open,creat,write,pwrite64,writev,pwritev,pwritev2,copy_file_range,sendfile,fsync,\
        fdatasync,sync_file_range,truncate,ftruncate,fallocate,rename,renameat,renameat2,link,linkat,symlink,symlinkat,\
        mkdir,mkdirat,unlink,unlinkat,rmdir";
    let night = prepared();
    let warehouse = night.copy("escapes");
    let (log, trace) = (warehouse.folder.join("log"), warehouse.folder.join("trace"));
    let mut plain = night.world.night(&warehouse);
    machine::counting(&mut plain, warehouse.path(), &log);
    let mut strace = Command::new("strace");
    strace.args(["-f", "-y", "-s", "0", "-e", "signal=none", "-e"]);
    strace.arg(format!("trace={CALLS}")).arg("-o").arg(&trace);
    let traced = started_by(strace, &plain).output();
    seen(&traced.expect("strace starts")).expect(0);
    let counted: usize = machine::counted(&log).values().sum();
    let trace = fs::read_to_string(&trace).unwrap();
    let found = changes(&trace, &warehouse);
    assert_eq!(found.len(), counted, "{}", found.join("\n"));
    assert!(counted > 20);
    remove(&warehouse.folder);
}

/// The lines of a trace in which a call changes files of a warehouse. A call that another thread interrupts has its
/// arguments in its first line, which is the one that counts.
fn changes<'a>(trace: &'a str, warehouse: &Warehouse) -> Vec<&'a str> {
    let root = &warehouse.location;
    let (by_name, by_file) = (format!("\"{root}"), format!("<{root}"));
    let is_change = |line: &&str| {
        let Some((call, arguments)) = line.split_once('(') else {
            return false;
        };
        match call.split_whitespace().last().unwrap_or_default() {
            "openat" | "open" => arguments.contains(&by_name) && arguments.contains("O_CREAT"),
            "write" | "pwrite64" | "writev" | "pwritev" | "pwritev2" | "sendfile" | "fsync"
            | "fdatasync" | "sync_file_range" | "ftruncate" | "fallocate" => arguments
                .trim_start_matches(|c: char| c.is_ascii_digit())
                .starts_with(&by_file),
            "copy_file_range" => arguments.contains(&by_file),
            _ => arguments.contains(&by_name),
        }
    };
    trace.lines().filter(is_change).collect()
}
