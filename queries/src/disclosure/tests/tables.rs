//! Hand-checkable tables.

use crate::disclosure::*;

fn key<const N: usize>(codes: [&str; N]) -> CellKey {
    CellKey::new(codes)
}

fn count(n: i64) -> Count {
    Count::new(n).unwrap()
}

fn line(name: &str, total: &str, parts: &[&str]) -> Dimension {
    Dimension::flat(name)
        .hierarchy(parts.iter().map(|part| (*part, total)))
        .unwrap()
}

fn table<const N: usize>(dimensions: Vec<Dimension>, cells: &[([&str; N], i64)]) -> Table {
    let mut table = Table::new(dimensions);
    for (codes, n) in cells {
        table.insert(key(*codes), Cell::counted(count(*n))).unwrap();
    }
    table
}

/// Rows r1.. with their total r, columns c1.. with their total c, totals computed.
fn square(rows: &[&[i64]]) -> Table {
    let names = |letter: &str, n: usize| {
        (1..=n)
            .map(|at| format!("{letter}{at}"))
            .collect::<Vec<_>>()
    };
    let (r, c) = (names("r", rows.len()), names("c", rows[0].len()));
    let dimension = |name: &str, total: &str, parts: &[String]| {
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        line(name, total, &parts)
    };
    let mut table = Table::new(vec![
        dimension("row", "r", &r),
        dimension("column", "c", &c),
    ]);
    let mut add = |row: &str, column: &str, n: i64| {
        table
            .insert(key([row, column]), Cell::counted(count(n)))
            .unwrap();
    };
    for (at, row) in rows.iter().enumerate() {
        row.iter()
            .enumerate()
            .for_each(|(column, n)| add(&r[at], &c[column], *n));
        add(&r[at], "c", row.iter().sum());
    }
    for (column, name) in c.iter().enumerate() {
        add("r", name, rows.iter().map(|row| row[column]).sum());
    }
    add("r", "c", rows.iter().copied().flatten().sum());
    table
}

fn three() -> Policy {
    Policy::minimum(Threshold::new(3).unwrap())
}

fn first(table: &Table) -> Outcome {
    control(table, &three(), &History::new()).unwrap()
}

fn hidden(outcome: &Outcome) -> Vec<String> {
    let hidden = outcome.statuses.iter().filter(|(_, status)| {
        matches!(
            status.kind(),
            Kind::SuppressedPrimary | Kind::SuppressedSecondary
        )
    });
    hidden.map(|(key, _)| key.to_string()).collect()
}

#[track_caller]
fn assert_attack_fails(table: &Table, policy: &Policy, history: &History, outcome: &Outcome) {
    for (key, range, interval) in attack(table, policy, history, outcome, Measure::People).unwrap()
    {
        let interval = interval.expect("the solver ends");
        let width = (interval.high + 1e-6).floor() - (interval.low - 1e-6).ceil();
        assert!(
            width >= range.width as f64,
            "{key}: {interval:?} against {range:?}"
        );
    }
}

const SECONDARY: Status = Status::SuppressedSecondary(Cause::Protects);
const SMALL: Status = Status::SuppressedPrimary(Rule::MinimumFrequency);

#[test]
fn a_table_without_small_counts_is_published_whole() {
    assert_eq!(hidden(&first(&square(&[&[5, 7], &[9, 11]]))), [""; 0]);
}

#[test]
fn two_by_two_hides_all_inner_cells_and_no_total() {
    let table = square(&[&[1, 20], &[30, 40]]);
    let outcome = first(&table);
    assert_eq!(
        hidden(&outcome),
        ["(r1, c1)", "(r1, c2)", "(r2, c1)", "(r2, c2)"]
    );
    assert_eq!(outcome.statuses[&key(["r1", "c1"])], SMALL);
    assert_eq!(outcome.statuses[&key(["r2", "c2"])], SECONDARY);
    // By hand: 1 <= x11 <= 21 - 1, since every hidden count is at least 1.
    let found = attack(&table, &three(), &History::new(), &outcome, Measure::People).unwrap();
    let (_, range, interval) = found
        .iter()
        .find(|(one, ..)| *one == key(["r1", "c1"]))
        .unwrap();
    assert_eq!(range.width, 2);
    assert_eq!(
        interval.unwrap(),
        Interval {
            low: 1.0,
            high: 20.0
        }
    );
}

#[test]
fn three_by_three_takes_the_cheapest_rectangle() {
    let outcome = first(&square(&[&[2, 50, 6], &[60, 70, 80], &[9, 90, 7]]));
    assert_eq!(
        hidden(&outcome),
        ["(r1, c1)", "(r1, c3)", "(r3, c1)", "(r3, c3)"]
    );
    assert!(outcome.is_safe());
}

#[test]
fn two_small_cells_of_a_row_do_not_protect_each_other() {
    // r1 = 2 + 2 + 90: hiding both leaves 1..3 for each, three possible values as required; c1 and c2 need partners.
    let table = square(&[&[2, 2, 90], &[40, 50, 60]]);
    let outcome = first(&table);
    assert_attack_fails(&table, &three(), &History::new(), &outcome);
    // r1 = 1 + 1 leaves 1..1, although two cells of the row are hidden: the total has to go.
    let table = square(&[&[1, 1], &[40, 50]]);
    let outcome = first(&table);
    assert!(
        hidden(&outcome).contains(&"(r1, c)".to_owned()),
        "{:?}",
        hidden(&outcome)
    );
    assert_attack_fails(&table, &three(), &History::new(), &outcome);
}

#[test]
fn margins_of_a_region_hierarchy_stay_where_they_are_safe() {
    let nuts = Dimension::flat("region")
        .hierarchy([
            ("DEA", "DE"),
            ("DEB", "DE"),
            ("DEA1", "DEA"),
            ("DEA2", "DEA"),
            ("DEA3", "DEA"),
            ("DEB1", "DEB"),
            ("DEB2", "DEB"),
        ])
        .unwrap();
    let cells = [
        (["DE"], 100),
        (["DEA"], 60),
        (["DEB"], 40),
        (["DEA1"], 2),
        (["DEA2"], 8),
        (["DEA3"], 50),
        (["DEB1"], 15),
        (["DEB2"], 25),
    ];
    let whole = table(vec![nuts.clone()], &cells);
    assert_eq!(hidden(&first(&whole)), ["(DEA1)", "(DEA2)"]);
    // A small total hides its parts' partners too: DEB = 2 is 2 + 0, and the sister total goes with it.
    let cells = [
        (["DE"], 62),
        (["DEA"], 60),
        (["DEB"], 2),
        (["DEA1"], 10),
        (["DEA2"], 50),
        (["DEB1"], 2),
        (["DEB2"], 0),
    ];
    let small = table(vec![nuts], &cells);
    let outcome = first(&small);
    assert_eq!(outcome.statuses[&key(["DEB2"])], Status::Published);
    assert_eq!(outcome.statuses[&key(["DEB"])], SMALL);
    assert!(outcome.is_safe());
    assert_attack_fails(&small, &three(), &History::new(), &outcome);
}

#[test]
fn a_table_of_small_counts_is_hidden_whole() {
    let table = square(&[&[1, 1], &[0, 0]]);
    let outcome = first(&table);
    assert_eq!(
        hidden(&outcome),
        [
            "(r, c)", "(r, c1)", "(r, c2)", "(r1, c)", "(r1, c1)", "(r1, c2)"
        ]
    );
    assert!(outcome.is_safe());
    assert_eq!(
        outcome.statuses[&key(["r2", "c"])],
        Status::Published,
        "zeros are shown"
    );
}

#[test]
fn an_empty_table_and_missing_values_have_no_numbers() {
    assert_eq!(first(&Table::new(vec![])).statuses.len(), 0);
    let mut table = square(&[&[5, 7], &[9, 11]]);
    table.cells.insert(key(["r1", "c1"]), Cell::default());
    let outcome = first(&table);
    assert_eq!(outcome.statuses[&key(["r1", "c1"])], Status::NotApplicable);
    assert_eq!(
        hidden(&outcome),
        [""; 0],
        "what is left of 12 - 7 is 5, and not small"
    );
}

#[test]
fn a_small_remainder_is_protected_like_a_cell() {
    // 30 = 10 + 18 + 2 people of a region that is not shown.
    let table = table(
        vec![line("region", "SE", &["SE1", "SE2", "SE3"])],
        &[(["SE"], 30), (["SE1"], 10), (["SE2"], 18)],
    );
    let outcome = first(&table);
    assert_eq!(hidden(&outcome), ["(SE1)"]);
    assert_eq!(outcome.statuses[&key(["SE1"])], SECONDARY);
    assert!(outcome.is_safe());
}

#[test]
fn a_missing_level_does_not_hide_the_sum_over_it() {
    let nuts = Dimension::flat("region")
        .hierarchy([("A", "T"), ("B", "T"), ("A1", "A"), ("A2", "A")])
        .unwrap();
    // A itself is not in the table: T = A1 + A2 + B all the same.
    let table = table(
        vec![nuts],
        &[(["T"], 60), (["A1"], 2), (["A2"], 28), (["B"], 30)],
    );
    assert_eq!(hidden(&first(&table)), ["(A1)", "(A2)"]);
}

#[test]
fn a_complement_is_protected_by_a_relation() {
    // 40 participants, 39 employed: one is not, and stands in no cell.
    let mut table = table(
        vec![Dimension::flat("indicator")],
        &[(["all"], 40), (["employed"], 39)],
    );
    assert_eq!(hidden(&first(&table)), [""; 0]);
    table.relate(Relation {
        total: key(["all"]),
        parts: vec![key(["employed"])],
    });
    let outcome = first(&table);
    assert_eq!(hidden(&outcome), ["(employed)"]);
    assert!(outcome.is_safe());
}

/// Those of whom an attribute is known, and those of whom it is true.
fn attribute(known: i64, holds: i64) -> Table {
    let cells = [(["known"], known), (["true"], holds)];
    let mut table = table(vec![Dimension::flat("of")], &cells);
    table.pair(Pair {
        whole: key(["known"]),
        part: key(["true"]),
        rest: Rest::People,
    });
    table
}

#[test]
fn an_attribute_of_all_or_of_nobody_is_hidden_and_those_asked_are_shown() {
    for (known, holds) in [(60, 60), (60, 0), (3, 3)] {
        let table = attribute(known, holds);
        let outcome = first(&table);
        assert_eq!(hidden(&outcome), ["(true)"], "{holds} of {known}");
        assert_eq!(
            outcome.statuses[&key(["true"])],
            Status::SuppressedPrimary(Rule::GroupAttribute)
        );
        assert!(outcome.is_safe(), "{:?}", outcome.findings);
        assert_attack_fails(&table, &three(), &History::new(), &outcome);
        let bounds = attack(&table, &three(), &History::new(), &outcome, Measure::People).unwrap();
        let bounds = bounds.iter().find(|(one, ..)| *one == key(["true"]));
        let bounds = bounds.and_then(|(_, _, interval)| *interval).unwrap();
        // It stays possible that some have it and some have not, and that nobody has it.
        assert!(
            bounds.low < 1.0 && bounds.high > known as f64 - 1.0,
            "{bounds:?}"
        );
    }
    // Of nobody nothing is told, and of most it is told that they are many.
    assert_eq!(hidden(&first(&attribute(0, 0))), [""; 0]);
    assert_eq!(hidden(&first(&attribute(60, 40))), [""; 0]);
    // Few who have it not are protected like few who have it.
    assert_eq!(hidden(&first(&attribute(60, 58))).len(), 1);
    assert_eq!(hidden(&first(&attribute(60, 2))), ["(true)"]);
}

#[test]
fn a_group_stays_hidden_when_it_is_none_any_more() {
    let (one, policy) = (attribute(60, 60), three());
    let outcome = first(&one);
    let mut history = History::new();
    history.add(1, one, outcome.for_history()).unwrap();
    let two = attribute(70, 60);
    let outcome = control(&two, &policy, &history).unwrap();
    assert_eq!(hidden(&outcome), ["(true)"]);
    assert!(outcome.is_safe(), "{:?}", outcome.findings);
    assert_attack_fails(&two, &policy, &history, &outcome);
}

#[test]
fn a_zero_that_follows_from_a_zero_is_hidden_with_it() {
    let region = line("region", "DE", &["DE1", "DE2"]);
    let cells = [
        (["DE", "true"], 0),
        (["DE1", "true"], 0),
        (["DE2", "true"], 0),
        (["DE1", "known"], 20),
        (["DE2", "known"], 0),
    ];
    let mut table = table(vec![region, Dimension::flat("of")], &cells);
    for code in ["DE1", "DE2"] {
        table.pair(Pair {
            whole: key([code, "known"]),
            part: key([code, "true"]),
            rest: Rest::People,
        });
    }
    let outcome = first(&table);
    // How many of all are known is not published; that nobody is would say it of DE1.
    assert_eq!(hidden(&outcome), ["(DE, true)", "(DE1, true)"]);
    assert!(outcome.is_safe(), "{:?}", outcome.findings);
    assert_attack_fails(&table, &three(), &History::new(), &outcome);
}

#[test]
fn persons_are_protected_together_with_their_participations() {
    let apart = |unit: &str, counts: [i64; 4]| {
        let codes = ["DE", "DE1", "DE2", "DE3"].into_iter().zip(counts);
        codes
            .map(|(code, n)| ([code.to_owned(), unit.to_owned()], n))
            .collect::<Vec<_>>()
    };
    let mut cells = apart("persons", [40, 2, 8, 30]);
    cells.extend(apart("entries", [41, 3, 8, 30]));
    let build = |with_pairs: bool| {
        let region = line("region", "DE", &["DE1", "DE2", "DE3"]);
        let mut table = Table::new(vec![region, Dimension::flat("unit")]);
        for (codes, n) in &cells {
            let cell = Cell::counted(count(*n));
            table.insert(CellKey::new(codes.clone()), cell).unwrap();
        }
        for code in ["DE", "DE1", "DE2", "DE3"]
            .into_iter()
            .filter(|_| with_pairs)
        {
            table.pair(Pair {
                whole: key([code, "entries"]),
                part: key([code, "persons"]),
                rest: Rest::Repeats,
            });
        }
        table
    };
    let (alone, together) = (build(false), build(true));
    let outcome = first(&alone);
    assert_eq!(hidden(&outcome), ["(DE1, persons)", "(DE2, persons)"]);
    // By hand: at most 8 of the 10 persons of DE1 and DE2 are in DE2 and at most 3 in DE1, which leaves 2 or 3 there.
    let narrow = attack(
        &together,
        &three(),
        &History::new(),
        &outcome,
        Measure::People,
    )
    .unwrap();
    let narrow = narrow
        .iter()
        .find(|(one, ..)| *one == key(["DE1", "persons"]));
    let bounds = narrow.and_then(|(_, _, interval)| *interval).unwrap();
    assert!(
        (bounds.low - 2.0).abs() < 1e-6 && (bounds.high - 3.0).abs() < 1e-6,
        "{bounds:?}"
    );
    let outcome = first(&together);
    assert!(hidden(&outcome).contains(&"(DE1, entries)".to_owned()));
    assert!(outcome.is_safe(), "{:?}", outcome.findings);
    assert_attack_fails(&together, &three(), &History::new(), &outcome);
}

#[test]
fn single_member_groups_are_hidden_with_their_attribute() {
    let status = line(
        "labour_status",
        "all",
        &["employed", "inactive", "unemployed"],
    )
    .sensitive();
    let region = line("region", "DE", &["DE1", "DE2"]);
    let cells = [
        (["DE1", "unemployed"], 12),
        (["DE1", "employed"], 0),
        (["DE1", "inactive"], 0),
        (["DE1", "all"], 12),
        (["DE2", "unemployed"], 20),
        (["DE2", "employed"], 30),
        (["DE2", "inactive"], 40),
        (["DE2", "all"], 90),
        (["DE", "unemployed"], 32),
        (["DE", "employed"], 30),
        (["DE", "inactive"], 40),
        (["DE", "all"], 102),
    ];
    let table = table(vec![region, status], &cells);
    let outcome = first(&table);
    let group = Status::SuppressedPrimary(Rule::GroupAttribute);
    for code in ["unemployed", "employed", "inactive"] {
        assert_eq!(
            outcome.statuses[&key(["DE1", code])],
            group,
            "{code}: all 12 are unemployed, and zeros tell it"
        );
    }
    assert!(outcome.is_safe());
    assert_attack_fails(&table, &three(), &History::new(), &outcome);
    // One person alone: the total is small as well.
    let one = square(&[&[1, 0], &[30, 40]]);
    assert_eq!(first(&one).statuses[&key(["r1", "c"])], SMALL);
}

#[test]
fn counts_and_keys_that_cannot_be_are_refused() {
    assert_eq!(
        Count::new(-1),
        Err(DisclosureError::NegativeCount { value: -1 })
    );
    assert!(Count::new(i64::MAX).is_err());
    assert!(Threshold::new(0).is_err());
    assert!(Contributions::new(2, count(10), count(3), count(4)).is_err());
    let mut table = Table::new(vec![Dimension::flat("region")]);
    assert!(matches!(
        table.insert(key(["a", "b"]), Cell::default()),
        Err(DisclosureError::Arity { .. })
    ));
    table.insert(key(["a"]), Cell::default()).unwrap();
    assert!(matches!(
        table.insert(key(["a"]), Cell::default()),
        Err(DisclosureError::DuplicateCell { .. })
    ));
    assert!(matches!(
        Dimension::flat("x").hierarchy([("a", "b"), ("b", "a")]),
        Err(DisclosureError::Cycle { .. })
    ));
}

#[test]
fn parts_above_their_total_are_hidden_with_it_unless_perturbed() {
    let table = table(
        vec![line("sex", "T", &["F", "M"])],
        &[(["T"], 10), (["F"], 2), (["M"], 9)],
    );
    let outcome = first(&table);
    assert_eq!(hidden(&outcome), ["(F)", "(M)", "(T)"]);
    assert_eq!(
        outcome.statuses[&key(["M"])],
        Status::SuppressedPrimary(Rule::NotAdditive)
    );
    assert!(outcome.is_safe());
    let outcome = first(&table.additivity(Additivity::Perturbed));
    assert_eq!(
        hidden(&outcome),
        ["(F)"],
        "noise protects against subtraction"
    );
}

#[test]
fn the_strictest_minimum_applies() {
    let dimensions = vec![Dimension::flat("region"), Dimension::flat("indicator")];
    let table = Table::new(dimensions);
    let policy = Policy::project("region", "indicator").unwrap();
    let of = |region, indicator| policy.threshold(&table, &key([region, indicator])).get();
    assert_eq!(
        (
            of("DE212", "CO01"),
            of("SE110", "CO01"),
            of("DE212", "CO16")
        ),
        (3, 5, 10)
    );
    assert_eq!((of("DE2120", "CO01"), of("SE110", "EECO12")), (10, 10));
    assert_eq!((of("", "CO01"), of("", "CO15")), (5, 10));
}

#[test]
fn dominance_and_p_percent_hide_a_cell_and_its_money() {
    // Handbook, example 4: 330 = 300 + 20 + 10 breaks (1,85); the upper bound must reach 352.94.
    let cell = |n, units, total, first, second| Cell {
        count: Some(count(n)),
        contributions: Some(
            Contributions::new(units, count(total), count(first), count(second)).unwrap(),
        ),
    };
    let mut table = Table::new(vec![line("region", "T", &["A", "B", "C"])]);
    table.insert(key(["A"]), cell(50, 3, 330, 300, 20)).unwrap();
    table
        .insert(key(["B"]), cell(60, 9, 1_000, 200, 150))
        .unwrap();
    table
        .insert(key(["C"]), cell(70, 9, 5_000, 900, 800))
        .unwrap();
    table
        .insert(key(["T"]), cell(180, 21, 6_330, 900, 800))
        .unwrap();
    let outcome = first(&table);
    assert_eq!(
        outcome.statuses[&key(["A"])],
        Status::SuppressedPrimary(Rule::Dominance)
    );
    assert_eq!(hidden(&outcome), ["(A)", "(B)"]);
    let money = attack(
        &table,
        &three(),
        &History::new(),
        &outcome,
        Measure::Magnitude,
    )
    .unwrap();
    let (_, range, interval) = &money[0];
    assert_eq!(range.up, 23, "352.94 - 330, upwards");
    assert_eq!(
        interval.unwrap(),
        Interval {
            low: 0.0,
            high: 1_330.0
        }
    );
    // Handbook, example 1: (1,90) lets 50000 + 49000 + 1000 pass, p % does not.
    let cell = cell(9, 3, 100_000, 50_000, 49_000);
    assert_eq!(
        three().breach(&cell, Threshold::new(3).unwrap()),
        Some(Rule::PPercent)
    );
}

#[test]
fn two_releases_cannot_be_subtracted() {
    // Release 1 hides 2 and 8 of 60. Release 2 has a new region; naively 8 could be shown now beside another partner.
    let region = line("region", "T", &["A", "B", "C", "D"]);
    let one = table(
        vec![region.clone()],
        &[(["T"], 60), (["A"], 2), (["B"], 8), (["C"], 50)],
    );
    let before = first(&one);
    assert_eq!(hidden(&before), ["(A)", "(B)"]);
    let mut history = History::new();
    history.add(1, one, before.for_history()).unwrap();
    let two = table(
        vec![region],
        &[(["T"], 64), (["A"], 2), (["B"], 8), (["C"], 50), (["D"], 4)],
    );
    let alone = first(&two);
    assert_eq!(
        hidden(&alone),
        ["(A)", "(D)"],
        "without history the cheaper partner is D, and 10 - 8 = 2 is out"
    );
    let after = control(&two, &three(), &history).unwrap();
    assert_eq!(hidden(&after), ["(A)", "(B)"]);
    assert_eq!(
        after.statuses[&key(["B"])],
        Status::SuppressedSecondary(Cause::SuppressedBefore)
    );
    assert_attack_fails(&two, &three(), &history, &after);
}

#[test]
fn a_published_value_protects_nothing_later() {
    // C = 4 was shown; now A became small by a stricter rule, and C would be its cheapest partner.
    let region = line("region", "T", &["A", "B", "C"]);
    let cells = [(["T"], 60), (["A"], 5), (["B"], 51), (["C"], 4)];
    let one = table(vec![region.clone()], &cells);
    let before = first(&one);
    let mut history = History::new();
    history.add(1, one, before.for_history()).unwrap();
    let ten = Policy::minimum(Threshold::new(10).unwrap());
    let two = table(vec![region], &cells);
    let after = control(&two, &ten, &history).unwrap();
    assert_eq!(hidden(&after), ["(A)", "(C)"]);
    let known = |code| Finding::AlreadyPublished {
        key: key([code]),
        release: 1,
        status: SMALL,
    };
    assert_eq!(after.findings, [known("A"), known("C")]);
}

#[test]
fn what_cannot_be_protected_any_more_is_reported() {
    // The total and B were shown in release 1, A was hidden by nobody's rule but is counted now for the first time.
    let region = line("region", "T", &["A", "B"]);
    let one = table(vec![region.clone()], &[(["T"], 60), (["B"], 58)]);
    let mut history = History::new();
    let shown = [
        ("T", EarlierStatus::Published),
        ("B", EarlierStatus::Published),
    ];
    history
        .add(
            7,
            one,
            shown.map(|(code, status)| (key([code]), status)).into(),
        )
        .unwrap();
    let two = table(vec![region], &[(["T"], 60), (["A"], 2), (["B"], 58)]);
    let after = control(&two, &three(), &history).unwrap();
    assert!(!after.is_safe());
    let exposed = |finding: &&Finding| matches!(finding, Finding::Exposed { key: one, .. } if *one == key(["A"]));
    assert!(
        after.findings.iter().any(|finding| exposed(&finding)),
        "{:?}",
        after.findings
    );
    assert!(matches!(
        history.add(8, two, [].into()),
        Err(DisclosureError::HistoryIncomplete { .. })
    ));
}

#[test]
fn small_revisions_are_found_or_hidden() {
    let line = |n| table(vec![Dimension::flat("region")], &[(["A"], n)]);
    let mut history = History::new();
    history
        .add(1, line(20), first(&line(20)).for_history())
        .unwrap();
    let mut policy = three();
    let found = control(&line(21), &policy, &history).unwrap();
    assert_eq!(
        found.findings,
        [Finding::SmallRevision {
            key: key(["A"]),
            release: 1
        }]
    );
    policy.revisions = Revisions::Suppress;
    let hidden = control(&line(21), &policy, &history).unwrap();
    assert_eq!(
        hidden.statuses[&key(["A"])],
        Status::SuppressedPrimary(Rule::SmallRevision)
    );
    assert!(
        control(&line(30), &policy, &history)
            .unwrap()
            .findings
            .is_empty()
    );
}

#[test]
fn an_audience_that_sees_the_kind_costs_more() {
    // x11 is known to be 1 or 2, so that x12 is 19 or 20: still not derivable; the range is what the rule tells.
    let table = square(&[&[2, 20], &[30, 40]]);
    let policy = Policy {
        audience: Audience::SeesKind,
        ..three()
    };
    let outcome = control(&table, &policy, &History::new()).unwrap();
    assert!(outcome.is_safe());
    assert_attack_fails(&table, &policy, &History::new(), &outcome);
    assert_eq!(
        outcome.statuses[&key(["r1", "c1"])].public(policy.audience),
        "suppressed_primary"
    );
    assert_eq!(SMALL.public(Audience::SeesSuppressed), "suppressed");
}

#[test]
fn rates_and_costs_follow_their_cells() {
    let input = |n: i64, status| Input {
        count: Some(count(n)),
        status,
    };
    let t = Threshold::new(3).unwrap();
    let shown = |x, n| rate(input(x, Status::Published), input(n, Status::Published), t);
    assert_eq!(shown(10, 30), Derived::Published);
    assert_eq!(
        [shown(2, 30), shown(28, 30), shown(0, 30), shown(2, 2)],
        [Derived::Suppressed; 4]
    );
    assert_eq!(shown(0, 0), Derived::NotApplicable);
    assert_eq!(
        rate(input(10, SECONDARY), input(30, Status::Published), t),
        Derived::Suppressed
    );
    let none = Input {
        count: None,
        status: Status::NotApplicable,
    };
    assert_eq!(
        rate(none, input(30, Status::Published), t),
        Derived::NotApplicable
    );
    assert_eq!(
        cost_per_person(Status::Published, input(30, SECONDARY), t),
        Derived::Suppressed
    );
    assert_eq!(
        cost_per_person(Status::Published, input(30, Status::Published), t),
        Derived::Published
    );
    assert_eq!(
        cost_per_person(Status::Published, input(0, Status::Published), t),
        Derived::NotApplicable
    );
    assert_eq!(
        combined([Status::Published, SECONDARY]),
        Derived::Suppressed
    );
    assert_eq!(
        combined([Status::Published, Status::NotApplicable]),
        Derived::NotApplicable
    );
}

#[test]
fn the_order_of_input_changes_nothing() {
    let rows: [&[i64]; 3] = [&[2, 5, 5], &[5, 5, 5], &[5, 5, 5]];
    let sorted = square(&rows);
    let mut shuffled = Table::new(sorted.dimensions.clone());
    for (key, cell) in sorted.cells().collect::<Vec<_>>().into_iter().rev() {
        shuffled.insert(key.clone(), *cell).unwrap();
    }
    assert_eq!(first(&sorted), first(&shuffled));
    assert_eq!(
        hidden(&first(&sorted)),
        ["(r1, c1)", "(r1, c2)", "(r2, c1)", "(r2, c2)"],
        "ties go by key"
    );
}
