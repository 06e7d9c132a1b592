//! Made-up counts in successive releases; no number of it was ever published.

use std::sync::Arc;

use datafusion::arrow::array::{BooleanArray, Date32Array, Int64Array, StringArray};
use datafusion::arrow::datatypes::DataType;
use esf_engine::derivation::{Ran, Reuse, derive_all};
use esf_engine::release::{Publication, Release, ReleaseDraft, Visibility, Warehouse};
use esf_engine::session::{SessionOptions, register_files, working_session};
use esf_engine::store::Store;
use esf_engine::write::{TableWriter, write_stream};

use super::cell::Counts;
use super::log::Entry;
use super::*;

/// A cell of one operation: indicator, region and sex.
fn cell(indicator: &str, region: &str, sex: &str) -> Counted {
    let total = || "total".to_owned();
    Counted {
        indicator_list: "INDICATOR_2021_27".to_owned(),
        indicator_code: indicator.to_owned(),
        count_of: cell::TRUE_OF.to_owned(),
        operation_id: Some("a".to_owned()),
        programme_id: None,
        nuts_code: (!region.is_empty()).then(|| region.to_owned()),
        sex: sex.to_owned(),
        age_group: total(),
        education: total(),
        labour_status: total(),
        unit_of_count: "persons".to_owned(),
        estimation: "full".to_owned(),
        period_start: Some(19_000),
        period_end: Some(19_364),
    }
}

fn counts(cells: &[(Counted, i64)]) -> Counts {
    let one = |(key, n): &(Counted, i64)| (key.clone(), vec![*n]);
    cells.iter().map(one).collect()
}

fn regions(cells: &[(&str, i64)]) -> Vec<(Counted, i64)> {
    cells
        .iter()
        .map(|(region, n)| (cell("EECO02", region, "total"), *n))
        .collect()
}

type Shown = BTreeMap<Counted, Decided>;

fn decide(cells: &[(Counted, i64)], log: Vec<Entry>) -> (Shown, Vec<Entry>) {
    log::decide(counts(cells), log, &BTreeMap::new()).unwrap()
}

/// The codes of what is suppressed, by a column.
fn suppressed(shown: &Shown, of: fn(&Counted) -> String) -> Vec<String> {
    let hidden = shown.iter().filter(|(_, one)| one.status() == "suppressed");
    hidden.map(|(key, _)| of(key)).collect()
}

fn region(key: &Counted) -> String {
    key.nuts_code.clone().unwrap_or_default()
}

#[test]
fn a_small_region_is_hidden_with_one_that_it_could_be_computed_from() {
    let cells = regions(&[("DE", 42), ("DE1", 2), ("DE2", 10), ("DE3", 30)]);
    let (shown, log) = decide(&cells, Vec::new());
    assert_eq!(suppressed(&shown, region), ["DE1", "DE2"]);
    assert_eq!(log.len(), 4);
    // The same counts are not decided again.
    assert_eq!(decide(&cells, log.clone()), (shown, log));
}

#[test]
fn a_later_release_cannot_be_subtracted_from_an_earlier_one() {
    let first = regions(&[("DE", 42), ("DE1", 2), ("DE2", 10), ("DE3", 30)]);
    let (_, log) = decide(&first, Vec::new());
    // DE1 is no small count any more; shown with DE2 it would give what it was before.
    let second = regions(&[("DE", 45), ("DE1", 5), ("DE2", 10), ("DE3", 30)]);
    let (shown, log) = decide(&second, log);
    assert_eq!(suppressed(&shown, region), ["DE1", "DE2"]);
    assert_eq!(log.len(), 8);
    let alone = decide(&second, Vec::new()).0;
    assert_eq!(suppressed(&alone, region), [""; 0]);
    // Back to the first counts: a decision of its own.
    assert_eq!(decide(&first, log).1.len(), 12);
}

fn numbers(shown: &Shown) -> Vec<Option<i64>> {
    let [(_, n), _] = log::public_columns(shown.values());
    n.as_primitive::<Int64Type>().iter().collect()
}

#[test]
fn a_count_lags_until_enough_have_come_or_gone() {
    let (shown, log) = decide(
        &regions(&[("DE", 42), ("DE1", 12), ("DE2", 30)]),
        Vec::new(),
    );
    for counts in [[43, 13, 30], [44, 14, 30], [41, 11, 30], [46, 14, 32]] {
        let [all, one, other] = counts;
        let cells = regions(&[("DE", all), ("DE1", one), ("DE2", other)]);
        assert_eq!(decide(&cells, log.clone()), (shown.clone(), log.clone()));
    }
    let third = regions(&[("DE", 45), ("DE1", 15), ("DE2", 30)]);
    let (shown, log) = decide(&third, log);
    assert_eq!(numbers(&shown), [Some(45), Some(15), Some(30)]);
    assert_eq!(log.len(), 6);
    // One left again, which is compared with what is shown.
    let fourth = regions(&[("DE", 44), ("DE1", 14), ("DE2", 30)]);
    assert_eq!(decide(&fourth, log.clone()), (shown, log));
}

#[test]
fn one_more_person_does_not_stand_in_two_releases() {
    let of = |all: i64, with: i64| {
        [("EECO01", all), ("EECO12", with)].map(|(code, n)| (cell(code, "DE1", "total"), n))
    };
    let (shown, log) = decide(&of(6, 0), Vec::new());
    assert_eq!(numbers(&shown), [Some(6), Some(0)]);
    // Nobody has the attribute, and then one of one who came, or of three. The attribute has a minimum of 10, and of 7 or 9
    // people at most as many have it, so that a new pair would be hidden whole: what stood there stays.
    for cells in [of(7, 1), of(9, 1), of(9, 9), of(15, 1)] {
        let told = decide(&cells, log.clone());
        assert_eq!(told, (shown.clone(), log.clone()), "{cells:?}");
    }
    // Ten came, enough for the attribute.
    assert_eq!(numbers(&decide(&of(16, 1), log).0), [Some(16), None]);
}

#[test]
fn nothing_is_suppressed_for_good() {
    let of = |counts: [i64; 4]| {
        let codes = ["DE", "DE1", "DE2", "DE3"].into_iter().zip(counts);
        regions(&codes.collect::<Vec<_>>())
    };
    let (shown, log) = decide(&of([42, 2, 10, 30]), Vec::new());
    assert_eq!(suppressed(&shown, region), ["DE1", "DE2"]);
    // Large enough by itself, but DE2 is what it was, and the 2 would follow from it.
    let (shown, log) = decide(&of([45, 5, 10, 30]), log);
    assert_eq!(numbers(&shown), [Some(45), None, None, Some(30)]);
    let (shown, log) = decide(&of([60, 10, 20, 30]), log);
    assert_eq!(numbers(&shown), [Some(60), Some(10), Some(20), Some(30)]);
    // What has come back lags like every other count.
    let held = decide(&of([61, 11, 20, 30]), log.clone());
    assert_eq!(held, (shown, log.clone()));
    let (shown, _) = decide(&of([70, 20, 20, 30]), log);
    assert_eq!(numbers(&shown), [Some(70), Some(20), Some(20), Some(30)]);
}

#[test]
fn one_year_does_not_hold_another() {
    let of = |first: i64, second: i64| {
        [(18_635, first), (19_000, second)].map(|(start, n)| {
            let mut key = cell("EECO02", "DE1", "total");
            (key.period_start, key.period_end) = (Some(start), Some(start + 364));
            (key, n)
        })
    };
    let (_, log) = decide(&of(20, 20), Vec::new());
    let (shown, log) = decide(&of(21, 25), log);
    assert_eq!(numbers(&shown), [Some(20), Some(25)]);
    assert_eq!(log.len(), 4);
    // What is held is not decided again every night.
    assert_eq!(decide(&of(21, 25), log.clone()), (shown, log));
}

#[test]
fn those_whom_an_indicator_is_not_true_of_are_protected_too() {
    let known = |n: i64| {
        let mut key = cell("EECR04", "DE21H", "total");
        key.count_of = cell::KNOWN.to_owned();
        (key, n)
    };
    let found = |cells: &[(Counted, i64)]| {
        suppressed(&decide(cells, Vec::new()).0, |key| key.count_of.clone())
    };
    let holds = |n: i64| (cell("EECR04", "DE21H", "total"), n);
    // All but two of those known are in employment: both counts shown would tell that of each of the two.
    assert_eq!(found(&[holds(40), known(42)]).len(), 1);
    assert_eq!(found(&[holds(40), known(60)]), [""; 0]);
    assert_eq!(found(&[holds(2), known(60)]), [cell::TRUE_OF]);
}

#[test]
fn a_rate_of_nothing_or_of_all_is_not_told() {
    let found = |holds: i64, known: i64| {
        let mut asked = cell("EECR04", "DE21H", "total");
        asked.count_of = cell::KNOWN.to_owned();
        let cells = [(cell("EECR04", "DE21H", "total"), holds), (asked, known)];
        suppressed(&decide(&cells, Vec::new()).0, |key| key.count_of.clone())
    };
    assert_eq!(found(60, 60), [cell::TRUE_OF]);
    assert_eq!(found(0, 60), [cell::TRUE_OF]);
    assert_eq!(found(0, 0), [""; 0]);
    // Few of whom it is known are hidden themselves, and so is that none of them has it.
    assert_eq!(found(0, 2).len(), 2);
}

#[test]
fn persons_and_their_participations_are_decided_about_together() {
    let counts = |unit: &str, counts: [i64; 4]| {
        let codes = ["DE", "DE1", "DE2", "DE3"].into_iter().zip(counts);
        let of_unit = codes.map(|(code, n)| {
            let mut key = cell("EECO02", code, "total");
            unit.clone_into(&mut key.unit_of_count);
            (key, n)
        });
        of_unit.collect::<Vec<_>>()
    };
    let (persons, entries) = (
        counts("persons", [40, 2, 8, 30]),
        counts("entries", [41, 3, 8, 30]),
    );
    let found = |cells: &[(Counted, i64)]| {
        suppressed(&decide(cells, Vec::new()).0, |key| {
            format!("{} {}", key.unit_of_count, region(key))
        })
    };
    assert_eq!(found(&entries), [""; 0]);
    assert_eq!(found(&persons), ["persons DE1", "persons DE2"]);
    // Three participations in DE1, shown beside the eight in DE2, would leave it two or three persons.
    let both = found(&[persons, entries].concat());
    assert!(both.contains(&"entries DE1".to_owned()), "{both:?}");
    assert!(both.contains(&"persons DE1".to_owned()), "{both:?}");
}

#[test]
fn minimums_differ_by_country_and_indicator() {
    let four = |indicator: &str, code: &str| {
        let (shown, _) = decide(&[(cell(indicator, code, "total"), 4)], Vec::new());
        suppressed(&shown, region).len()
    };
    assert_eq!(four("EECO02", "DE21H"), 0);
    assert_eq!(four("EECO02", "SE110"), 1);
    assert_eq!(four("EECO02", ""), 1);
    assert_eq!(four("EECO15", "DE21H"), 1);
    assert_eq!(four("EECO02", "DE21H001"), 1);
}

#[test]
fn operations_add_up_to_their_programme() {
    let of = |operation: Option<&str>, n: i64| {
        let mut key = cell("EECO02", "DE", "total");
        key.operation_id = operation.map(str::to_owned);
        key.programme_id = operation.is_none().then(|| "P".to_owned());
        (key, n)
    };
    let cells = [
        of(None, 60),
        of(Some("a"), 2),
        of(Some("b"), 18),
        of(Some("c"), 40),
    ];
    let programmes = ["a", "b", "c"].map(|id| (id.to_owned(), "P".to_owned()));
    let (shown, _) = log::decide(counts(&cells), Vec::new(), &programmes.into()).unwrap();
    let operation = |key: &Counted| key.operation_id.clone().unwrap_or_default();
    assert_eq!(suppressed(&shown, operation), ["a", "b"]);
    // Without counts of the programme nothing adds up.
    let (shown, _) = decide(&cells[1..], Vec::new());
    assert_eq!(suppressed(&shown, operation), ["a"]);
}

#[test]
fn quarters_add_up_to_their_year() {
    let of = |start: i32, end: i32, n: i64| {
        let mut key = cell("EECO02", "DE", "total");
        (key.period_start, key.period_end) = (Some(start), Some(end));
        (key, n)
    };
    let quarters = [
        of(0, 89, 20),
        of(90, 180, 30),
        of(181, 272, 40),
        of(273, 364, 2),
    ];
    let start = |key: &Counted| key.period_start.unwrap_or_default().to_string();
    let (shown, _) = decide(&quarters, Vec::new());
    assert_eq!(suppressed(&shown, start), ["273"]);
    let with_year = [&quarters[..], &[of(0, 364, 92)]].concat();
    let (shown, _) = decide(&with_year, Vec::new());
    assert_eq!(suppressed(&shown, start).len(), 2);
    // People who come in several quarters count once in a year: nothing can be subtracted.
    let once = [&quarters[..], &[of(0, 364, 85)]].concat();
    assert_eq!(suppressed(&decide(&once, Vec::new()).0, start), ["273"]);
}

#[test]
fn indicators_add_up_to_all_participants() {
    let of = |indicator: &str, n: i64| (cell(indicator, "DE", "total"), n);
    let cells = [
        of("EECO01", 50),
        of("EECO02", 20),
        of("EECO04", 28),
        of("EECO05", 2),
    ];
    let (shown, _) = decide(&cells, Vec::new());
    let indicator = |key: &Counted| key.indicator_code.clone();
    assert_eq!(suppressed(&shown, indicator), ["EECO02", "EECO05"]);
}

#[test]
fn parts_that_are_more_than_their_total_are_hidden_with_it() {
    let of = |sex: &str, n: i64| (cell("EECO02", "DE", sex), n);
    let (shown, _) = decide(&[of("total", 50), of("f", 30), of("m", 21)], Vec::new());
    assert_eq!(shown.values().filter(|one| one.status() == "ok").count(), 0);
}

#[test]
fn counts_that_contradict_each_other_are_none() {
    let key = cell("EECO02", "DE", "total");
    let twice = Counts::from([(key.clone(), vec![30, 31])]);
    let (shown, log) = log::decide(twice, Vec::new(), &BTreeMap::new()).unwrap();
    assert!(shown.is_empty() && log.is_empty());
    let same = Counts::from([(key, vec![30, 30])]);
    assert_eq!(
        log::decide(same, Vec::new(), &BTreeMap::new())
            .unwrap()
            .0
            .len(),
        1
    );
}

/// A release with these counts.
async fn release(
    warehouse: &Warehouse,
    cells: &[(Counted, i64)],
    reuse: Reuse,
) -> (Option<Release>, Ran) {
    // Of a programme, since no list of operations is there.
    let of_programme = cells.iter().map(|(key, n)| {
        let mut key = key.clone();
        (key.operation_id, key.programme_id) = (None, Some("P".to_owned()));
        (key, *n)
    });
    let cells: &[(Counted, i64)] = &of_programme.collect::<Vec<_>>();
    let previous = warehouse.latest().await.unwrap();
    let mut draft = ReleaseDraft::new(previous.as_ref(), "run", "test");
    for name in [
        "operation",
        "programme",
        "region",
        "participant",
        "participation",
    ] {
        let spec = Arc::new(TableSpec::from(esf_schemas::table(name).unwrap()));
        let file = if name == "participation" && !cells.is_empty() {
            let mut writer = TableWriter::create(warehouse, &spec, "").unwrap();
            writer.write(&participation(cells)).unwrap();
            Some(writer.finish().unwrap().unwrap().keep().await.unwrap())
        } else {
            None
        };
        draft.table(&spec, file);
    }
    let mut ran = derive_all(
        warehouse,
        &mut draft,
        previous.as_ref(),
        reuse,
        &[Arc::new(Participation)],
        &SessionOptions::default(),
    )
    .await
    .unwrap();
    let ran = ran.remove(0);
    if ran.checks.iter().any(|check| !check.passed) {
        return (None, ran);
    }
    match warehouse.publish(draft).await.unwrap() {
        Publication::Published(release) | Publication::Unchanged(release) => (Some(release), ran),
        Publication::Conflict(release) => panic!("{release:?}"),
    }
}

/// Cells as rows of the restricted table.
fn participation(cells: &[(Counted, i64)]) -> RecordBatch {
    let table = esf_schemas::table("participation").unwrap();
    let keys: Vec<&Counted> = cells.iter().map(|(key, _)| key).collect();
    let mut columns = super::cell::columns(&keys);
    columns.push((
        "n",
        super::cell::numbers(cells.iter().map(|(_, n)| Some(*n))),
    ));
    let rows = cells.len();
    for field in table.arrow_schema().fields() {
        if columns.iter().any(|(name, _)| name == field.name()) {
            continue;
        }
        let name = table.column(field.name()).unwrap().name.as_str();
        let filler: ArrayRef = match field.data_type() {
            DataType::Int64 if name == "n_known" => {
                super::cell::numbers(cells.iter().map(|_| None))
            }
            DataType::Boolean => Arc::new(BooleanArray::from(vec![false; rows])),
            DataType::Int64 => Arc::new(Int64Array::from_iter_values(0..rows as i64)),
            DataType::Date32 => Arc::new(Date32Array::from(vec![0; rows])),
            _ => Arc::new(StringArray::from(vec!["made"; rows])),
        };
        columns.push((name, filler));
    }
    super::cell::sorted(table, &columns).unwrap()
}

async fn public_rows(warehouse: &Warehouse, release: &Release) -> Vec<(String, Option<i64>)> {
    let context = working_session(&SessionOptions::default()).unwrap();
    register_files(&context, warehouse, CELLS, &release.tables[CELLS]).unwrap();
    let sql = format!("SELECT nuts_code || ' ' || status, n FROM {CELLS} ORDER BY 1");
    let mut found = Vec::new();
    for batch in rows(&context, &sql).await.unwrap() {
        let (text, n) = (
            super::cell::text(&batch, 0),
            super::cell::integers(&batch, 1),
        );
        let text = text.unwrap().into_iter().map(Option::unwrap);
        found.extend(text.zip(n.unwrap()));
    }
    found
}

/// A count that stands nowhere by chance.
const HIDDEN: i64 = 7_654_321;

#[tokio::test]
async fn releases_remember_and_a_rebuild_gives_the_same_bytes() {
    let warehouse = Warehouse::new(Store::memory());
    let first = regions(&[
        ("DE", HIDDEN + 90_000_002),
        ("DE1", 2),
        ("DE2", HIDDEN),
        ("DE3", 90_000_000),
    ]);
    let (one, _) = release(&warehouse, &first, Reuse::Unchanged).await;
    let one = one.unwrap();
    let wanted = [
        ("DE ok".to_owned(), Some(HIDDEN + 90_000_002)),
        ("DE1 suppressed".to_owned(), None),
        ("DE2 suppressed".to_owned(), None),
        ("DE3 ok".to_owned(), Some(90_000_000)),
    ];
    assert_eq!(public_rows(&warehouse, &one).await, wanted);

    // Nothing changed: carried over, and derived again, with the same bytes and no new release.
    for reuse in [Reuse::Unchanged, Reuse::Nothing] {
        let (again, ran) = release(&warehouse, &first, reuse).await;
        assert_eq!(ran.reused, reuse == Reuse::Unchanged);
        assert_eq!(again.unwrap().number, 1);
    }

    let mut second = first.clone();
    (second[0].1, second[1].1) = (second[0].1 + 9, 11);
    let (two, _) = release(&warehouse, &second, Reuse::Unchanged).await;
    let two = two.unwrap();
    assert_eq!(two.number, 2);
    let statuses = |rows: &[(String, Option<i64>)]| -> Vec<String> {
        rows.iter().map(|(text, _)| text.clone()).collect()
    };
    assert_eq!(
        statuses(&public_rows(&warehouse, &two).await),
        statuses(&wanted)
    );
    let (again, _) = release(&warehouse, &second, Reuse::Nothing).await;
    assert_eq!(again.unwrap().content_hash, two.content_hash);

    // Neither the count as text nor as the eight bytes of a statistic, in any public file or document.
    for release in [&one, &two] {
        let document = warehouse
            .document(release.number)
            .await
            .unwrap()
            .to_string();
        assert!(!document.contains(&HIDDEN.to_string()));
        for (_, table, file) in release.files() {
            let bytes = warehouse
                .store_of(table.visibility)
                .get(&file.path)
                .await
                .unwrap();
            let holds = |wanted: &[u8]| bytes.windows(wanted.len()).any(|part| part == wanted);
            if table.visibility == Visibility::Public {
                assert!(!holds(&HIDDEN.to_le_bytes()) && !holds(HIDDEN.to_string().as_bytes()));
            } else {
                assert!(file.path.starts_with("restricted/"), "{}", file.path);
            }
        }
    }
}

#[tokio::test]
async fn what_changed_too_little_is_shown_as_it_was() {
    let warehouse = Warehouse::new(Store::memory());
    let first = regions(&[("DE", 60), ("DE1", 20), ("DE2", 40)]);
    let (one, _) = release(&warehouse, &first, Reuse::Unchanged).await;
    let shown = public_rows(&warehouse, &one.unwrap()).await;
    let second = regions(&[("DE", 61), ("DE1", 21), ("DE2", 40)]);
    for reuse in [Reuse::Unchanged, Reuse::Nothing] {
        let (two, ran) = release(&warehouse, &second, reuse).await;
        let two = two.unwrap();
        assert_eq!(two.number, 2);
        assert!(ran.checks[0].passed);
        assert_eq!(public_rows(&warehouse, &two).await, shown);
    }
    let third = regions(&[("DE", 63), ("DE1", 23), ("DE2", 40)]);
    let (three, _) = release(&warehouse, &third, Reuse::Unchanged).await;
    assert_ne!(public_rows(&warehouse, &three.unwrap()).await, shown);
}

#[tokio::test]
async fn what_was_suppressed_comes_back_in_a_later_release() {
    let warehouse = Warehouse::new(Store::memory());
    let mut seen = Vec::new();
    for counts in [[42, 2, 10, 30], [45, 5, 10, 30], [60, 10, 20, 30]] {
        let codes = ["DE", "DE1", "DE2", "DE3"].into_iter().zip(counts);
        let cells = regions(&codes.collect::<Vec<_>>());
        let (one, ran) = release(&warehouse, &cells, Reuse::Unchanged).await;
        assert!(ran.checks[0].passed);
        let one = one.unwrap();
        // A rebuild decides the same.
        let (again, _) = release(&warehouse, &cells, Reuse::Nothing).await;
        assert_eq!(again.unwrap().content_hash, one.content_hash);
        let rows = public_rows(&warehouse, &one).await;
        seen.push(rows.into_iter().map(|(_, n)| n).collect::<Vec<_>>());
    }
    assert_eq!(seen[0], [Some(42), None, None, Some(30)]);
    assert_eq!(seen[1], [Some(45), None, None, Some(30)]);
    assert_eq!(seen[2], [Some(60), Some(10), Some(20), Some(30)]);
}

#[tokio::test]
async fn what_cannot_be_protected_is_not_published() {
    let warehouse = Warehouse::new(Store::memory());
    let of = |sex: &str, n: i64| (cell("EECO02", "DE", sex), n);
    let (one, _) = release(&warehouse, &[of("total", 3)], Reuse::Unchanged).await;
    assert!(one.is_some());
    // The total of 3 is known, so that each part is 1 or 2.
    let parts = [of("total", 3), of("f", 2), of("m", 1)];
    let (two, ran) = release(&warehouse, &parts, Reuse::Unchanged).await;
    assert!(two.is_none());
    assert_eq!(ran.checks[0].name, "disclosure");
    assert!(ran.checks[0].failed > 0);
    assert!(ran.checks[0].message.contains("cannot be protected"));
    // What was not published is not remembered.
    let (three, _) = release(&warehouse, &[of("total", 3)], Reuse::Unchanged).await;
    assert_eq!(three.unwrap().number, 1);
}

#[tokio::test]
async fn without_counts_the_tables_are_empty() {
    let warehouse = Warehouse::new(Store::memory());
    let (release, ran) = release(&warehouse, &[], Reuse::Unchanged).await;
    let release = release.unwrap();
    assert!(release.tables[CELLS].files.is_empty() && release.tables[LOG].files.is_empty());
    assert!(ran.checks[0].passed);
    assert_eq!(release.tables[LOG].visibility, Visibility::Restricted);
}

#[tokio::test]
async fn the_bytes_do_not_depend_on_the_order_of_the_counts() {
    let mut cells = regions(&[("DE", 42), ("DE1", 2), ("DE2", 10), ("DE3", 30)]);
    let mut files = Vec::new();
    for _ in 0..2 {
        let warehouse = Warehouse::new(Store::memory());
        let (shown, log) = decide(&cells, Vec::new());
        let table = esf_schemas::table(CELLS).unwrap();
        let spec = Arc::new(TableSpec::from(table));
        let (_, rows) = stream(table, &public(&shown, &BTreeMap::new())).unwrap();
        let file = write_stream(&warehouse, &spec, "", rows).await.unwrap();
        files.push((file.unwrap().sha256, log.len()));
        cells.reverse();
    }
    assert_eq!(files[0], files[1]);
}

#[tokio::test]
async fn records_are_counted_by_indicator_region_sex_and_year() {
    let context = working_session(&SessionOptions::default()).unwrap();
    for sql in [
        "CREATE TABLE operation AS SELECT 'a' AS operation_id, '2014-2020' AS period",
        "CREATE TABLE programme AS SELECT 'P' AS programme_id, '2021-2027' AS period",
        "CREATE TABLE participation AS SELECT '' AS indicator_list, '' AS indicator_code, '' AS operation_id,
             '' AS programme_id, '' AS nuts_code, '' AS sex, '' AS age_group, '' AS education, '' AS labour_status,
             '' AS unit_of_count, '' AS estimation, DATE '2016-01-01' AS period_start, DATE '2016-12-31' AS period_end,
             1 AS n, 1 AS n_known WHERE false",
        // Two women and a man of operation a, one of whom still takes part, and a person of a programme of 2021-27.
        "CREATE TABLE participant AS SELECT * FROM (VALUES
             ('a', NULL, 'p1', 'DE212', DATE '2016-03-01', DATE '2017-02-01', 'f', 30, 'isced_3_4', 'long_term_unemployed', 'no', 'unknown', 'employed', 'other'),
             ('a', NULL, 'p2', 'DE211', DATE '2016-04-01', DATE '2016-12-01', 'f', 60, 'unknown', 'unemployed', 'yes', 'no', 'unknown', NULL),
             ('a', NULL, 'p3', 'DE211', DATE '2016-05-01', CAST(NULL AS DATE), 'm', CAST(NULL AS BIGINT), 'isced_0_2', 'employed', 'no', 'no', NULL, NULL),
             ('Erika Mustermann', NULL, 'p5', 'DE211', DATE '2016-05-01', CAST(NULL AS DATE), 'm', 40, 'isced_0_2', 'employed', 'no', 'no', NULL, NULL),
             (NULL, 'P', 'p4', NULL, DATE '2022-01-01', DATE '2022-02-01', 'unknown', 17, 'isced_0_2', 'inactive', 'no', 'no', 'employed', 'employed'))
             AS made (operation_id, programme_id, participant_id, nuts_code, entry_date, exit_date, sex, age, education,
                 labour_status, disability, foreign_background, status_on_leaving, status_6_months)",
    ] {
        context.sql(sql).await.unwrap().collect().await.unwrap();
    }
    let counts =
        super::cell::read(&rows(&context, &super::cell::sql(true)).await.unwrap()).unwrap();
    // What stands for an operation and is none could be anything, a name among it.
    let ids: BTreeSet<_> = counts
        .keys()
        .map(|key| key.operation_id.as_deref())
        .collect();
    assert_eq!(ids, BTreeSet::from([None, Some("a")]));
    let count =
        |subject: &str, code: &str, of: &str, region: Option<&str>, sex: &str, year: i32| {
            let found = counts.iter().find(|(key, _)| {
                let id = key.operation_id.as_deref().or(key.programme_id.as_deref());
                id == Some(subject)
                    && key.indicator_code == code
                    && key.count_of == of
                    && key.nuts_code.as_deref() == region
                    && key.sex == sex
                    && key.period_start.map(|day| 1970 + day / 365) == Some(year)
            });
            found.map(|(_, counts)| counts.clone())
        };
    let (holds, known) = (super::cell::TRUE_OF, super::cell::KNOWN);
    assert_eq!(
        count("a", "CO01", holds, None, "total", 2016),
        Some(vec![2])
    );
    assert_eq!(count("a", "CO02", holds, None, "f", 2016), Some(vec![1]));
    assert_eq!(
        count("a", "CO05", holds, Some("DE2"), "m", 2016),
        Some(vec![1])
    );
    assert_eq!(
        count("a", "CO01", holds, Some("DE211"), "f", 2016),
        Some(vec![1])
    );
    assert_eq!(
        count("a", "CO16", holds, None, "total", 2016),
        Some(vec![1])
    );
    // Of those who left without a job on entry, by the year of leaving: one is known and employed.
    assert_eq!(
        count("a", "CR04", holds, None, "total", 2017),
        Some(vec![1])
    );
    assert_eq!(
        count("a", "CR04", known, None, "total", 2016),
        Some(vec![0])
    );
    assert_eq!(
        count("a", "CR06", holds, None, "total", 2017),
        Some(vec![0])
    );
    assert_eq!(
        count("P", "EECO01", holds, None, "total", 2022),
        Some(vec![1])
    );
    assert_eq!(
        count("P", "EECR05", holds, None, "total", 2022),
        Some(vec![1])
    );
    // Whose sex is unknown is in no cell of a sex.
    assert_eq!(count("P", "EECO01", holds, None, "f", 2022), None);
}
