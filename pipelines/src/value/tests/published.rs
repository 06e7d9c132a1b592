//! The published lists, where they are at hand: convention and sum of every amount column come out as recorded.

use std::fs;
use std::io::Write;
use std::path::PathBuf;

use super::super::*;

fn shared() -> Option<PathBuf> {
    let named = std::env::var_os("ESF_SHARED").map(PathBuf::from);
    let folder =
        named.unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared"));
    folder.join("data/TRUTH.csv").is_file().then_some(folder)
}

/// The records of a delimited text, good enough for a test.
fn records(text: &str, delimiter: u8) -> Vec<Vec<String>> {
    let mut reader = csv_core::ReaderBuilder::new().delimiter(delimiter).build();
    let (mut input, mut records) = (text.as_bytes(), Vec::new());
    let (mut fields, mut ends) = (vec![0; 1 << 20], vec![0; 1 << 10]);
    loop {
        let (result, read, _, count) = reader.read_record(input, &mut fields, &mut ends);
        input = &input[read..];
        match result {
            csv_core::ReadRecordResult::End => return records,
            csv_core::ReadRecordResult::Record => {
                let start = |n: usize| if n == 0 { 0 } else { ends[n - 1] };
                records.push(
                    (0..count)
                        .map(|n| String::from_utf8_lossy(&fields[start(n)..ends[n]]).into_owned())
                        .collect(),
                );
            }
            _ if input.is_empty() => {}
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn recorded_sums_come_out() {
    let Some(folder) = shared() else {
        // Written past the test harness, which would swallow it.
        let _ = writeln!(
            std::io::stderr(),
            "skipped: no published lists at ../shared (or ESF_SHARED)"
        );
        return;
    };
    let truth = records(
        &fs::read_to_string(folder.join("data/TRUTH.csv")).unwrap(),
        b',',
    );
    let mut checked = 0;
    for line in &truth[1..] {
        let path = folder.join("data").join(&line[0]);
        let columns: Option<Vec<usize>> = line[3].split('|').map(|c| c.parse().ok()).collect();
        let (Some(columns), Some("csv")) = (columns, path.extension().and_then(|e| e.to_str()))
        else {
            continue;
        };
        let bytes = fs::read(&path).unwrap();
        let text = match std::str::from_utf8(&bytes) {
            Ok(text) => text.trim_start_matches('\u{feff}').to_owned(),
            Err(_) => encoding_rs::WINDOWS_1252.decode(&bytes).0.into_owned(),
        };
        let head = text.lines().next().unwrap_or_default();
        let delimiter = if head.matches(';').count() > head.matches(',').count() {
            b';'
        } else {
            b','
        };
        let rows = &records(&text, delimiter)[1..];
        for (column, expected) in columns.iter().zip(line[5].split('|')) {
            let values = || {
                rows.iter()
                    .filter_map(|row| row.get(*column))
                    .map(String::as_str)
            };
            let Inference::Certain(convention) = infer_numbers(values()).outcome else {
                panic!(
                    "column {column} of {}: {:?}",
                    line[0],
                    infer_numbers(values()).outcome
                )
            };
            let sum: i128 = values()
                .filter_map(|v| parse_amount(v, convention).unwrap())
                .map(|a| a.value)
                .sum();
            assert_eq!(
                format!("{}.{:02}", sum / 100, sum % 100),
                expected,
                "column {column} of {}",
                line[0]
            );
            checked += 1;
        }
    }
    assert!(checked > 10, "only {checked} columns checked");
    eprintln!("{checked} amount columns agree with their recorded sums");
}
