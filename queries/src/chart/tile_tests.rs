//! Tests of the tile map.

use super::*;
use crate::chart::testing::{ALL, assert_sound, hard, of, secret};

fn squares(picture: &str) -> usize {
    picture.matches("<rect").filter(|_| true).count()
}

#[test]
fn hard_comparisons_are_drawn_in_every_language() {
    for mut comparison in hard() {
        for language in ALL {
            comparison.language = language;
            for frame in [Frame::Standalone, Frame::Inline] {
                let picture = tile_map(&comparison, frame);
                assert_sound(&picture);
                assert_eq!(picture, tile_map(&comparison, frame));
            }
        }
    }
}

#[test]
fn both_countries_lie_side_by_side() {
    let picture = tile_map(
        &of(vec![
            Row::shown("DE1", "Baden-Württemberg", 3.0),
            Row::shown("SE110", "Stockholms län", 4.0),
        ]),
        Frame::Inline,
    );
    assert!(
        picture.contains("Germany") && picture.contains("Sweden") && picture.contains(">AB</text>")
    );
    assert!(picture.contains("not part of the comparison"));
    assert!(squares(&picture) >= 16 + 21);
}

#[test]
fn one_country_alone_leaves_the_other_out() {
    let picture = tile_map(
        &of(vec![Row::shown("SE11", "Stockholm", 4.0)]),
        Frame::Inline,
    );
    assert!(!picture.contains("Germany") && picture.contains(">SE11</text>"));
}

#[test]
fn rows_without_a_place_are_named_and_do_not_shape_the_classes() {
    let picture = tile_map(
        &of(vec![
            Row::shown("DE1", "A", 3.0),
            Row::shown("SE", "Nationellt", 900.0),
        ]),
        Frame::Inline,
    );
    assert!(picture.contains("No place on the map: Nationellt (SE): 900 EUR"));
    assert!(picture.contains("all values"));
    let none = tile_map(&of(vec![Row::shown("x", "X", 1.0)]), Frame::Inline);
    assert!(none.contains("No row of this comparison has a place on the map."));
    assert!(!has_tiles(&of(vec![Row::shown("x", "X", 1.0)])));
}

#[test]
fn a_map_that_would_hold_few_of_the_rows_is_none() {
    let rows = |keys: &[&str]| of(keys.iter().map(|key| Row::shown(key, key, 1.0)).collect());
    assert!(has_tiles(&rows(&["DE1", "SE11", "AT11"])));
    // NUTS 2 of both countries: only the Swedish regions have tiles.
    assert!(!has_tiles(&rows(&["DE11", "DE12", "DE13", "SE11", "SE12"])));
    // Of two Swedish levels one is drawn.
    assert!(!has_tiles(&rows(&["SE110", "SE121", "SE11", "SE12"])));
    assert!(!has_tiles(&of(Vec::new())));
}

#[test]
fn how_many_rows_have_no_place_is_never_cut_off() {
    let reason = "a reason that takes a line of its own and part of the next ".repeat(2);
    let mut rows = vec![Row::shown("DE1", "A", 3.0)];
    rows.extend((0..10).map(|n| Row::missing(&format!("x{n}"), "Somewhere else", &reason)));
    let picture = tile_map(&of(rows), Frame::Inline);
    assert!(
        !picture.contains("(x8)") && picture.contains("more</text>"),
        "{picture}"
    );
}

#[test]
fn missing_and_suppressed_have_hatches_of_their_own() {
    let picture = tile_map(
        &of(vec![
            Row::missing("DE1", "A", "no date"),
            Row::suppressed("DE2", "B"),
            Row::shown("DE3", "C", 1.0),
        ]),
        Frame::Inline,
    );
    // Once on the tile, once in the legend.
    assert_eq!(picture.matches("fill=\"url(#tile-missing)\"").count(), 2);
    assert_eq!(picture.matches("fill=\"url(#tile-suppressed)\"").count(), 2);
    assert!(picture.contains("A (DE1): missing: no date"));
}

#[test]
fn a_suppressed_number_is_nowhere() {
    let (row, numbers) = secret();
    let picture = tile_map(
        &of(vec![row, Row::shown("DE1", "A", 3.0)]),
        Frame::Standalone,
    );
    for number in numbers {
        assert!(!picture.contains(number), "{number}");
    }
}

#[test]
fn flags_are_marked_and_explained() {
    let row = Row {
        flags: vec!["small_n".into()],
        ..Row::shown("DE1", "A", 3.0)
    };
    let picture = tile_map(&of(vec![row]), Frame::Inline);
    assert!(picture.contains(">¹</text>") && picture.contains("¹ small number of cases"));
}

#[test]
fn numbers_fit_their_tile() {
    for text in ["1,234,567,890", "suppressed", "−12.345,67", "1,00·10³⁰⁰"] {
        let ink = shrunk(TEXT, text, SIDE - 8.0);
        assert!(ink.width(text) <= SIDE + 4.0, "{text} {}", ink.width(text));
    }
}
