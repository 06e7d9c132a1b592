//! The shared lists and pages, read at run time; nothing of them is kept here.
//!
//! Set `ESF_SHARED` to their folder if they are not beside the workspace. Without them the tests say so and pass.

use std::{collections::BTreeSet, fs, path::PathBuf};

use super::super::{is_natural_person, scrub};

/// Shares of distinct beneficiaries that are natural persons, by list: bounds around what a reading of 960 random
/// names (330 taken as persons, 630 of the others without a legal form) found right to 2-3 % either way.
const SHARES: [(&str, f64, f64); 11] = [
    ("de_be_esf_2007-2013.json", 0.03, 0.06),
    ("de_be_esf_2014-2020.csv", 0.0, 0.03),
    ("de_bw_esf_2014-2020.csv", 0.14, 0.22),
    ("de_by_esf_2007-2013.csv", 0.45, 0.56),
    ("de_he_esf_2007-2013.csv", 0.005, 0.03),
    ("de_hh_esf_2007-2013.csv", 0.0, 0.0),
    ("de_mv_esf_2014-2020.csv", 0.13, 0.19),
    ("de_nw_esf_2007-2013.csv", 0.15, 0.21),
    ("de_sn_esf_2014-2020_utf8.csv", 0.43, 0.48),
    ("de_bb_esf_2014-2020.json", 0.26, 0.32),
    ("se_erdf_2014-2020_projektbank_redacted.json", 0.0, 0.01),
];

fn shared(part: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("ESF_SHARED").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
        PathBuf::from,
    );
    let path = [
        folder.join(part),
        PathBuf::from(env!("CARGO_MANIFEST_DIR"))
            .join("../../shared")
            .join(part),
    ]
    .into_iter()
    .find(|path| path.exists());
    if path.is_none() {
        eprintln!("skipped: {part} is not there; set ESF_SHARED to the folder of the shared files");
    }
    path
}

/// Records of a comma-separated text with quotes.
fn records(text: &str) -> Vec<Vec<String>> {
    let (mut records, mut record, mut cell, mut quoted) =
        (Vec::new(), Vec::new(), String::new(), false);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match (c, quoted) {
            ('"', true) if chars.peek() == Some(&'"') => cell.extend(chars.next()),
            ('"', _) => quoted = !quoted,
            (',', false) => record.push(std::mem::take(&mut cell)),
            ('\n', false) => {
                record.push(std::mem::take(&mut cell));
                records.push(std::mem::take(&mut record));
            }
            _ => cell.push(c),
        }
    }
    records
}

fn is_beneficiary(label: &str) -> bool {
    [
        "begünstigten",
        "beneficiary",
        "zuwendungsempfänger",
        "stödmottagare",
    ]
    .iter()
    .any(|word| label.to_lowercase().contains(word))
        && !label.to_lowercase().contains("plz")
}

/// Distinct beneficiaries of a list.
fn beneficiaries(path: &PathBuf) -> BTreeSet<String> {
    let text = fs::read_to_string(path).unwrap();
    if path.extension().is_some_and(|end| end == "json") {
        let rows: Vec<serde_json::Map<String, serde_json::Value>> =
            serde_json::from_str(&text).unwrap();
        return rows
            .iter()
            .flat_map(|row| {
                row.iter()
                    .filter(|(key, _)| is_beneficiary(key))
                    .filter_map(|(_, value)| value.as_str().map(str::to_owned))
            })
            .collect();
    }
    let records = records(&text);
    let column = records[0]
        .iter()
        .position(|label| is_beneficiary(label))
        .unwrap();
    records[1..]
        .iter()
        .filter_map(|record| record.get(column).cloned())
        .collect()
}

#[test]
fn the_share_of_natural_persons_in_each_list_is_as_read() {
    let Some(folder) = shared("data/beneficiaries") else {
        return;
    };
    for (file, least, most) in SHARES {
        let names = beneficiaries(&folder.join(file));
        let persons = names
            .iter()
            .filter(|name| is_natural_person(name).is_some())
            .count();
        let share = persons as f64 / names.len() as f64;
        println!(
            "{file}: {persons} of {} beneficiaries are natural persons ({:.1} %)",
            names.len(),
            100.0 * share
        );
        assert!((least..=most).contains(&share), "{file}: {share}");
    }
}

#[test]
fn nobody_of_the_contact_blocks_of_the_pages_is_left() {
    let Some(folder) = shared("pages") else {
        return;
    };
    let mut looked_for = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let page = fs::read_to_string(entry.unwrap().path()).unwrap();
        let scrubbed = scrub(&page);
        let mut gone: BTreeSet<String> = page
            .split_whitespace()
            .filter(|word| word.contains('@'))
            .map(str::to_owned)
            .collect();
        let lines: Vec<&str> = page.lines().map(str::trim).collect();
        for (at, line) in lines.iter().enumerate() {
            let label = line.to_lowercase();
            if label.starts_with("ansprechpartner") || label.starts_with("kontaktperson") {
                gone.extend(
                    lines
                        .get(at + 1)
                        .into_iter()
                        .flat_map(|name| name.split(' '))
                        .map(str::to_owned),
                );
            }
            for label in ["Tel.:", "Foto:"] {
                if let Some((_, value)) = line.split_once(label) {
                    gone.extend(value.split_whitespace().map(str::to_owned));
                }
            }
            // Persons named before their office in brackets.
            for (before, _) in line.match_indices(" (") {
                let name: Vec<&str> = line[..before].rsplit([' ', '.', ',']).take(2).collect();
                if line[before..]
                    .split(')')
                    .next()
                    .is_some_and(|office| office.contains("Geschäftsführer"))
                {
                    gone.extend(name.iter().map(|&part| part.to_owned()));
                }
            }
        }
        for part in gone.iter().filter(|part| part.chars().count() > 3) {
            looked_for += 1;
            assert!(
                !scrubbed.contains(part.as_str()),
                "a part of a contact is left ({} characters)",
                part.len()
            );
        }
    }
    assert!(looked_for >= 10, "the pages hold contact blocks");
}

#[test]
fn no_cell_of_a_list_without_a_contact_is_cut() {
    // Amounts, dates, numbers of projects and summaries: only named persons may be cut, which is less than 1 of 100.
    let Some(folder) = shared("data/beneficiaries") else {
        return;
    };
    let text = fs::read_to_string(folder.join("de_sn_esf_2014-2020_utf8.csv")).unwrap();
    let (mut cells, mut cut) = (0, 0);
    for record in &records(&text)[1..] {
        for cell in &record[1..] {
            cells += 1;
            cut += usize::from(scrub(cell) != cell.as_str());
        }
    }
    println!("{cut} of {cells} cells were cut");
    assert!(cut * 1000 < cells);
}
