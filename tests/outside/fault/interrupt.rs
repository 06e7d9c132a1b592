//! A night that a signal interrupts: the release before stays, the run has a record and is told in a report, and it runs
//! again without repair.

use std::fs;
use std::process::{Command, Stdio};

use libtest_mimic::Trial;

use super::night::{prepared, remove};
use super::warehouse::{Warehouse, seen};
use super::{look, machine};
use crate::trial;

pub(super) fn trials() -> Vec<Trial> {
    let absent = machine::absent();
    [("INT", 130), ("TERM", 143)]
        .into_iter()
        .map(|(signal, code)| {
            let name = format!("fault::interrupted_by_{signal}");
            trial(name, move || interrupted(signal, code)).with_ignored_flag(absent)
        })
        .collect()
}

/// The night is held up in the middle of its publication, which never takes place.
fn interrupted(signal: &str, code: i32) {
    let night = prepared();
    let warehouse = night.copy(&format!("interrupted_{code}"));
    let (log, never) = (warehouse.folder.join("log"), warehouse.folder.join("never"));
    let mut command = night.world.night(&warehouse);
    command.args(["--report", "out"]).env("MACHINE_LOG", &log);
    machine::wait(&mut command, warehouse.path(), "link", &never);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().expect("the command starts");
    machine::until_counted(&log, "link");
    let sent = Command::new("kill")
        .args([&format!("-{signal}"), &child.id().to_string()])
        .status();
    assert!(sent.expect("kill starts").success());
    let done = seen(&child.wait_with_output().expect("it ends")).expect(code);
    let said = "the run was interrupted by a signal";
    assert!(done.stderr.contains(said), "{}", done.stderr);
    told(&warehouse, code, said);
    look::as_told(&warehouse).unwrap();
    assert_eq!(night.recover_on_disk(&warehouse), Ok(false));
    remove(&warehouse.folder);
}

/// The record of the newest run and the report say how it ended.
fn told(warehouse: &Warehouse, code: i32, said: &str) {
    let runs = fs::read_dir(warehouse.path().join("runs")).unwrap();
    let newest = runs.map(|run| run.unwrap().path()).max().unwrap();
    for path in [newest, warehouse.folder.join("out/report.json")] {
        let report: serde_json::Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
        assert_eq!(report["outcome"], "failed");
        assert_eq!(report["exit_code"], code);
        assert!(report["date"].is_string(), "{report}");
        assert!(
            report["message"].as_str().unwrap().contains(said),
            "{report}"
        );
    }
}
