//! Tests of the bar chart.

use super::*;
use crate::chart::testing::{ALL, assert_sound, hard, of, secret};

#[test]
fn hard_comparisons_are_drawn_in_every_language() {
    for mut comparison in hard() {
        comparison.overall = Some(2.0);
        for language in ALL {
            comparison.language = language;
            for frame in [Frame::Standalone, Frame::Inline] {
                let picture = bar_chart(&comparison, frame);
                assert_sound(&picture);
                assert_eq!(picture, bar_chart(&comparison, frame));
            }
        }
    }
}

#[test]
fn a_wide_interval_is_clipped_with_an_arrow() {
    let row = Row {
        lower: Some(1.0),
        upper: Some(1000.0),
        ..Row::shown("a", "A", 10.0)
    };
    let comparison = of(vec![row]);
    let axis = Axis::of(&comparison);
    assert!(axis.holds(25.0) && !axis.holds(25.1));
    let arrows = bar_chart(&comparison, Frame::Inline)
        .matches("fill=\"none\"")
        .count();
    assert_eq!(arrows, 1);
}

#[test]
fn a_suppressed_number_is_nowhere() {
    let (row, numbers) = secret();
    let picture = bar_chart(
        &of(vec![row, Row::shown("DE1", "A", 3.0)]),
        Frame::Standalone,
    );
    for number in numbers {
        assert!(!picture.contains(number), "{number}");
    }
    assert!(picture.contains("url(#bar-suppressed)"));
}

#[test]
fn negative_bars_lie_left_of_zero() {
    let comparison = of(vec![Row::shown("a", "A", -5.0), Row::shown("b", "B", 5.0)]);
    let format = Format::of(&comparison);
    let plan = Plan::of(&comparison, &format, &[]);
    assert!(plan.x(-5.0) < plan.x(0.0) && plan.x(0.0) < plan.x(5.0));
    assert!(bar_chart(&comparison, Frame::Inline).contains("−5"));
}

#[test]
fn long_labels_are_cut_and_kept_whole_in_the_tooltip() {
    let long = "Ein sehr langer Name eines Trägers ".repeat(6);
    let picture = bar_chart(&of(vec![Row::shown("a", &long, 1.0)]), Frame::Inline);
    assert!(picture.contains('…') && picture.contains(&format!("<title>{long} (a): 1 EUR")));
}

#[test]
fn interval_cases_and_overall_are_explained() {
    let row = Row {
        lower: Some(1.0),
        upper: Some(3.0),
        n: Some(12_345),
        ..Row::shown("a", "A", 2.0)
    };
    let mut comparison = of(vec![row]);
    comparison.overall = Some(2.0);
    comparison.interval = "95 %, Wilson".to_owned();
    let picture = bar_chart(&comparison, Frame::Inline);
    for text in [
        "Interval (95 %, Wilson)",
        "overall: 2 EUR",
        ">12,345<",
        ">n<",
    ] {
        assert!(picture.contains(text), "{text}");
    }
}
