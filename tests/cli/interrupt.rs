//! A run that a signal ends is recorded, also one that is no night.

use std::fs;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::list::{declare, over, publish};
use super::seen;

/// How long the command may take to begin its work.
const LONGEST: Duration = Duration::from_mins(1);

#[test]
fn an_ingest_that_a_signal_ends_has_a_record() {
    ended_by("-TERM");
}

/// A terminal that is closed. Under `nohup` the signal is ignored, here as by the command.
#[test]
fn one_whose_terminal_is_closed_has_a_record_too() {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|set| u64::from_str_radix(set.trim(), 16).ok());
    if ignored.is_some_and(|set| set & 1 == 0) {
        ended_by("-HUP");
    }
}

/// Begins an ingest, sends it this signal, and looks at its record.
fn ended_by(signal: &str) {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path();
    declare(folder, "a");
    publish(folder, "a", "2020-01-01", 5000, 1000);
    let mut ingest = Command::new(env!("CARGO_BIN_EXE_esf"));
    ingest
        .current_dir(folder)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .args(over("ingest", "mirror", &[]))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let child = ingest.spawn().unwrap();
    // Once it has kept something it is at work, and far from its end.
    let raw = folder.join("w/raw");
    let begun = Instant::now();
    while fs::read_dir(&raw).map_or(0, Iterator::count) == 0 {
        assert!(begun.elapsed() < LONGEST, "it did not begin");
        sleep(Duration::from_millis(1));
    }
    let sent = Command::new("kill")
        .args([signal, &child.id().to_string()])
        .status();
    assert!(sent.unwrap().success());
    let (code, out, err) = seen(&child.wait_with_output().unwrap());
    assert_eq!(code, 143, "{out}{err}");
    assert!(
        err.contains("the run was interrupted by a signal"),
        "{out}{err}"
    );
    let records: Vec<_> = fs::read_dir(folder.join("w/runs")).unwrap().collect();
    assert_eq!(records.len(), 1, "{records:?}");
    let path = records[0].as_ref().unwrap().path();
    let record: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    assert_eq!(
        (record["outcome"].as_str(), record["exit_code"].as_u64()),
        (Some("failed"), Some(143))
    );
    assert_eq!(record["date"], Value::Null, "it is no night");
}
