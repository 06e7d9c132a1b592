//! Tests of the table for the terminal.

use super::*;
use crate::chart::testing::{ALL, hard, of, secret};

fn rows(values: &[f64]) -> Comparison {
    of(values.iter().map(|v| Row::shown("a", "Row", *v)).collect())
}

#[test]
fn hard_comparisons_fit_their_width_and_steer_no_terminal() {
    for mut comparison in hard() {
        for (language, share) in ALL.into_iter().zip([None, Some(0.199), Some(1.0)]) {
            comparison.language = language;
            comparison.unallocated_share = share;
            for width in [0, 20, 60, 100, 250] {
                let text = terminal_bars(&comparison, width, false);
                assert!(!text.contains(['\u{1b}', '\u{202e}', '\u{0}']), "{text}");
                assert!(!text.contains("NaN"), "{text}");
                let (table, _) = super::table(&comparison, &Format::of(&comparison), width, false);
                if width >= 60 && !comparison.rows.is_empty() {
                    assert!(
                        table.iter().all(|line| cells(line) <= width),
                        "{width} {table:#?}"
                    );
                }
                assert_eq!(text, terminal_bars(&comparison, width, false));
            }
        }
    }
}

#[test]
fn bars_are_proportional_to_an_eighth() {
    let range = Range::of([8.0].into_iter());
    assert_eq!(
        (range.bar(8.0, 8).as_str(), range.bar(4.5, 8).as_str()),
        ("████████", "████▌   ")
    );
    assert_eq!(
        (range.bar(0.0, 8).as_str(), range.bar(1e-9, 8).as_str()),
        ("        ", "▏       ")
    );
}

#[test]
fn bars_below_zero_grow_to_the_left() {
    let range = Range::of([-4.0, 4.0].into_iter());
    assert_eq!(
        (range.bar(-2.0, 8).as_str(), range.bar(4.0, 8).as_str()),
        ("  ██    ", "    ████")
    );
    let all = Range::of([-4.0].into_iter());
    assert_eq!(all.bar(-4.0, 8), "████████");
    let extreme = Range::of([f64::MAX, f64::MIN].into_iter());
    assert_eq!(extreme.bar(f64::MAX, 8), "    ████");
}

#[test]
fn a_suppressed_number_is_nowhere() {
    let (row, numbers) = secret();
    let text = terminal_bars(&of(vec![row, Row::shown("DE1", "A", 3.0)]), 100, false);
    for number in numbers {
        assert!(!text.contains(number), "{number}");
    }
    assert!(text.contains("▒▒ suppressed"));
}

#[test]
fn narrow_terminals_lose_the_interval_first() {
    let mut comparison = rows(&[123.4]);
    comparison.rows[0] = Row {
        lower: Some(100.0),
        upper: Some(150.0),
        n: Some(12),
        ..comparison.rows[0].clone()
    };
    assert!(terminal_bars(&comparison, 80, false).contains("[100, 150]"));
    let narrow = terminal_bars(&comparison, 32, false);
    assert!(!narrow.contains('[') && narrow.contains("12"));
}

#[test]
fn what_no_row_could_be_given_is_a_column_where_bars_stay_long() {
    let mut comparison = rows(&[1.0, 2.0]);
    comparison.overall = Some(3.0);
    let lines = |comparison: &Comparison, width| {
        super::table(comparison, &Format::of(comparison), width, false).0
    };
    let headed = |table: &[String]| table[0].contains("Unallocated");
    assert!(!headed(&lines(&comparison, 100)));
    comparison.unallocated_share = Some(0.25);
    let wide = lines(&comparison, 100);
    assert!(headed(&wide), "{wide:#?}");
    // Each row has it, and all together has not.
    let ends: Vec<bool> = wide.iter().map(|line| line.ends_with("25%")).collect();
    assert_eq!(ends, [false, true, true, false, false], "{wide:#?}");
    for width in [40, 60, 80, 100] {
        let table = lines(&comparison, width);
        assert!(table.iter().all(|line| cells(line) <= width), "{table:#?}");
        let text = terminal_bars(&comparison, width, false);
        assert!(
            text.replace('\n', " ")
                .contains("Not included: 25% of the money")
        );
    }
    assert!(!headed(&lines(&comparison, 40)));
}

#[test]
fn the_head_of_short_labels_is_whole() {
    let mut comparison = rows(&[123.4]);
    comparison.by = "first_year".to_owned();
    let text = terminal_bars(&comparison, 80, false);
    assert!(text.contains("\nYear of the first day  "), "{text}");
}

#[test]
fn colour_only_when_wanted() {
    assert!(terminal_bars(&rows(&[1.0]), 80, true).contains("\u{1b}[36m"));
    assert!(!terminal_bars(&rows(&[1.0]), 80, false).contains('\u{1b}'));
}

#[test]
fn wide_and_combining_characters_are_counted() {
    assert_eq!((cells("e\u{301}"), cells("漢字"), cells("Å")), (1, 4, 1));
    assert_eq!(
        (cut("漢字漢字", 5), left("漢", 4)),
        ("漢字…".into(), "漢  ".into())
    );
}

#[test]
fn flags_overall_and_notes_follow_the_table() {
    let mut comparison = rows(&[1.0, 2.0]);
    comparison.rows[1].flags = vec!["small_n".to_owned()];
    comparison.overall = Some(1.5);
    comparison.unallocated_share = Some(0.25);
    let text = terminal_bars(&comparison, 80, false);
    for part in [
        "overall",
        "¹ small number of cases",
        "25% of the money",
        "Reading.",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
}

#[test]
fn a_sum_has_no_bar_and_does_not_shorten_the_others() {
    let mut comparison = rows(&[1.0, 2.0]);
    comparison.overall = Some(3.0);
    comparison.adds_up = true;
    let bars = |comparison: &Comparison| -> Vec<usize> {
        let (table, _) = super::table(comparison, &Format::of(comparison), 80, false);
        let count = |line: &String| line.chars().filter(|c| *c == '█').count();
        table.iter().map(count).collect()
    };
    // Head, two rows, a rule, the sum.
    assert_eq!(bars(&comparison), [0, 24, MOST_BAR, 0, 0]);
    let text = terminal_bars(&comparison, 80, false);
    let total = text.lines().find(|line| line.starts_with("overall"));
    assert!(total.is_some_and(|line| line.ends_with('3')), "{text}");
    assert!(text.lines().any(|line| line.starts_with("────")), "{text}");
    // A mean is measured with the rows.
    comparison.adds_up = false;
    comparison.overall = Some(1.5);
    assert_eq!(bars(&comparison), [0, 24, MOST_BAR, 0, 36]);
    // One so far off that no bar could be read has none either.
    comparison.overall = Some(100.0);
    assert_eq!(bars(&comparison), [0, 24, MOST_BAR, 0, 0]);
}

#[test]
fn one_row_fills_its_bar() {
    let mut comparison = rows(&[5.0]);
    comparison.overall = Some(5.0);
    comparison.adds_up = true;
    let text = terminal_bars(&comparison, 80, false);
    assert_eq!(text.matches('█').count(), MOST_BAR, "{text}");
}

#[test]
fn a_reason_without_room_is_a_letter_with_a_note() {
    let long = "no operation with a unit and an amount of this kind";
    let comparison = of(vec![
        Row::shown("a", "A long name", 1.0),
        Row::missing("b", "B", long),
        Row::missing("c", "C", "no date"),
        Row::missing("d", "D", long),
        Row::missing(
            "e",
            "E",
            "another reason that is longer than its bar is wide",
        ),
    ]);
    let text = terminal_bars(&comparison, 60, false);
    assert_eq!(text.matches("░░ missing (a) ░").count(), 2, "{text}");
    for part in ["░░ missing: no date ░", "░░ missing (b) ░"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(!text.contains('…'), "{text}");
    let words: Vec<&str> = text.split_whitespace().collect();
    let notes = words.join(" ");
    assert!(
        notes.contains(&format!("(a) missing: {long} (b) missing: another")),
        "{text}"
    );
    // Where not even the word has room, the letter stands alone.
    let mut reasons = Vec::new();
    assert_eq!(shaded('▒', "suppressed", 8, &mut reasons), "▒▒ (a) ▒");
    assert_eq!((letter(25), letter(26)), ("(z)".into(), "(27)".into()));
}

#[test]
fn what_intervals_are_and_where_the_data_are_from_is_told() {
    let mut comparison = rows(&[2.0]);
    comparison.interval = "95 %, Wilson".to_owned();
    let text = terminal_bars(&comparison, 80, false);
    assert!(!text.contains("Interval: "), "{text}");
    comparison.rows[0].lower = Some(1.0);
    comparison.rows[0].upper = Some(3.0);
    comparison.demonstration = true;
    let text = terminal_bars(&comparison, 80, false);
    for part in ["Interval: 95 %, Wilson\n", "Data: release 42\n"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let second = text.lines().nth(1);
    assert_eq!(second, Some("Demonstration: made-up data"), "{text}");
}
