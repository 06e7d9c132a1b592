//! A run that a signal ends is recorded, also one that is no night, and takes with it what it had fetched.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::list::{declaration, declare, over, publish, rewrite};
use super::{files, seen};

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

/// In the folder of the system for temporary files as long as there is no warehouse, and then in the warehouse.
#[test]
fn what_a_night_has_fetched_is_nobody_elses_and_goes_with_it() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path();
    let url = serve();
    for name in ["a", "b"] {
        declare(folder, name);
        rewrite(&declaration(folder, name, "source.toml"), |declared| {
            declared + &format!("[fetch]\nurl = \"{url}/{name}.csv\"\n")
        });
    }
    for waits in ["temporary", "w/.tmp"] {
        // The first run finds no warehouse and, interrupted, makes none.
        fs::create_dir_all(folder.join(waits)).unwrap();
        let mut night = Command::new(env!("CARGO_BIN_EXE_esf"));
        night
            .current_dir(folder)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("TMPDIR", folder.join("temporary"))
            .args(["nightly", "--warehouse", "w", "--sources", "sources"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let child = night.spawn().unwrap();
        let begun = Instant::now();
        let mut waiting = fetched(&folder.join(waits));
        while waiting.len() < 2 {
            assert!(begun.elapsed() < LONGEST, "{waits}: {waiting:?}");
            sleep(Duration::from_millis(5));
            waiting = fetched(&folder.join(waits));
        }
        for file in &waiting {
            let mode = fs::metadata(file).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{}", file.display());
        }
        let sent = Command::new("kill")
            .args(["-TERM", &child.id().to_string()])
            .status();
        assert!(sent.unwrap().success());
        let (code, out, err) = seen(&child.wait_with_output().unwrap());
        assert_eq!(code, 143, "{out}{err}");
        for place in ["temporary", "w/.tmp"] {
            let left = files(&folder.join(place));
            assert!(left.is_empty(), "{place}: {left:?}");
        }
    }
}

/// Files in a folder that hold something.
fn fetched(folder: &Path) -> Vec<PathBuf> {
    let found = fs::read_dir(folder).into_iter().flatten().flatten();
    let found = found.map(|entry| entry.path());
    let holds = |path: &PathBuf| fs::metadata(path).is_ok_and(|found| found.len() > 0);
    found.filter(holds).collect()
}

/// A server that gives one file whole, and of the other all but the last byte.
fn serve() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let mut open = Vec::new();
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut request = [0; 4096];
            let read = stream.read(&mut request).unwrap_or(0);
            let is_whole = request[..read].starts_with(b"GET /a.csv");
            let body = b"a;b\n".repeat(50_000);
            let announced = body.len() + usize::from(!is_whole);
            let head = format!(
                "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {announced}\r\n\r\n"
            );
            let written = stream.write_all(head.as_bytes());
            // A client that was ended is gone.
            let _ = written.and_then(|()| stream.write_all(&body));
            open.push(stream);
        }
    });
    url
}
