//! Tests of the map of true shapes.

use super::*;
use crate::chart::testing::{ALL, HOSTILE, assert_sound, hard, of, secret};

fn square(key: &str, lon: f64, lat: f64, side: f64) -> Shape {
    let ring = vec![
        (lon, lat),
        (lon + side, lat),
        (lon + side, lat + side),
        (lon, lat + side),
        (lon, lat),
    ];
    Shape {
        key: key.to_owned(),
        rings: vec![ring],
    }
}

#[test]
fn hard_comparisons_are_drawn_in_every_language() {
    let shapes = [
        square("DE1", 8.0, 48.0, 2.0),
        square("DE2", 10.0, 48.0, 2.0),
        square(HOSTILE, 12.0, 48.0, 2.0),
    ];
    for mut comparison in hard() {
        for language in ALL {
            comparison.language = language;
            for frame in [Frame::Standalone, Frame::Inline] {
                let picture = shape_map(&comparison, &shapes, HOSTILE, frame);
                assert_sound(&picture);
                assert_eq!(picture, shape_map(&comparison, &shapes, HOSTILE, frame));
            }
        }
    }
}

#[test]
fn no_shapes_and_broken_shapes_are_said_or_left_out() {
    let comparison = of(vec![Row::shown("DE1", "A", 1.0)]);
    assert!(shape_map(&comparison, &[], "", Frame::Inline).contains("No row of this comparison"));
    let broken = [
        Shape {
            key: "DE1".into(),
            rings: vec![vec![(f64::NAN, 1.0), (1.0, 1.0), (2.0, 2.0)], vec![]],
        },
        square("DE2", 10.0, 48.0, 2.0),
    ];
    let picture = shape_map(&comparison, &broken, "", Frame::Inline);
    assert_sound(&picture);
    assert!(picture.contains("No place on the map: A (DE1): 1 EUR"));
}

#[test]
fn shapes_without_rows_are_outside_the_comparison() {
    let shapes = [square("DE1", 8.0, 48.0, 2.0), square("FR1", 6.0, 48.0, 2.0)];
    let picture = shape_map(
        &of(vec![Row::shown("DE1", "A", 1.0)]),
        &shapes,
        "© Somebody",
        Frame::Standalone,
    );
    assert!(picture.contains("FR1: not part of the comparison") && picture.contains("© Somebody"));
    assert!(picture.contains(">BW</text>"));
}

#[test]
fn a_small_shape_has_its_label_beside_it() {
    let shapes = [
        square("DE1", 8.0, 48.0, 5.0),
        square("DE3", 14.0, 48.0, 0.05),
    ];
    let picture = shape_map(
        &of(vec![
            Row::shown("DE1", "A", 1.0),
            Row {
                flags: vec!["small_n".to_owned()],
                ..Row::shown("DE3", "B", 2.0)
            },
        ]),
        &shapes,
        "",
        Frame::Inline,
    );
    assert!(picture.contains(">BW</text>"), "{picture}");
    assert!(picture.contains(">BE ¹ 2</text>"), "{picture}");
    assert_eq!(picture.matches("<circle").count(), 1);
}

#[test]
fn names_stand_behind_codes_unless_they_are_many() {
    let picture = |count: usize| {
        let keys: Vec<String> = (0..count).map(|n| format!("DE{n:03}")).collect();
        let row = |key: &String| Row::shown(key, &format!("Name of {key}"), 1.0);
        let shape = |key: &String| square(key, 8.0, 48.0, 0.01);
        let shapes: Vec<Shape> = keys.iter().map(shape).collect();
        let rows = keys.iter().map(row).collect();
        shape_map(&of(rows), &shapes, "", Frame::Inline)
    };
    assert!(picture(60).contains(">Name of DE059</text>"));
    assert!(!picture(61).contains(">Name of DE059</text>"));
}

#[test]
fn boundaries_of_another_version_are_told_below_the_map() {
    let shapes = [
        square("DEG01", 10.0, 50.0, 1.0),
        square("DEG0N", 11.5, 50.0, 1.0),
    ];
    let rows = |keys: &[&str]| of(keys.iter().map(|key| Row::shown(key, key, 1.0)).collect());
    let picture = |keys: &[&str]| shape_map(&rows(keys), &shapes, "", Frame::Standalone);
    let told = "Rows without a boundary: 1. The boundaries drawn are of another version of NUTS.";
    assert!(picture(&["DEG01", "DEG0P"]).contains(told));
    assert!(!picture(&["DEG01", "DEG0N"]).contains("another version"));
}

#[test]
fn a_suppressed_number_is_nowhere() {
    let (row, numbers) = secret();
    let picture = shape_map(
        &of(vec![row]),
        &[square("DEC", 6.0, 49.0, 1.0)],
        "",
        Frame::Standalone,
    );
    for number in numbers {
        assert!(!picture.contains(number), "{number}");
    }
    assert!(picture.contains("url(#shape-suppressed)"));
}
