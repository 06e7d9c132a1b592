//! Two nights at once on one warehouse: one publishes, the other says which release and whose run was first.

use std::fs;
use std::process::{Child, Stdio};

use libtest_mimic::Trial;

use super::machine;
use super::night::{Prepared, prepared, remove};
use super::warehouse::{Warehouse, seen};
use crate::command::Seen;
use crate::trial;

/// Another run was first.
const OVERTAKEN: i32 = 75;

pub(super) fn trials() -> Vec<Trial> {
    let absent = machine::absent();
    vec![
        trial("fault::twice_overtaken_before_publication", || {
            overtaken("link");
        })
        .with_ignored_flag(absent),
        trial("fault::twice_overtaken_at_work", || overtaken("create")).with_ignored_flag(absent),
        trial("fault::twice_side_by_side", side_by_side),
    ]
}

/// One night is held up before a call of this kind until another has published.
fn overtaken(kind: &'static str) {
    let night = prepared();
    let warehouse = night.copy(&format!("twice_{kind}"));
    let released = warehouse.folder.join("go on");
    let mut slow = night.world.night(&warehouse);
    machine::wait(&mut slow, warehouse.path(), kind, &released);
    let log = warehouse.folder.join("log");
    slow.env("MACHINE_LOG", &log);
    let slow = (slow.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()).expect("it starts");
    machine::until_counted(&log, kind);
    let first = seen(&night.world.night(&warehouse).output().unwrap()).expect(0);
    assert!(
        first.all().contains("published release 2"),
        "{}",
        first.all()
    );
    fs::write(&released, "").unwrap();
    let second = end(slow);
    if kind == "create" {
        // It finds at the end that what it made is there already.
        let second = second.expect(0);
        assert!(
            second.all().contains("nothing has changed since release 2"),
            "{}",
            second.all()
        );
    } else {
        named(&warehouse, &second.expect(OVERTAKEN));
    }
    assert_eq!(night.recover_on_disk(&warehouse), Ok(true));
    remove(&warehouse.folder);
}

/// The message names the release that was first and the run that published it.
fn named(warehouse: &Warehouse, second: &Seen) {
    let document = fs::read(warehouse.path().join("releases/00000002.json")).unwrap();
    let document: serde_json::Value = serde_json::from_slice(&document).unwrap();
    for words in ["release 2", document["run_id"].as_str().unwrap()] {
        assert!(
            second.stderr.contains(words),
            "{words:?}: {}",
            second.stderr
        );
    }
}

fn side_by_side() {
    let night = prepared();
    for round in 0..3 {
        let warehouse = night.copy(&format!("twice_{round}"));
        let said = both(night, &warehouse);
        assert_eq!(night.recover_on_disk(&warehouse), Ok(true), "{said}");
        remove(&warehouse.folder);
    }
}

/// Two nights started in the same moment, however they then overlap: one publishes. Gives what they said.
pub(super) fn both(night: &Prepared, warehouse: &Warehouse) -> String {
    let started = [(); 2].map(|()| {
        let mut command = night.world.night(warehouse);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().expect("the command starts")
    });
    let ended = started.map(end);
    let count = |is_such: fn(&Seen) -> bool| ended.iter().filter(|one| is_such(one)).count();
    let published = count(|one| one.code == Some(0) && one.all().contains("published release 2"));
    let behind = count(|one| match one.code {
        Some(0) => one.all().contains("nothing has changed since release 2"),
        Some(OVERTAKEN) => one.stderr.contains("release 2"),
        _ => false,
    });
    let said = ended.map(|one| one.all()).join("\n");
    assert_eq!((published, behind), (1, 1), "{said}");
    said
}

fn end(process: Child) -> Seen {
    seen(&process.wait_with_output().expect("it ends"))
}
