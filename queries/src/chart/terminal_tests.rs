//! Tests of the table for the terminal.

use super::*;
use crate::chart::testing::{ALL, hard, of, secret};

fn rows(values: &[f64]) -> Comparison {
    of(values.iter().map(|v| Row::shown("a", "Row", *v)).collect())
}

#[test]
fn hard_comparisons_fit_their_width_and_steer_no_terminal() {
    for mut comparison in hard() {
        for language in ALL {
            comparison.language = language;
            for width in [0, 20, 60, 100, 250] {
                let text = terminal_bars(&comparison, width, false);
                assert!(!text.contains(['\u{1b}', '\u{202e}', '\u{0}']), "{text}");
                assert!(!text.contains("NaN"), "{text}");
                let table = super::table(&comparison, &Format::of(&comparison), width, false);
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
