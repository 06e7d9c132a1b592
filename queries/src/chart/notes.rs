//! What stands around the data of every picture: title, what the question leaves out and reading above; the share that
//! no row could be given, the flags as numbered notes, caveats, as-of and citation below. The unallocated share and the
//! flags are in inline pictures too. What makes a number honest is never cut: it takes as many lines as it needs.

use crate::chart::{
    comparison::{Comparison, Row},
    format::{Format, superscript},
    ink::{NOTE, TEXT},
    svg::{Canvas, Frame},
    text::{fill, limits},
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
    let mut notes: Vec<String> = not_listed(comparison).into_iter().collect();
    notes.extend(comparison.left_over());
    if let Some((within, between)) = comparison.within_between {
        let [sum, within, between] = format.sum((within, between));
        notes.push(fill(format.words().decomposed, &[&sum, &within, &between]));
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

/// That only the first rows are listed, if so.
pub(crate) fn not_listed(comparison: &Comparison) -> Option<String> {
    let (listed, all) = (comparison.rows.len(), comparison.counted().count());
    let counts = [listed.to_string(), all.to_string()];
    let words = comparison.language.words();
    (listed < all).then(|| fill(words.first_rows, &[&counts[0], &counts[1]]))
}

/// The caveats as they stand below the data; a line says which language those are in that are in another than the rest.
pub(crate) fn caveats(comparison: &Comparison) -> Vec<String> {
    let point = |caveat: &String| format!("· {caveat}");
    let mut caveats: Vec<String> = comparison.caveats.iter().map(point).collect();
    caveats.extend(before_english(comparison).map(str::to_owned));
    caveats.extend(comparison.english_caveats.iter().map(point));
    caveats
}

/// The line in front of caveats that are in English where the rest is not.
pub(crate) fn before_english(comparison: &Comparison) -> Option<&'static str> {
    let line = comparison.language.words().caveats_in;
    (!line.is_empty() && !comparison.english_caveats.is_empty()).then_some(line)
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
    let mut y = canvas.lines(MARGIN, MARGIN + 16.0, title, &lines);
    let limit = TEXT.bold();
    for text in limits(comparison) {
        y = canvas.lines(MARGIN, y, limit, &limit.wrap(&text, room, usize::MAX));
    }
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
        texts.extend(caveats(comparison));
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
    let mut texts = vec![comparison.title.clone()];
    texts.extend(limits(comparison));
    texts.push(comparison.reading.clone());
    texts.join(". ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::{
        comparison::{Condition, Language, Shared},
        testing::of,
    };

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
    fn what_is_left_over_is_called_what_it_is() {
        let mut comparison = of(Vec::new());
        comparison.unallocated_share = Some(0.25);
        comparison.unit = "international dollars".to_owned();
        for (shared, what) in [
            (Shared::Money, "25% of the money"),
            (Shared::Operations, "25% of the operations"),
            (Shared::Counts, "25% of the counts"),
            (Shared::Figures, "25% of the published figures"),
        ] {
            comparison.shared = shared;
            let told = comparison.left_over().unwrap_or_default();
            assert!(told.contains(what), "{told}");
        }
    }

    #[test]
    fn rows_that_are_not_listed_are_said() {
        let all = of(vec![flagged(&[]), flagged(&[]), flagged(&[])]);
        assert_eq!(not_listed(&all), None);
        assert_eq!(
            notes(&all.first(2), &Format::of(&all)),
            ["Bars and table have the first 2 of 3 rows; --limit 0 shows all."]
        );
    }

    #[test]
    fn the_language_of_caveats_is_said_where_it_is_another() {
        let mut comparison = of(Vec::new());
        comparison.language = Language::Sv;
        assert_eq!(caveats(&comparison), [""; 0]);
        comparison.caveats = vec!["Brutto.".to_owned()];
        assert_eq!(caveats(&comparison), ["· Brutto."]);
        comparison.english_caveats = vec!["Gross.".to_owned()];
        let told = caveats(&comparison);
        assert!(
            told[0] == "· Brutto." && told[1].contains("engelska") && told[2] == "· Gross.",
            "{told:?}"
        );
    }

    #[test]
    fn made_up_data_and_what_is_left_out_stand_under_the_title() {
        let mut comparison = of(Vec::new());
        comparison.demonstration = true;
        comparison.conditions = vec![Condition::Where("fund = 'ESF' ".repeat(20))];
        let mut canvas = Canvas::new("t", 560.0);
        head(&mut canvas, &comparison, Frame::Standalone);
        let drawn = canvas.markup();
        assert!(
            drawn.contains(">Demonstration: made-up data</text>"),
            "{drawn}"
        );
        assert_eq!(drawn.matches("&#39;ESF&#39;").count(), 20, "{drawn}");
        assert!(label(&comparison).contains("made-up data"));
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
