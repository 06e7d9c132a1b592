//! Lists whose vintages are replaced: their tables are those that all files give, and the older files are not read.

use std::fmt::Write;

use bytes::Bytes;

use super::*;
use crate::map::FileInput;
use crate::merge::made::{
    Dated, Numbers, Release, day, each_night, file, published, read_behind, references, rows,
    source, told, whole,
};
use crate::merge::{Behind, References, TakenOver};
use crate::read::Limits;
use crate::run::sample_references;
use crate::source::{Catalogue, Source, Vintage as VintageKind};

/// The tables with new files behind what a release has, and how many files were read for them; `None` where all have to be.
fn behind(before: &Release, new: &[Dated], references: &References) -> Option<(Tables, usize)> {
    let past = Past::of(&before.published())?;
    let older: Vec<_> = past.settled.all().map(|(file, _)| file.clone()).collect();
    let of_older = TABLES.iter().map(|table| {
        let rows = rows(&before.tables, table, &older);
        ((*table).to_owned(), rows)
    });
    let of_older: Tables = of_older.filter(|(_, rows)| !rows.is_empty()).collect();
    let (source_id, sha256) = past.newest();
    let newest = [(source_id.to_owned(), sha256.to_owned())];
    let operations = rows(&before.tables, "operation", &newest);
    let settled = Settled::new(past, before.number, of_older, &operations)?;
    let taken = TakenOver::Replaced(Box::new(settled));
    match read_behind(before, new, taken, references) {
        (Behind::Made(output), read) => Some((output.tables, read)),
        (Behind::Read(left), _) => {
            assert!(left.is_none());
            None
        }
    }
}

/// Fails where the tables of a list with these files each night are others than those of all its files, or where not as many files
/// are read for them.
fn each_gives_the_same<const N: usize>(
    of_night: impl Fn(u64) -> [Dated; N],
    expected: usize,
    references: &References,
) {
    let mut release = whole(&[], &of_night(1), references);
    for number in 2..6 {
        let new = of_night(number);
        let all = whole(&release.files, &new, references);
        if number > 2 {
            let (tables, read) = behind(&release, &new, references).unwrap();
            assert_eq!(told(&tables), told(&all.tables), "night {number}");
            assert_eq!(read, expected, "night {number}");
        }
        release = all;
    }
}

/// A list of a few operations that change, leave, come and come back, as it is after each night.
fn nights(seed: u64) -> Vec<Vec<(usize, u64)>> {
    let mut numbers = Numbers(seed);
    let mut operations: Vec<(bool, u64)> = (0..16).map(|n| (n < 10, 1000)).collect();
    let listed = |operations: &[(bool, u64)]| {
        let all = operations.iter().enumerate();
        let there = all.filter(|(_, (is_there, _))| *is_there);
        there.map(|(n, (_, euro))| (n, *euro)).collect()
    };
    let mut nights = vec![listed(&operations)];
    for _ in 1..12 {
        for (is_there, euro) in &mut operations {
            if *is_there {
                if numbers.below(12) == 0 {
                    *is_there = false;
                } else if numbers.below(4) == 0 {
                    *euro = 1000 + 100 * numbers.below(3);
                }
            } else if numbers.below(24) == 0 {
                *is_there = true;
            }
        }
        nights.push(listed(&operations));
    }
    nights
}

#[test]
fn a_list_is_as_if_all_its_files_were_read() {
    let references = references();
    let source = source(1, "replace");
    for dated in [true, false] {
        let (mut taken, mut again, mut named) = (0, 0, 0);
        for seed in 1..9 {
            each_night(
                &source,
                nights(seed),
                dated,
                &references,
                |before, new, all| {
                    let night = all.number;
                    if let Some((tables, read)) =
                        before.and_then(|before| behind(before, new, &references))
                    {
                        assert_eq!(told(&tables), told(&all.tables), "night {night} of {seed}");
                        assert_eq!(read, 2, "night {night} of {seed}");
                        let ids = batches(&tables, "finding").map(|b| text(b, "operation_id"));
                        named += ids
                            .map(|ids| ids.unwrap().iter().flatten().count())
                            .sum::<usize>();
                        taken += 1;
                    } else if night > 2 {
                        again += 1;
                    }
                },
            );
        }
        // Where operations come back that were gone, all files tell since when they are as they are.
        assert!(taken > 60 && again > 5, "{taken} and {again}");
        assert!(named > 0, "no finding names an operation");
    }
}

#[test]
fn both_renditions_of_the_newest_vintage_are_read() {
    let references = references();
    let sources = [source(1, "replace"), source(2, "replace")];
    let of_night = |number: u64| {
        let operations: Vec<(usize, u64)> = (0..6).map(|n| (n, 1000 + number)).collect();
        let [better, other] = &sources;
        let day = Some(day(number));
        // The other one lacks an operation.
        [
            file(better, number, day, &operations),
            file(other, number, day, &operations[1..]),
        ]
    };
    each_gives_the_same(of_night, 4, &references);
}

#[test]
fn all_files_are_read_where_a_new_one_does_not_come_behind_the_newest() {
    let references = references();
    let sources = [source(1, "replace"), source(2, "replace")];
    let operations = [(1, 1000), (2, 1000)];
    let first = file(&sources[0], 1, Some(day(10)), &operations);
    let second = file(&sources[0], 2, Some(day(20)), &operations);
    let release = whole(&[first], &[second], &references);
    let new = |source: &Arc<Source>, on: u64| file(source, 3, Some(day(on)), &operations);
    assert!(behind(&release, &[new(&sources[0], 21)], &references).is_some());
    // A correction of the newest counts as newer, because it came later.
    assert!(behind(&release, &[new(&sources[0], 20)], &references).is_some());
    for older in [5, 10, 15] {
        assert!(
            behind(&release, &[new(&sources[0], older)], &references).is_none(),
            "{older}"
        );
    }
    // Other renditions of what stands already, alone or beside a newer file.
    for on in [10, 20] {
        let late = new(&sources[1], on);
        assert!(
            behind(&release, std::slice::from_ref(&late), &references).is_none(),
            "{on}"
        );
        let both = [new(&sources[0], 21), late];
        assert!(behind(&release, &both, &references).is_none(), "{on}");
    }
}

#[test]
fn nothing_is_settled_where_there_is_one_vintage_or_newer_ones_only_add() {
    let replaced = source(1, "replace");
    let files: Vec<_> = (1..4).map(|number| published(&replaced, number)).collect();
    let past = Past::of(&files).unwrap();
    assert_eq!(past.newest().1, "3");
    let has = |number: &str| past.has("made_1", number);
    assert_eq!(["1", "2", "3"].map(has), [true, true, false]);
    assert!(Past::of(&files[..1]).is_none());
    let grows = source(1, "extend");
    let files: Vec<_> = (1..4).map(|number| published(&grows, number)).collect();
    assert!(Past::of(&files).is_none());
    // Of two files that came together without a date nobody can say which is the newest.
    let tied = |sha256: &str| PublishedFile {
        sha256: sha256.to_owned(),
        published: None,
        ..published(&replaced, 1)
    };
    assert!(Past::of(&[tied("a"), tied("b"), published(&replaced, 2)]).is_none());
}

#[test]
fn figures_of_older_vintages_are_settled_too() {
    let catalogue = Catalogue::embedded().unwrap();
    let references = sample_references(&catalogue, &Limits::default()).unwrap();
    let people = |source: &&Arc<Source>| {
        let declared = source.statistic.as_ref();
        declared.is_some_and(|declared| declared.table == "participant")
    };
    // What a newer file replaces, as files of people do not by their declaration.
    let mut source = Source::clone(catalogue.iter().find(people).unwrap());
    source.toml.vintage = VintageKind::Replace;
    let source = Arc::new(source);
    let of_night = |number: u64| {
        let mut text = "operation_id,programme_id,participant_id,region,entry_date,exit_date,sex,age,education,\
                        labour_status,disability,foreign_background,status_on_leaving,status_6_months\n"
            .to_owned();
        for person in 0..=number {
            writeln!(
                text,
                "a,,p{person},nowhere,2016-03-01,,f,30,isced_3_4,unemployed,no,no,,"
            )
            .unwrap();
        }
        let file = FileInput {
            source: Arc::clone(&source),
            file_name: format!("participant_{number}.csv"),
            sha256: format!("{number:064x}"),
            content: Bytes::from(text).into(),
            published: None,
            first_seen: number,
            earlier: Vec::new(),
        };
        [(file, None)]
    };
    each_gives_the_same(of_night, 2, &references);
}
