//! Stamps as publishers write them, alone and together on a page.

use jiff::civil::date;

use super::*;

const LATEST: Date = date(2026, 11, 28);

fn of(texts: &[&str]) -> Newest {
    let stamps: Vec<Stamp> = (texts.iter())
        .map(|text| Stamp::new((*text).to_owned(), parts(text)))
        .collect();
    let stamps: Vec<&Stamp> = stamps.iter().collect();
    newest(&stamps, Some(LATEST))
}

/// The newest of these, which is told without any doubt.
fn surely<'a>(texts: &[&'a str]) -> &'a str {
    let newest = of(texts);
    assert_eq!(newest.doubt, None, "{texts:?}");
    assert!(newest.no_days.is_empty() && newest.too_late.is_empty());
    texts[newest.at.unwrap()]
}

#[test]
fn days_are_read_in_all_spellings_of_publishers() {
    // As text the other one would be the newest, or the order of the page would tell.
    for (newer, older) in [
        ("01.03.25", "31.12.24"),
        ("010325", "311224"),
        ("250301", "241231"),
        ("01.03.2025", "31.12.2024"),
        ("01032025", "31122024"),
        ("20250301", "20241231"),
        ("2025_3_1", "2024_12_31"),
        ("1-3-25", "31-12-24"),
        ("1. M\u{e4}rz 2025", "31. Dezember 2024"),
        ("1-mars-25", "31-dec-24"),
        ("March 1, 2025", "December 31, 2024"),
        ("2025-mars-01", "2024-december-31"),
        ("01.03.2025_08-00", "31.12.2024_08-00"),
        ("01.03.2025T08:00:00Z", "31.12.2024T09:00:00Z"),
        ("31.12.2024 um 10.15 Uhr", "31.12.2024 um 9.30 Uhr"),
        ("20250301080000", "20241231235959"),
        ("20250301-0800", "20241231-2359"),
        ("Stand 01.03.2025 korr", "Stand 31.12.2024 korr"),
    ] {
        for texts in [[older, newer], [newer, older]] {
            assert_eq!(surely(&texts), newer, "{texts:?}");
        }
    }
}

#[test]
fn months_quarters_and_years_are_dates() {
    for (newer, older) in [
        ("April_2025", "Dezember_2024"),
        ("april%202025", "Dezember%202024"),
        ("2025-april", "2024-oktober"),
        ("M\u{e4}rz 25", "Dez 24"),
        ("01-2025", "12-2024"),
        ("2025_01", "2024_12"),
        ("012025", "122024"),
        ("202501", "202412"),
        ("2025-Q1", "2024-Q4"),
        ("Q1_2025", "Q4_2024"),
        ("1. Quartal 2025", "4. Quartal 2024"),
        ("kvartal 1 2025", "kvartal 4 2024"),
        ("2025Q1", "31.12.2024"),
        ("2025", "1999"),
        ("v10", "v9"),
    ] {
        for texts in [[older, newer], [newer, older]] {
            let newest = of(&texts);
            assert_eq!(newest.at.map(|at| texts[at]), Some(newer), "{texts:?}");
        }
    }
    assert_eq!(surely(&["10", "9", "2"]), "10");
    assert_eq!(surely(&["April_2025", "Dezember_2024"]), "April_2025");
}

#[test]
fn which_number_is_the_year_is_said_by_all_links_together() {
    // By itself each of the first two could be either.
    let days = ["01.02.03", "03.02.01", "31.01.02"];
    assert_eq!(surely(&days), "01.02.03");
    let years = ["01.02.03", "03.02.01", "02.01.31"];
    assert_eq!(surely(&years), "03.02.01");
    let newest = of(&days[..2]);
    assert_eq!((newest.at, newest.doubt), (Some(0), Some(Doubt::Ambiguous)));
    let newest = of(&["200612", "190713"]);
    assert_eq!(newest.doubt, Some(Doubt::Ambiguous));
    // Both ways may lead to the same link.
    assert_eq!(surely(&["01.02.01", "03.04.03"]), "03.04.03");
}

#[test]
fn what_is_no_date_is_told_unless_it_is_a_plain_number() {
    for texts in [
        ["2025-31", "2025-02"],
        ["2024-12-31", "2025-01-01-v2"],
        ["KW 31 2024", "KW 02 2025"],
        ["2024-H1", "2024-H2"],
        ["31 Nr 12 2024", "30.12.2024"],
    ] {
        let newest = of(&texts);
        assert_eq!(newest.doubt, Some(Doubt::NotDates), "{texts:?}");
        assert!(newest.at.is_some());
    }
    for texts in [["9", "10"], ["a", "b"], ["2025-31", "2025-31"]] {
        assert_eq!(of(&texts).doubt, None, "{texts:?}");
    }
}

#[test]
fn days_that_are_none_and_days_to_come_are_passed_over() {
    let newest = of(&["2025-01-01", "2099-01-01", "31.02.2025", "2024-01-01"]);
    assert_eq!((newest.at, newest.doubt), (Some(0), None));
    assert!(newest.too_late.contains("2099-01-01"), "{newest:?}");
    assert!(newest.no_days.contains("31.02.2025"), "{newest:?}");
    // Tomorrow may be today elsewhere.
    let newest = of(&["2026-11-28", "2026-11-29"]);
    assert_eq!(newest.at, Some(0));
    assert_eq!(newest.too_late.len(), 1);
    // The others are text.
    let newest = of(&["2025-31", "2099-01-01", "30.02.2025", "2025-32"]);
    assert_eq!((newest.at, newest.doubt), (Some(3), Some(Doubt::NotDates)));
    assert_eq!((newest.too_late.len(), newest.no_days.len()), (1, 1));
    let newest = of(&["2099-01-01"]);
    assert_eq!(newest.at, None);
}

#[test]
fn names_of_groups_say_what_is_what() {
    let stamp = |pattern: &str, link: &str| {
        let pattern = regex::Regex::new(pattern).unwrap();
        Stamp::of(&pattern.captures(link).unwrap()).unwrap()
    };
    let day = r"_(?<day>\d+)\.(?<month>\w+)\.(?<year>\d+)";
    let month = r"_(?<year>\d\d)(?<month>\d\d)";
    for (pattern, older, newer) in [
        (day, "l_02.01.03", "l_01.03.03"),
        (day, "l_02.Januar.2003", "l_01.Mars.2003"),
        (month, "l_0112", "l_0201"),
    ] {
        let (older, newer) = (stamp(pattern, older), stamp(pattern, newer));
        let newest = newest(&[&older, &newer], Some(LATEST));
        assert_eq!((newest.at, newest.doubt), (Some(1), None), "{pattern}");
    }
    assert_eq!(stamp(day, "l_02.01.03").text(), "03-01-02");
}
