//! The legend of a picture: samples with texts, set in lines. Shows only what the picture contains.

use crate::chart::{
    classes::Classes,
    comparison::{Comparison, Seen},
    format::Format,
    ink::NOTE,
    notes::MARGIN,
    palette::OUTSIDE,
    svg::{Anchor, Canvas, outline},
    text::fill,
};

/// A sample and what it stands for.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Entry {
    /// How the sample is drawn
    pub(crate) sample: Sample,
    /// What it means
    pub(crate) text: String,
}

/// How a sample is drawn.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Sample {
    /// A box with this look
    Box(String),
    /// A line across with this look, with ends if so
    Line(String, bool),
}

const BOX: (f64, f64) = (22.0, 14.0);
const LINE: f64 = 22.0;

/// Draws entries in as many lines as they need, from `top` on; gives where they end.
pub(crate) fn draw(canvas: &mut Canvas, top: f64, entries: &[Entry]) -> f64 {
    let (mut x, mut y) = (MARGIN, top);
    for entry in entries {
        let width = BOX.0 + 6.0 + NOTE.width(&entry.text) + 18.0;
        if x > MARGIN && x + width > canvas.width - MARGIN + 18.0 {
            (x, y) = (MARGIN, y + LINE);
        }
        match &entry.sample {
            Sample::Box(look) => canvas.rect(x, y, BOX.0, BOX.1, &format!("{look} {}", outline())),
            Sample::Line(look, ends) => {
                let middle = y + BOX.1 / 2.0;
                canvas.line((x, middle), (x + BOX.0, middle), look);
                if *ends {
                    for end in [x, x + BOX.0] {
                        canvas.line((end, middle - 4.0), (end, middle + 4.0), look);
                    }
                }
            }
        }
        let room = canvas.width - MARGIN - x - BOX.0 - 6.0;
        canvas.text(
            x + BOX.0 + 6.0,
            y + 11.0,
            Anchor::Start,
            NOTE,
            &NOTE.fit(&entry.text, room),
        );
        x += width;
    }
    if entries.is_empty() { top } else { y + LINE }
}

/// Entries for the classes of a map.
pub(crate) fn classes(classes: &Classes, format: &Format) -> Vec<Entry> {
    let words = format.words();
    let bounds = classes.bounds();
    let largest = bounds.iter().fold(0.0_f64, |most, b| most.max(b.abs()));
    let written: Vec<String> = bounds.iter().map(|b| format.round(*b, largest)).collect();
    (0..classes.len())
        .map(|class| {
            let low = class.checked_sub(1).and_then(|i| written.get(i));
            let text = match (low, written.get(class)) {
                (None, None) => words.all.to_owned(),
                (None, Some(high)) => fill(words.under, &[high]),
                (Some(low), None) => fill(words.from, &[low]),
                (Some(low), Some(high)) => fill(words.between, &[low, high]),
            };
            Entry {
                sample: Sample::Box(format!("fill=\"{}\"", classes.colour(class).hex())),
                text,
            }
        })
        .collect()
}

/// Entries for what is missing or suppressed, if any row is, and for places outside the comparison.
pub(crate) fn absences(
    canvas: &Canvas,
    comparison: &Comparison,
    format: &Format,
    outside: bool,
) -> Vec<Entry> {
    let words = format.words();
    let any = |wanted: fn(&Seen) -> bool| comparison.rows.iter().any(|row| wanted(&row.seen()));
    let mut entries = Vec::new();
    let mut add = |look: String, text: &str| {
        entries.push(Entry {
            sample: Sample::Box(look),
            text: text.to_owned(),
        });
    };
    if any(|seen| matches!(seen, Seen::Missing(_))) {
        add(canvas.missing(), words.missing_why);
    }
    if any(|seen| matches!(seen, Seen::Suppressed)) {
        add(canvas.suppressed(), words.suppressed_why);
    }
    if outside {
        add(format!("fill=\"{}\"", OUTSIDE.hex()), words.outside);
    }
    entries
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::{comparison::Row, testing::of};

    fn texts(values: &[f64]) -> Vec<String> {
        let comparison = of(values.iter().map(|v| Row::shown("a", "A", *v)).collect());
        let entries = classes(&Classes::of(values), &Format::of(&comparison));
        entries.into_iter().map(|entry| entry.text).collect()
    }

    #[test]
    fn classes_are_said_by_their_bounds() {
        assert_eq!(texts(&[]), [""; 0]);
        assert_eq!(texts(&[4.0, 4.0]), ["all values"]);
        assert_eq!(
            texts(&[1.0, 9.0, 70.0]),
            ["under 5", "5 to under 50", "50 or more"]
        );
        assert_eq!(texts(&[1e6, 9e6, 70e6])[1], "5m to under 50m");
    }

    #[test]
    fn only_what_is_there_is_explained() {
        let canvas = Canvas::new("t", 300.0);
        let count = |rows| {
            let comparison = of(rows);
            absences(&canvas, &comparison, &Format::of(&comparison), false).len()
        };
        assert_eq!(count(vec![Row::shown("a", "A", 1.0)]), 0);
        assert_eq!(
            count(vec![Row::missing("a", "A", ""), Row::missing("b", "B", "")]),
            1
        );
        assert_eq!(
            count(vec![Row::missing("a", "A", ""), Row::suppressed("b", "B")]),
            2
        );
    }

    #[test]
    fn entries_go_to_the_next_line_when_there_is_no_room() {
        let entry = Entry {
            sample: Sample::Box("fill=\"#000\"".into()),
            text: "a rather long text here".into(),
        };
        let mut canvas = Canvas::new("t", 260.0);
        assert!((draw(&mut canvas, 0.0, &[entry.clone(), entry]) - 2.0 * LINE).abs() < 1e-9);
        assert!(draw(&mut canvas, 5.0, &[]) < 5.1);
    }
}
