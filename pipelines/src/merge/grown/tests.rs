//! Lists that grow: their tables are those that all files give, with rows in the same order, and few files are read for them.

use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::compute::concat_batches;
use bytes::Bytes;

use super::*;
use crate::merge::made::{
    Dated, Numbers, Release, day, each_night, file, published, read_behind, references, rows,
    source, told, told_in_order, whole,
};
use crate::merge::published::PublishedFile;
use crate::merge::settled::TABLES;
use crate::merge::{TakenOver, prepare, put_behind};
use crate::source::Source;

/// Tables whose rows are written in the order in which they come.
const STREAMED: [&str; 6] = [
    "operation",
    "operation_amount",
    "operation_fund",
    "operation_region",
    "operation_organisation",
    "organisation_name",
];

/// What a release has of its files, each table in one piece.
fn grown(before: &Release) -> Option<Grown> {
    let parts = Parts::of(&before.published())?;
    let owned = |(source_id, sha256): (&str, &str)| (source_id.to_owned(), sha256.to_owned());
    let files: Vec<(String, String)> = parts.files().map(owned).collect();
    let mut of_files = Tables::new();
    for table in TABLES.into_iter().chain(STREAMED) {
        let rows = rows(&before.tables, table, &files);
        if let Some(first) = rows.first() {
            let rows = concat_batches(&first.schema(), &rows).unwrap();
            of_files.insert(table.to_owned(), vec![rows]);
        }
    }
    Grown::new(parts, before.number, of_files)
}

/// The tables with new files behind what a release has, and how many files were read for them; `None` where all have to be.
fn behind(before: &Release, new: &[Dated], references: &References) -> Option<(Tables, usize)> {
    let mut left = grown(before).map(Box::new);
    loop {
        let grown = left.take()?;
        match read_behind(before, new, TakenOver::Grown(grown), references) {
            (Behind::Made(output), read) => return Some((output.tables, read)),
            (Behind::Read(fewer), _) => left = fewer,
        }
    }
}

/// The rows of the tables that are not sorted when they are written.
fn in_order(tables: &Tables) -> BTreeMap<String, Vec<String>> {
    let mut told = told_in_order(tables);
    told.retain(|table, _| STREAMED.contains(&table.as_str()));
    told
}

/// Fails where new files give other tables behind a release than with all its files; gives how many were read.
fn read_for(
    before: &Release,
    new: &[Dated],
    all: &Release,
    references: &References,
) -> Option<usize> {
    let (tables, read) = behind(before, new, references)?;
    let night = all.number;
    assert_eq!(told(&tables), told(&all.tables), "night {night}");
    assert_eq!(in_order(&tables), in_order(&all.tables), "night {night}");
    Some(read)
}

/// A part of a list each night: new operations, some of them equal to others of the part, and often one of an earlier part.
fn nights(seed: u64) -> Vec<Vec<(usize, u64)>> {
    let mut numbers = Numbers(seed);
    let mut known = 0;
    let mut nights = Vec::new();
    for _ in 0..14 {
        let mut part = Vec::new();
        if known > 0 && numbers.below(2) == 0 {
            let euro = [1000, 1100, 10_000][numbers.below(3) as usize];
            part.push((numbers.below(known) as usize, euro));
        }
        for _ in 0..=numbers.below(3) {
            part.push((known as usize, 1000));
            if numbers.below(4) == 0 {
                part.push((known as usize, 1100));
            }
            known += 1;
        }
        nights.push(part);
    }
    nights
}

#[test]
fn a_list_that_grows_is_as_if_all_its_files_were_read() {
    let references = references();
    let source = source(1, "extend");
    for dated in [true, false] {
        let (mut settled, mut said_again, mut changed) = (0, 0, 0);
        for seed in 1..9 {
            each_night(
                &source,
                nights(seed),
                dated,
                &references,
                |before, new, all| {
                    let read = before.and_then(|before| read_for(before, new, all, &references));
                    if let Some(read) = read {
                        settled += 1;
                        said_again += usize::from(read > 2);
                    }
                    let history = batches(&all.tables, HISTORY).map(RecordBatch::num_rows);
                    changed = changed.max(history.sum::<usize>());
                },
            );
        }
        assert!(settled > 70 && said_again > 10, "{settled}, {said_again}");
        assert!(changed > 2, "few operations changed: {changed}");
    }
}

#[test]
fn what_a_correction_changed_is_told_whatever_comes_behind_it() {
    let references = references();
    let source = source(1, "extend");
    let parts = [
        &[(1, 1000), (2, 1000)][..],
        &[(1, 1100)],
        &[(3, 1000)],
        &[(1, 1200)],
    ];
    let mut release = whole(
        &[],
        &[file(&source, 1, Some(day(1)), parts[0])],
        &references,
    );
    for (number, expected) in [(2_usize, 1), (3, 1), (4, 2)] {
        let at = number as u64;
        let new = [file(&source, at, Some(day(at)), parts[number - 1])];
        let all = whole(&release.files, &new, &references);
        let history = batches(&all.tables, HISTORY).map(RecordBatch::num_rows);
        assert_eq!(history.sum::<usize>(), expected, "night {number}");
        release = all;
    }
}

#[test]
fn parts_that_came_last_and_those_that_may_say_the_same_are_read() {
    let references = references();
    let source = source(1, "extend");
    let part = |number: u64, operations: &[(usize, u64)]| {
        [file(&source, number, Some(day(number)), operations)]
    };
    // The second and the third one say again what the first one says, all others are new.
    let mut release = whole(&[], &part(1, &[(1, 1000), (2, 1000)]), &references);
    for (number, operation) in [(2, 1), (3, 1), (4, 4), (5, 5), (6, 6)] {
        let new = part(number, &[(operation, 1100)]);
        release = whole(&release.files, &new, &references);
    }
    // Beside the new one and the last one that which says the operation, and who may have said it first since it changed.
    for (operation, expected) in [(7, 2), (6, 2), (4, 3), (2, 3), (1, 4)] {
        let new = part(7, &[(operation, 1200)]);
        let all = whole(&release.files, &new, &references);
        let read = read_for(&release, &new, &all, &references);
        assert_eq!(read, Some(expected), "{operation}");
    }
    // Where all are named all are read.
    let new = part(7, &[(1, 1), (2, 1), (4, 1), (5, 1), (6, 1)]);
    assert!(behind(&release, &new, &references).is_none());
}

#[test]
fn a_list_that_says_all_its_operations_again_is_read_like_one_that_is_replaced() {
    let references = references();
    let source = source(1, "extend");
    let of_night = |number: u64| {
        let operations: Vec<(usize, u64)> = (0..6).map(|n| (n, 1000 + number)).collect();
        [file(&source, number, Some(day(number)), &operations)]
    };
    let mut release = whole(&[], &of_night(1), &references);
    for number in 2..9 {
        let new = of_night(number);
        let all = whole(&release.files, &new, &references);
        let read = read_for(&release, &new, &all, &references);
        assert_eq!(read, (number > 2).then_some(2), "night {number}");
        release = all;
    }
}

#[test]
fn an_amount_that_the_last_part_left_out_is_compared_with_the_one_that_has_it() {
    let references = references();
    let source = source(1, "extend");
    let with_eu = |number: u64, euro: u64| {
        let (plain, day) = file(&source, number, Some(day(number)), &[(1, 1000)]);
        let text = format!(
            "Begünstigter;Bezeichnung des Vorhabens;Beginn;Ende;Ort;Gesamtausgaben in EUR;EU-Betrag in EUR\n\
             Verein 1 e.V.;Vorhaben 1;01.02.2016;31.12.2017;10115 Berlin;1000,00;{euro},00\n"
        );
        let content = Bytes::from(text).into();
        [(FileInput { content, ..plain }, day)]
    };
    let plain = |number: u64, operation: usize| {
        let operations = [(operation, 1000)];
        [file(&source, number, Some(day(number)), &operations)]
    };
    let mut release = whole(&with_eu(1, 50), &plain(2, 1), &references);
    for number in [3, 4] {
        release = whole(&release.files, &plain(number, 10), &references);
    }
    let new = with_eu(5, 500);
    let all = whole(&release.files, &new, &references);
    let is_told = |line: &String| line.contains("amount_tenfold");
    assert!(told(&all.tables)["finding"].iter().any(is_told));
    // Not the third one, which says something else.
    let read = read_for(&release, &new, &all, &references);
    assert_eq!(read, Some(4));
}

#[test]
fn parts_that_came_together_are_parts_one_by_one() {
    let references = references();
    let source = source(1, "extend");
    let several = |number: u64, parts: &[&[(usize, u64)]]| -> Vec<Dated> {
        let parts = (1_u64..).zip(parts).map(|(place, operations)| {
            let (file, day) = file(&source, number, None, operations);
            let sha256 = format!("{place:064x}");
            let sha256 = format!("{number:x}{}", &sha256[1..]);
            (FileInput { sha256, ..file }, day)
        });
        parts.collect()
    };
    let first = several(1, &[&[(1, 1000)], &[(2, 1000)], &[(3, 1000)], &[(4, 1000)]]);
    let second = several(2, &[&[(5, 1000)], &[(3, 1100)]]);
    let release = whole(&first, &second, &references);
    for (new, expected) in [
        (several(3, &[&[(6, 1000)]]), 3),
        (several(3, &[&[(6, 1000)], &[(2, 1100)]]), 5),
        (several(3, &[&[(3, 1200)], &[(7, 1000)]]), 4),
    ] {
        let all = whole(&release.files, &new, &references);
        assert_eq!(read_for(&release, &new, &all, &references), Some(expected));
    }
    // Two that say the same are none, whatever was read of the others.
    let rivals = several(3, &[&[(6, 1000)], &[(6, 1100)]]);
    let read = release.files.iter().chain(&rivals).map(|(file, _)| file);
    let grown = grown(&release).unwrap();
    let read = read.filter(|file| !grown.has(&file.source.source_id, &file.sha256));
    let prepared = read
        .map(|file| prepare(file.clone(), &references.reading))
        .collect();
    let Err(failures) = put_behind(TakenOver::Grown(Box::new(grown)), prepared, &references) else {
        panic!("both were taken");
    };
    assert_eq!(failures.len(), 2);
}

#[test]
fn both_renditions_of_a_part_are_read() {
    let references = references();
    let sources = [source(1, "extend"), source(2, "extend")];
    let of_night = |number: u64| {
        let own = number as usize;
        let operations = [(own, 1000), (100 + own, 1000), (1, 1000 + number)];
        let day = Some(day(number));
        // The other one lacks an operation, and has one that an earlier part has.
        [
            file(&sources[0], number, day, &operations[..2 + own % 2]),
            file(&sources[1], number, day, &operations[1..]),
        ]
    };
    let mut release = whole(&[], &of_night(2), &references);
    for number in 3..9 {
        let new = of_night(number);
        let all = whole(&release.files, &new, &references);
        let read = read_for(&release, &new, &all, &references);
        assert!(number < 6 || read.is_some(), "night {number}");
        assert!(read.is_none_or(|read| read % 2 == 0), "night {number}");
        release = all;
    }
}

#[test]
fn all_files_are_read_where_a_new_one_does_not_come_behind_the_others() {
    let references = references();
    let sources = [source(1, "extend"), source(2, "extend")];
    let part = |source: &Arc<Source>, number: u64, on: u64| {
        file(source, number, Some(day(on)), &[(number as usize, 1000)])
    };
    let first = [part(&sources[0], 1, 5), part(&sources[0], 2, 10)];
    let release = whole(&first, &[part(&sources[0], 3, 20)], &references);
    for on in [20, 21] {
        let new = [part(&sources[0], 4, on)];
        assert!(behind(&release, &new, &references).is_some(), "{on}");
    }
    for on in [1, 5, 10, 15] {
        let new = [part(&sources[0], 4, on)];
        assert!(behind(&release, &new, &references).is_none(), "{on}");
    }
    // Another rendition of what stands already.
    for on in [5, 20] {
        let late = part(&sources[1], 4, on);
        assert!(behind(&release, &[late], &references).is_none(), "{on}");
    }
}

#[test]
fn nothing_is_settled_where_all_came_last_or_newer_ones_replace_older_ones() {
    let grows = source(1, "extend");
    let files: Vec<_> = (1..4).map(|number| published(&grows, number)).collect();
    let parts = Parts::of(&files).unwrap();
    assert!(
        ["1", "2", "3"]
            .iter()
            .all(|number| parts.has("made_1", number))
    );
    let settled = ["1", "2", "3"].map(|number| parts.settled("made_1", number));
    assert_eq!(settled, [Some(0), Some(1), None]);
    assert!(Parts::of(&files[..1]).is_none());
    let together = |number: u64| PublishedFile {
        first_seen: 1,
        ..published(&grows, number)
    };
    assert!(Parts::of(&[together(1), together(2), together(3)]).is_none());
    let replaced = source(1, "replace");
    let files: Vec<_> = (1..4).map(|number| published(&replaced, number)).collect();
    assert!(Parts::of(&files).is_none());
}
