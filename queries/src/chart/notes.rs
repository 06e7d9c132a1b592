//! What stands around the data of every picture: title and reading above; the share that no row could be given, the
//! flags as numbered notes, caveats, as-of and citation below. The unallocated share and the flags are in inline pictures
//! too. What makes a number honest is never cut: it takes as many lines as it needs.

use crate::chart::{
    comparison::{Comparison, Row},
    format::{Format, superscript},
    ink::{NOTE, TEXT},
    svg::{Canvas, Frame},
    text::fill,
};

/// Space around everything.
pub(crate) const MARGIN: f64 = 16.0;

/// The flags of a comparison, each once, in the order of the rows.
pub(crate) fn flags(comparison: &Comparison) -> Vec<&str> {
    let mut flags: Vec<&str> = Vec::new();
    for flag in comparison.rows.iter().flat_map(|row| &row.flags) {
        if !flags.contains(&flag.as_str()) {
            flags.push(flag);
        }
    }
    flags
}

/// The raised numbers of a row's flags, such as `¹ ³`.
pub(crate) fn marks(row: &Row, flags: &[&str]) -> String {
    let numbers = flags
        .iter()
        .enumerate()
        .filter(|(_, flag)| row.flags.iter().any(|f| f == *flag));
    let marks: Vec<String> = numbers
        .map(|(i, _)| superscript(&(i + 1).to_string()))
        .collect();
    marks.join(" ")
}

/// The notes below the data, one text each.
pub(crate) fn notes(comparison: &Comparison, format: &Format) -> Vec<String> {
    let mut notes = Vec::new();
    if let Some(share) = unallocated(comparison) {
        notes.push(fill(comparison.left_over(), &[&format.share(share)]));
    }
    if let Some((within, between)) = comparison.within_between {
        let parts = [format.value(within), format.value(between)];
        notes.push(fill(format.words().decomposed, &[&parts[0], &parts[1]]));
    }
    for (i, flag) in flags(comparison).iter().enumerate() {
        notes.push(format!(
            "{} {}",
            superscript(&(i + 1).to_string()),
            comparison.language.flag(flag)
        ));
    }
    notes
}

/// The unallocated share, if there is one.
pub(crate) fn unallocated(comparison: &Comparison) -> Option<f64> {
    comparison
        .unallocated_share
        .filter(|share| share.is_finite() && *share > 0.0)
}

/// Draws what stands above; gives the top of the data.
pub(crate) fn head(canvas: &mut Canvas, comparison: &Comparison, frame: Frame) -> f64 {
    if frame == Frame::Inline {
        return MARGIN;
    }
    let room = canvas.width - 2.0 * MARGIN;
    let title = TEXT.sized(18.0).bold();
    let lines = title.wrap(&comparison.title, room, 2);
    let y = canvas.lines(MARGIN, MARGIN + 16.0, title, &lines);
    let reading = NOTE.sized(12.5);
    let lines = reading.wrap(&comparison.reading, room, usize::MAX);
    canvas.lines(MARGIN, y, reading, &lines)
}

/// Draws what stands below, from `top` on; gives the height of the picture.
pub(crate) fn foot(
    canvas: &mut Canvas,
    comparison: &Comparison,
    format: &Format,
    frame: Frame,
    top: f64,
) -> f64 {
    let room = canvas.width - 2.0 * MARGIN;
    let mut texts = notes(comparison, format);
    if frame == Frame::Standalone {
        let words = format.words();
        // A picture that stands alone has no other place for them.
        let caveats = comparison.caveats.iter();
        texts.extend(caveats.map(|caveat| format!("· {caveat}")));
        if !comparison.as_of.is_empty() {
            texts.push(format!("{}: {}", words.as_of, comparison.as_of));
        }
        if !comparison.citation.is_empty() {
            texts.push(comparison.citation.clone());
        }
    }
    let mut y = top + 14.0;
    for text in texts {
        y = canvas.lines(MARGIN, y, NOTE, &NOTE.wrap(&text, room, usize::MAX));
    }
    y - 14.0 + MARGIN
}

/// What a picture is called by those who cannot see it.
pub(crate) fn label(comparison: &Comparison) -> String {
    format!("{}. {}", comparison.title, comparison.reading)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::testing::of;

    fn flagged(flags: &[&str]) -> Row {
        Row {
            flags: flags.iter().map(|&f| f.to_owned()).collect(),
            ..Row::shown("a", "A", 1.0)
        }
    }

    #[test]
    fn each_flag_is_a_numbered_note() {
        let comparison = of(vec![
            flagged(&["small_n"]),
            flagged(&[]),
            flagged(&["odd", "small_n"]),
        ]);
        let all = flags(&comparison);
        assert_eq!(marks(&comparison.rows[2], &all), "¹ ²");
        assert_eq!(marks(&comparison.rows[1], &all), "");
        assert_eq!(
            notes(&comparison, &Format::of(&comparison)),
            ["¹ small number of cases", "² odd"]
        );
    }

    #[test]
    fn the_unallocated_share_is_said_unless_there_is_none() {
        let mut comparison = of(Vec::new());
        for (share, count) in [
            (None, 0),
            (Some(0.0), 0),
            (Some(f64::NAN), 0),
            (Some(0.25), 1),
        ] {
            comparison.unallocated_share = share;
            assert_eq!(notes(&comparison, &Format::of(&comparison)).len(), count);
        }
    }

    #[test]
    fn reading_and_caveats_are_whole_in_a_picture_that_stands_alone() {
        let mut comparison = of(vec![flagged(&[])]);
        comparison.reading = "Shows something and not another. ".repeat(30) + "End of reading.";
        comparison.caveats = vec!["One thing more to know. ".repeat(30) + "End of caveat."];
        let drawn = |frame| {
            let mut canvas = Canvas::new("t", 560.0);
            let top = head(&mut canvas, &comparison, frame);
            let format = Format::of(&comparison);
            let height = foot(&mut canvas, &comparison, &format, frame, top);
            (canvas.markup(), height)
        };
        let (alone, height) = drawn(Frame::Standalone);
        for part in ["reading.</text>", ">· One", "caveat.</text>"] {
            assert!(alone.contains(part), "{part}: {alone}");
        }
        assert!(!alone.contains('…') && height > 200.0, "{alone}");
        let (inline, _) = drawn(Frame::Inline);
        assert!(!inline.contains("caveat") && !inline.contains("reading"));
    }
}
