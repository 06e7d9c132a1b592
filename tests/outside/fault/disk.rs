//! A full disk, made up at any write and real, and a limit on the size of files: the message says where and why, and
//! room is all that the next night needs.

use std::fs;
use std::process::{Command, Stdio};

use libtest_mimic::Trial;

use super::machine::{self, Fate};
use super::night::{Prepared, prepared, remove};
use super::warehouse::{Warehouse, seen, started_by};
use super::{none, places};
use crate::command::Seen;
use crate::trial;

/// How many calls are tried where not all are.
const SAMPLE: usize = 6;

/// KiB that are free when the night begins; the whole night needs more than the largest.
const ROOM: [u32; 3] = [4, 60, 120];

/// What a file may hold, in blocks of 512 bytes: less than some tables, and less than the release alone.
const BLOCKS: [u32; 2] = [20, 100];

pub(super) fn trials() -> Vec<Trial> {
    let absent = machine::absent();
    vec![
        trial("fault::disk_full_from_any_call", || each("any", "full")).with_ignored_flag(absent),
        trial("fault::disk_full_in_half_a_write", || {
            each("write", "halffull");
        })
        .with_ignored_flag(absent),
        trial("fault::disk_really_full", really_full).with_ignored_flag(!mounts()),
        trial("fault::file_size_limit", limited).with_ignored_flag(cfg!(not(unix))),
    ]
}

fn each(kind: &'static str, does: &'static str) {
    let night = prepared();
    let last = match kind {
        "any" => night.calls.values().sum(),
        _ => night.calls[kind],
    };
    let mut wrong = Vec::new();
    for at in places(last, SAMPLE) {
        let fate = Fate { kind, at, does };
        if let Err(reason) = filled(night, fate) {
            wrong.push(format!("{fate:?}: {reason}"));
        }
    }
    none(&wrong);
}

fn filled(night: &Prepared, fate: Fate) -> Result<(), String> {
    let warehouse = night.copy(&format!("{}_{}_{}", fate.does, fate.kind, fate.at));
    let mut command = night.world.night(&warehouse);
    machine::fail(&mut command, warehouse.path(), fate);
    let done = seen(&command.output().expect("the command starts"));
    refused(night, &warehouse, &done, "No space left on device")
}

/// A night that could not write: it said where and why, told no untruth about publication, and left no rubbish.
fn refused(
    night: &Prepared,
    warehouse: &Warehouse,
    done: &Seen,
    cause: &str,
) -> Result<(), String> {
    if !matches!(done.code, Some(0 | 1)) {
        return Err(format!("it ended with {:?}: {}", done.code, done.all()));
    }
    let failed = done.code == Some(1);
    for words in [cause, warehouse.location.as_str()] {
        if failed && !done.stderr.contains(words) {
            return Err(format!("{words:?} is not in: {}", done.stderr));
        }
    }
    let left = warehouse.temporary();
    if !left.is_empty() {
        return Err(format!("left over: {left:?}"));
    }
    let was_new = night.recover_on_disk(warehouse)?;
    if was_new && done.stderr.contains("nothing was published") {
        return Err(format!("it was published all the same: {}", done.stderr));
    }
    if !failed && !was_new {
        return Err("it ended well and published nothing".to_owned());
    }
    remove(&warehouse.folder);
    Ok(())
}

/// A shell in which folders can be mounted, seen by nobody else.
fn shell(script: &str) -> Command {
    let mut command = Command::new("unshare");
    command.args(["--mount", "--map-root-user", "sh", "-euc", script, "sh"]);
    command
}

fn mounts() -> bool {
    let mut probe = shell("mount -t tmpfs tmpfs /mnt");
    probe.stdout(Stdio::null()).stderr(Stdio::null());
    probe.status().is_ok_and(|status| status.success())
}

/// A disk with little room: the night, what it left, more room, the night again.
fn really_full() {
    // $1 is where the disk is mounted, $2 the warehouse of the evening, $3 the free KiB, $4 where the warehouse is copied
    // to after the first night; the rest is the command.
    const SCRIPT: &str = r#"
        place=$1 evening=$2 room=$3 after=$4; shift 4
        mount -t tmpfs -o size=64m tmpfs "$place"
        cp -r "$evening" "$place/warehouse"
        used=$(df -k --output=used "$place" | tail -n 1)
        mount -o remount,size=$((used + room))k "$place"
        code=0; "$@" || code=$?
        cp -r "$place/warehouse" "$after"
        exit $code
    "#;
    let night = prepared();
    let mut wrong = Vec::new();
    for room in ROOM {
        let folder = night.world.place(&format!("room_{room}"));
        let place = folder.join("disk");
        fs::create_dir_all(&place).unwrap();
        let small = Warehouse::on_disk(&place);
        let after = Warehouse::on_disk(&folder);
        let command = night.world.night(&small);
        let mut full = shell(SCRIPT);
        full.args([place.as_path(), night.base.as_path()]);
        full.arg(room.to_string()).arg(after.path());
        let done = seen(
            &started_by(full, &command)
                .output()
                .expect("the shell starts"),
        );
        let said = done.stderr.replace(&small.location, &after.location);
        let done = Seen {
            stderr: said,
            ..done
        };
        if done.code == Some(0) {
            wrong.push(format!("{room} KiB were enough"));
        } else if let Err(reason) = refused(night, &after, &done, "No space left on device") {
            wrong.push(format!("{room} KiB: {reason}"));
        }
    }
    none(&wrong);
}

/// Files may not grow beyond a limit of the system, as `LimitFSIZE=` of systemd sets it.
fn limited() {
    let night = prepared();
    let mut wrong = Vec::new();
    for blocks in BLOCKS {
        let warehouse = night.copy(&format!("blocks_{blocks}"));
        let command = night.world.night(&warehouse);
        let mut limited = Command::new("sh");
        limited.args(["-c", r#"ulimit -f "$1"; shift; exec "$@""#, "sh"]);
        limited.arg(blocks.to_string());
        let limited = started_by(limited, &command).output();
        let done = seen(&limited.expect("the shell starts"));
        if done.code == Some(0) {
            wrong.push(format!("{blocks} blocks were enough"));
        } else if let Err(reason) = refused(night, &warehouse, &done, "File too large") {
            wrong.push(format!("{blocks} blocks: {reason}"));
        }
    }
    none(&wrong);
}
