//! What a log of JSON lines has of a run: every remark, the end, and a failure, with nothing else between them.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::list::{over, publish, publish_text, published, spoil};
use super::run;

/// Runs the command with a log of JSON lines; gives its exit code, standard output, and the lines.
#[track_caller]
fn logged(folder: &Path, arguments: &[&str]) -> (i32, String, Vec<Value>) {
    let all = [arguments, &["--log-format", "json"]].concat();
    let (code, out, err) = run(folder, &all);
    let parse = |line| serde_json::from_str(line).unwrap_or_else(|_| panic!("no JSON: {err}"));
    (code, out, err.lines().map(parse).collect())
}

fn is(event: &Value, level: &str, code: &str) -> bool {
    event["level"] == level && event["fields"]["code"] == code
}

#[test]
fn every_remark_and_the_end_are_lines_with_one_run() {
    let temporary = published(&["a", "b"]);
    let folder = temporary.path();
    spoil(folder, "a", "2020-01-01");
    publish_text(folder, "b", "2020-01-01", "no list\n");
    fs::write(folder.join("mirror/notes.txt"), "of nobody").unwrap();
    let night = over("nightly", "mirror", &[]);
    let (code, out, events) = logged(folder, &night);
    assert_eq!(code, 4, "{out}");
    assert!(out.contains("published release 1 in "), "{out}");
    let find = |level: &str, code: &str| {
        let found = events.iter().find(|event| is(event, level, code));
        found.unwrap_or_else(|| panic!("no {code}: {events:?}"))
    };
    assert_eq!(
        find("WARN", "rows-quarantined")["fields"]["source"],
        "de_xx_a"
    );
    let unclaimed = &find("INFO", "files-unclaimed")["fields"];
    assert_eq!(unclaimed["source"], Value::Null);
    let left_out = events
        .iter()
        .find(|event| event["fields"]["source"] == "de_xx_b");
    assert_eq!(left_out.unwrap()["level"], "WARN");
    let end = events.last().unwrap();
    assert_eq!(end["level"], "WARN");
    let fields = &end["fields"];
    assert_eq!(fields["exit_code"], 4);
    assert_eq!(fields["outcome"], "published");
    assert_eq!(fields["release"], 1);
    let run_id = fields["run_id"].as_str().unwrap();
    for event in &events {
        assert_eq!(event["span"]["run_id"], run_id, "{event}");
    }

    // Whoever wants quiet is told what makes the exit code.
    let (code, out, events) = logged(folder, &[&night[..], &["--quiet"]].concat());
    assert_eq!((code, out.as_str()), (4, ""));
    assert!(
        events.iter().all(|event| event["level"] == "WARN"),
        "{events:?}"
    );
    assert!(
        events
            .iter()
            .any(|event| is(event, "WARN", "rows-quarantined"))
    );
    assert_eq!(events.last().unwrap()["fields"]["exit_code"], 4);
}

#[test]
fn a_night_that_ends_well_says_so() {
    let temporary = published(&["a"]);
    let folder = temporary.path();
    let (code, _, events) = logged(folder, &over("nightly", "mirror", &[]));
    assert_eq!(code, 0);
    let end = events.last().unwrap();
    assert_eq!(end["level"], "INFO");
    assert_eq!(end["fields"]["exit_code"], 0);
    // Where somebody asks for other lines, a machine still reads nothing but JSON.
    publish(folder, "a", "2020-02-01", 41, 1000);
    let all = over("nightly", "mirror", &["--format", "csv"]);
    let (code, out, _) = logged(folder, &all);
    assert_eq!(code, 0);
    assert!(out.starts_with("source,"), "{out}");
}

#[test]
fn a_failure_is_a_line_whatever_is_asked_for() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path();
    let night = ["nightly", "--warehouse", "w", "--sources", "nowhere"];
    let (code, out, events) = logged(folder, &[&night[..], &["--quiet"]].concat());
    assert_eq!((code, out.as_str()), (2, ""));
    let [failure] = events.as_slice() else {
        panic!("{events:?}");
    };
    assert_eq!(failure["level"], "ERROR");
    let fields = &failure["fields"];
    assert_eq!(fields["exit_code"], 2);
    assert_eq!(fields["outcome"], "failed");
    assert!(fields["run_id"].is_string(), "{failure}");
    assert!(
        fields["message"].as_str().unwrap().contains("nowhere"),
        "{failure}"
    );

    // Of no run, and with a filter that is meant for something else.
    let mut command = super::esf(folder);
    command.args(["status", "--warehouse", "w", "--sources", "nowhere"]);
    command.env("ESF_LOG", "esf_pipelines=debug");
    command.env("ESF_LOG_FORMAT", "json");
    let (code, _, err) = super::seen(&command.output().unwrap());
    assert_eq!(code, 2, "{err}");
    let failure: Value = serde_json::from_str(err.lines().last().unwrap()).unwrap();
    assert_eq!(failure["level"], "ERROR");
    assert_eq!(failure["fields"]["outcome"], Value::Null);
}
