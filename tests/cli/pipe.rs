//! A reader that has had enough, and an interrupt.

use std::io::Read;
use std::process::{Command, Stdio};

use super::made::warehouse;

fn started(folder: &std::path::Path, query: &str) -> std::process::Child {
    let esf = assert_cmd::cargo::cargo_bin("esf");
    let mut command = Command::new(esf);
    command.current_dir(folder).args(["sql", query]);
    command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

#[test]
fn a_closed_pipe_is_no_fault() {
    let (folder, _) = warehouse();
    let mut child = started(
        folder.path(),
        "SELECT value FROM generate_series(1, 5000000)",
    );
    let mut first = [0; 10];
    child.stdout.take().unwrap().read_exact(&mut first).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(
        (
            output.status.code(),
            String::from_utf8_lossy(&output.stderr).as_ref()
        ),
        (Some(0), "")
    );
}

#[cfg(unix)]
#[test]
fn signals_end_with_their_codes() {
    let (folder, _) = warehouse();
    for (signal, code) in [("-INT", 130), ("-TERM", 143)] {
        let mut child = started(
            folder.path(),
            "SELECT count(*) FROM generate_series(1, 100000000000)",
        );
        std::thread::sleep(std::time::Duration::from_millis(700));
        assert!(
            Command::new("kill")
                .args([signal, &child.id().to_string()])
                .status()
                .unwrap()
                .success()
        );
        assert_eq!(child.wait().unwrap().code(), Some(code), "{signal}");
    }
}
