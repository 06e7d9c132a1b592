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
fn the_head_of_short_labels_is_whole() {
    let mut comparison = of(vec![Row::shown("2016", "2016", 10.0)]);
    comparison.by = "first_year".to_owned();
    let picture = bar_chart(&comparison, Frame::Inline);
    assert!(picture.contains(">Year of the first day<"), "{picture}");
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

#[test]
fn a_sum_stands_below_the_bars_and_does_not_shorten_them() {
    let mut comparison = of(vec![
        Row::shown("a", "A", 3.0),
        Row::shown("b", "B", 4.0),
        Row::missing("c", "C", ""),
    ]);
    comparison.overall = Some(7.0);
    comparison.adds_up = true;
    let format = Format::of(&comparison);
    let plan = Plan::of(&comparison, &format, &[]);
    assert!((plan.x(4.0) - plan.right).abs() < 1e-9);
    let picture = bar_chart(&comparison, Frame::Inline);
    assert!(!picture.contains("class=\"overall\""), "{picture}");
    assert!(picture.contains(">Overall</text>") && picture.contains(">7</text>"));
    // A mean is a line across the bars, and told in the legend alone.
    comparison.adds_up = false;
    comparison.overall = Some(3.5);
    let picture = bar_chart(&comparison, Frame::Inline);
    assert!(picture.contains("class=\"overall\"") && !picture.contains(">Overall</text>"));
}

#[test]
fn one_row_fills_the_width_and_its_total_is_said() {
    let mut comparison = of(vec![Row::shown("a", "A", 5.0)]);
    comparison.overall = Some(5.0);
    comparison.adds_up = true;
    let plan = Plan::of(&comparison, &Format::of(&comparison), &[]);
    let (from, length) = plan.bar(5.0);
    assert!((from + length - plan.right).abs() < 1e-9);
    assert!(bar_chart(&comparison, Frame::Inline).contains(">Overall</text>"));
}

#[test]
fn what_is_not_zero_is_seen() {
    let comparison = of(vec![Row::shown("a", "A", -5.0), Row::shown("b", "B", 5.0)]);
    let plan = Plan::of(&comparison, &Format::of(&comparison), &[]);
    let zero = plan.x(0.0);
    assert_eq!(plan.bar(0.0), (zero, 0.0));
    assert_eq!(plan.bar(1e-6), (zero, 1.0));
    assert_eq!(plan.bar(-1e-6), (zero - 1.0, 1.0));
}

#[test]
fn marks_of_flags_stay_where_a_label_is_cut() {
    let row = Row {
        flags: vec!["small_n".to_owned()],
        ..Row::shown("a", &"Ein sehr langer Name ".repeat(9), 1.0)
    };
    let lines = label_lines(&row, &["small_n"], 250.0);
    assert_eq!(lines.len(), 2);
    assert!(lines[1].ends_with("… ¹"), "{lines:?}");
    assert!(lines.iter().all(|line| LABEL.width(line) <= 250.0));
    let short = Row {
        label: "Kurz".to_owned(),
        ..row
    };
    assert_eq!(label_lines(&short, &["small_n"], 250.0), ["Kurz ¹"]);
}

#[test]
fn numbers_of_the_scale_do_not_run_into_each_other() {
    for largest in [1.0, 47.0, 299_000.0, 999_999.0, 8.4e7, 1e300] {
        let row = Row {
            n: Some(i64::MAX),
            ..Row::shown("a", &"Name ".repeat(20), largest)
        };
        let comparison = of(vec![Row::shown("b", "B", -largest), row]);
        let mut canvas = Canvas::new("t", WIDTH);
        let format = Format::of(&comparison);
        let plan = Plan::of(&comparison, &format, &[]);
        scale(&mut canvas, &format, &plan, (0.0, 10.0));
        let drawn = canvas.markup();
        let mut written_to = f64::MIN;
        for text in drawn.lines().filter(|line| line.starts_with("<text")) {
            let x: f64 = text.split('"').nth(1).unwrap().parse().unwrap();
            let number = text.split(['<', '>']).nth(2).unwrap();
            let half = NOTE.width(number) / 2.0;
            assert!(x - half > written_to, "{drawn}");
            written_to = x + half;
        }
        assert!(written_to > 0.0, "{drawn}");
    }
}
