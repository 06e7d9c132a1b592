//! Sums and figures in a list, wherever they stand and whatever else their rows have: none is an operation.

use std::fmt::Write as _;

use super::*;
use crate::check::PublishedTotal;

const HEAD: &str =
    "Name des Begünstigten;Bezeichnung des Vorhabens;Beginn;Ende;Gesamtkosten in EUR\n";

/// So many operations, the first of which is this one: 1.000,10 and as much more for each.
fn operations(first: usize, n: usize) -> String {
    let line = |i: usize| {
        let amount = euro(100_010 * i as i128);
        format!("Muster {i} gGmbH;Kurs {i};0{i}.02.2015;0{i}.01.2016;{amount}\n")
    };
    (first..first + n).map(line).collect()
}

fn euro(cents: i128) -> String {
    format!("{},{:02}", cents / 100, cents % 100)
}

/// A row with a name and the sum of operations.
fn sum(name: &str, operations: std::ops::RangeInclusive<i128>) -> String {
    format!(
        "{name};;;;{}\n",
        euro(operations.map(|i| 100_010 * i).sum())
    )
}

/// Of a list of four operations that has other rows too the rules by which rows are rejected, and how many are sums.
fn four(text: &str) -> (Vec<String>, u64) {
    let mapped = expect(text, 4, &[("total_cost", 1_000_100)]);
    assert!(mapped.account.closes(), "{:?}", mapped.account);
    let rules = quarantined(&mapped).into_iter().map(str::to_owned);
    let sums = mapped.account.ignored.get("total").copied();
    (rules.collect(), sums.unwrap_or(0))
}

#[test]
fn parts_below_the_list_that_are_the_whole_together_are_sums() {
    let four_rows = operations(1, 4);
    let (a, b) = (sum("Achse A", 1..=2), sum("Achse B", 3..=4));
    let overview = "Übersicht nach Achsen;;;;\n";
    for (text, sums) in [
        (format!("{HEAD}{four_rows};;;;\n{overview}{a}{b}"), 2),
        (format!("{HEAD}{a}{b}{four_rows}"), 2),
        // By another division too, and not in the order of the operations.
        (
            format!(
                "{HEAD}{four_rows}{a}{b}{}{}",
                sum("Ziel 1", 1..=1).replace("1000,10", "5000,50"),
                sum("Ziel 2", 1..=1).replace("1000,10", "5000,50"),
            ),
            4,
        ),
    ] {
        assert_eq!(four(&text), (vec![], sums), "{text}");
    }
}

#[test]
fn sums_that_say_so_are_none_less_for_what_else_they_have() {
    let four_rows = operations(1, 4);
    for row in [
        "Summe;4 Vorhaben;;;10001,00\n",
        "Summe;;01.02.2015;31.05.2016;10001,00\n",
        "Summe;4 Vorhaben;01.02.2015;31.05.2016;10001\n",
    ] {
        assert_eq!(
            four(&format!("{HEAD}{four_rows}{row}")),
            (vec![], 1),
            "{row}"
        );
    }
    // One that no rows add up to is told.
    for row in [
        "Summe;4 Vorhaben;;;10101,00\n",
        "Summe;;01.02.2015;31.05.2016;10101,00\n",
    ] {
        let told = vec!["total_unproven".to_owned()];
        assert_eq!(four(&format!("{HEAD}{four_rows}{row}")), (told, 0), "{row}");
    }
    // A body of such a name is an operation like others, and in the sum of all.
    let body = "Summa Kompetens;Kurs X;05.02.2015;05.01.2016;100,00\n";
    let text = format!("{HEAD}{four_rows}{body}Achse A;;;;10101,00\n");
    let mapped = expect(&text, 5, &[("total_cost", 1_010_100)]);
    assert_eq!(mapped.account.ignored["total"], 1);
}

#[test]
fn groups_have_sums_on_two_levels_of_one_row_and_rounded() {
    let (first, second) = (operations(1, 2), operations(3, 2));
    let (a1, a2) = (sum("Ziel A1", 1..=2), sum("Ziel A2", 3..=4));
    let a = sum("Achse A", 1..=4);
    let (one, three) = (operations(1, 1), operations(2, 3));
    for (text, sums) in [
        (format!("{HEAD}{a}{a1}{first}{a2}{second}"), 3),
        (format!("{HEAD}{first}{a1}{second}{a2}{a}"), 3),
        (
            format!(
                "{HEAD}{}{one}{}{three}",
                sum("Achse A", 1..=1),
                sum("Achse B", 2..=4)
            ),
            2,
        ),
        (
            format!("{HEAD}Achse A;;;;3000\n{first}Achse B;;;;7001\n{second}"),
            2,
        ),
    ] {
        assert_eq!(four(&text), (vec![], sums), "{text}");
    }
    // Two axes with two objectives each.
    let axis = |n: usize| {
        let first = n as i128;
        format!(
            "{}{}{}{}{}",
            sum(&format!("Achse {n}"), first..=first + 3),
            sum("Ziel 1", first..=first + 1),
            operations(n, 2),
            sum("Ziel 2", first + 2..=first + 3),
            operations(n + 2, 2)
        )
    };
    let text = format!("{HEAD}{}{}", axis(1), axis(5));
    let mapped = expect(&text, 8, &[("total_cost", 36 * 100_010)]);
    assert_eq!(mapped.account.ignored["total"], 6);
}

#[test]
fn figures_about_a_list_are_told_and_not_loaded() {
    let four_rows = operations(1, 4);
    for name in [
        "Prioritätsachse A gesamt",
        "Alle Vorhaben",
        "Anzahl der Vorhaben",
        "davon EU-Mittel",
        "ESF",
    ] {
        let text = format!("{HEAD}{four_rows}{name};;;;10101,00\n");
        assert_eq!(four(&text), (vec!["row_thin".to_owned()], 0), "{name}");
    }
    let below = "Anzahl der Vorhaben;;;;4\nDurchschnitt je Vorhaben;;;;2500,25\ndavon EU-Mittel;;;;5000,50\n";
    let (rules, _) = four(&format!("{HEAD}{four_rows}{below}"));
    assert_eq!(rules, ["row_thin"; 3]);
    // They are in no sum, so that the list's own total is that of its operations.
    let mapped = map(&format!("{HEAD}{four_rows}Summe;;;;10001,00\n{below}")).expect("a list");
    assert_eq!(mapped.published_totals[0].agrees(), Some(true));
    assert_eq!(mapped.totals[0].total, 1_000_100);
}

#[test]
fn operations_that_lack_cells_stay_operations() {
    let four_rows = operations(1, 4);
    for row in [
        // Further names, or days.
        "Muster X gGmbH;Kurs X;;;50,00\n",
        "Muster X gGmbH;;01.02.2015;;50,00\n",
        // The operation of the body above.
        ";Kurs X;01.02.2015;31.01.2016;50,00\n",
    ] {
        let text = format!("{HEAD}{four_rows}{row}");
        expect(&text, 5, &[("total_cost", 1_005_100)]);
    }
    // Bodies stand in the first row of their group only.
    let head = "Begünstigter;PLZ;Ort;Vorhaben;Zuwendung in EUR\n";
    let group = |i: usize| {
        format!(
            "Verein {i} e.V.;0106{i};Musterstadt {i};Kurs {i};{i}00,50\n;;;Kurs {i}b;{i}50,50\n"
        )
    };
    let groups: String = (1..6).map(group).collect();
    let mapped = expect(&format!("{head}{groups}"), 10, &[("granted", 325_500)]);
    assert_eq!(mapped.account.quarantined, 0);
}

#[test]
fn many_rows_with_a_name_only_are_loaded_and_told() {
    let four_rows = operations(1, 4);
    let more = operations(5, 4);
    let mut thin = String::new();
    for i in 1..5 {
        let _ = writeln!(thin, "Kurs {i}0;;;;{i}7,00");
    }
    let mapped = expect(
        &format!("{HEAD}{four_rows}{thin}{more}"),
        12,
        &[("total_cost", 36 * 100_010 + 12_800)],
    );
    let told: Vec<&str> = rules(&mapped);
    assert!(told.contains(&"row_thin"), "{told:?}");
    assert_eq!(mapped.account.quarantined, 0);
}

#[test]
fn an_operation_that_has_the_money_of_all_others_is_told() {
    let four_rows = operations(1, 4);
    let row = "Landesamt Muster;Kurs X;01.02.2015;31.01.2016;10001,00\n";
    let mapped = expect(
        &format!("{HEAD}{four_rows}{row}"),
        5,
        &[("total_cost", 2_000_200)],
    );
    let told = mapped.findings.iter().filter(|f| f.rule == "sum_of_others");
    let told: Vec<Option<i64>> = told.map(|f| f.row).collect();
    assert_eq!(told, [Some(6)]);
    let other = expect(
        &format!("{HEAD}{four_rows}"),
        4,
        &[("total_cost", 1_000_100)],
    );
    assert!(!rules(&other).contains(&"sum_of_others"));
}

/// A row that lacks nothing and has the sum of operations, and so many cents more.
fn whole_sum(names: &str, operations: std::ops::RangeInclusive<i128>, more: i128) -> String {
    let cents = operations.map(|i| 100_010 * i).sum::<i128>() + more;
    format!("{names};01.01.2014;31.12.2020;{}\n", euro(cents))
}

/// Nine operations in three groups with the rows of their sums, the last of which has so many cents more.
fn three_groups(last: &str, more: i128) -> [[String; 2]; 3] {
    [
        [whole_sum("Achse 1;Ziel A", 1..=4, 0), operations(1, 4)],
        [whole_sum("Achse 2;Ziel B", 5..=6, 0), operations(5, 2)],
        [whole_sum(last, 7..=9, more), operations(7, 3)],
    ]
}

fn told_of_others(mapped: &Mapped) -> Vec<Option<i64>> {
    let told = mapped.findings.iter().filter(|f| f.rule == "sum_of_others");
    told.map(|f| f.row).collect()
}

#[test]
fn whole_rows_that_part_the_list_into_groups_are_their_sums() {
    let groups = three_groups("Achse 3;Ziel C", 0);
    let above = groups.concat().concat();
    let below = groups.iter();
    let below: String = below
        .flat_map(|[sum, rows]| [rows.as_str(), sum.as_str()])
        .collect();
    let all = whole_sum("Programm;Alle Ziele", 1..=9, 0);
    for (text, sums) in [
        (format!("{HEAD}{above}"), 3),
        (format!("{HEAD}{below}"), 3),
        (format!("{HEAD}{all}{above}"), 4),
        (format!("{HEAD}{above}{all}"), 4),
        (format!("{HEAD}{below}{all}"), 4),
    ] {
        let mapped = expect(&text, 9, &[("total_cost", 45 * 100_010)]);
        assert_eq!(mapped.account.ignored.get("total"), Some(&sums), "{text}");
        assert!(told_of_others(&mapped).is_empty(), "{text}");
        assert!(mapped.account.closes(), "{:?}", mapped.account);
    }
}

#[test]
fn one_of_the_sums_of_groups_that_does_not_add_up_is_told_and_compared() {
    let text = three_groups("Achse 3;Ziel C", 10_000).concat().concat();
    let mapped = expect(&format!("{HEAD}{text}"), 9, &[("total_cost", 45 * 100_010)]);
    assert_eq!(told_of_others(&mapped), [Some(10)]);
    let totals = mapped.published_totals.iter();
    let agree: Vec<Option<bool>> = totals.map(PublishedTotal::agrees).collect();
    assert_eq!(agree, [Some(true), Some(true), Some(false)]);
}

#[test]
fn an_operation_that_is_not_named_as_the_sums_are_is_none_of_them() {
    let text = three_groups("Verein X e.V.;Kurs X", 10_000)
        .concat()
        .concat();
    let mapped = expect(
        &format!("{HEAD}{text}"),
        12,
        &[("total_cost", 90 * 100_010 + 10_000)],
    );
    assert!(mapped.published_totals.is_empty());
}

#[test]
fn amounts_that_may_add_up_by_chance_are_loaded() {
    // Each amount is that of the row above or below.
    let pair = |i: usize| {
        let again = operations(i, 1).replace("Kurs", "Werkstatt");
        format!("{}{again}", operations(i, 1))
    };
    let pairs: String = (1..=4).map(pair).collect();
    let mapped = expect(
        &format!("{HEAD}{pairs}"),
        8,
        &[("total_cost", 20 * 100_010)],
    );
    assert!(told_of_others(&mapped).is_empty());
    // One group of several amounts, and one of a single row.
    let few = |one: &str, other: &str| {
        let (one, other) = (whole_sum(one, 1..=4, 0), whole_sum(other, 5..=5, 0));
        format!("{HEAD}{one}{}{other}{}", operations(1, 4), operations(5, 1))
    };
    for (one, other) in [
        ("Bildung Muster;Kurs X", "Technik Muster;Kurs Y"),
        // They begin like all others.
        ("Muster X gGmbH;Kurs X", "Muster Y gGmbH;Kurs Y"),
    ] {
        let mapped = expect(&few(one, other), 7, &[("total_cost", 30 * 100_010)]);
        assert_eq!(told_of_others(&mapped), [Some(2)], "{one}");
    }
    // Where they are called alike, they are sums.
    let alike = few("Achse 1;Ziel A", "Achse 2;Ziel B");
    expect(&alike, 5, &[("total_cost", 15 * 100_010)]);
}
