//! Labels and their values: "Label: value", a label line above its value line, definition lists, tables of two
//! columns, tables with a header of one or several rows, and lines whose layout alone parts label and value.
//!
//! A text is a label only if the vocabulary or the declarations for pages know it. Without a colon or markup that says
//! so, it must also be followed by a value that its field can hold, or stand among other labels.

mod field;
mod header;
mod reader;
mod repeated;

use super::rules::LabelRule;
use super::text::{GAP, Place};

pub(super) use field::{holds, is_amount, postcode, shows};
pub(super) use reader::read_labels;

/// A label with what stands under it.
#[derive(Debug, Clone)]
pub(super) struct Pair {
    pub(super) label: String,
    pub(super) rule: LabelRule,
    pub(super) values: Vec<(String, Place)>,
    pub(super) how: &'static str,
    /// The group of the table that lists several things and in a row of which it stands, if it does.
    pub(super) table: Option<u32>,
}

impl Pair {
    pub(super) fn first(&self) -> Option<&(String, Place)> {
        self.values.first()
    }

    /// Offset of the first value.
    pub(super) fn byte(&self) -> u64 {
        self.first().map_or(0, |(_, place)| place.byte)
    }
}

/// What the labels of a page say: one list of pairs for each thing that the page describes with labels.
#[derive(Debug, Default)]
pub(super) struct Labelled {
    pub(super) things: Vec<Vec<Pair>>,
    /// Which blocks were used up, and are no running text.
    pub(super) used: Vec<bool>,
    /// Rows of lists whose cells do not stand under their labels, so that nobody knows what those mean.
    pub(super) left_out: Vec<Place>,
    /// Amounts and counts that stand for several rows each; the first row has them.
    pub(super) spanning: Vec<Place>,
    /// Sums of money under labels that nobody knows.
    pub(super) unread: Vec<Unread>,
}

/// A value that looks like one of a field, under a label that nobody knows.
#[derive(Debug)]
pub(super) struct Unread {
    pub(super) label: String,
    pub(super) value: String,
    pub(super) place: Place,
}

/// Longest label, in characters and words.
const MAX_LABEL: (usize, usize) = (70, 9);

/// Label and value of a line, by its first colon or gap.
pub(super) fn split_label(text: &str) -> Option<(&str, &str)> {
    let colon = text
        .char_indices()
        .filter(|(_, c)| *c == ':')
        .map(|(at, _)| at)
        .find(|at| {
            let next = text[at + 1..].chars().next();
            // "job:plus" and "10:30" are no labels; "Name:Wert" after a known label is left to the markup.
            next.is_none_or(|c| c.is_whitespace() || c == GAP)
        });
    let gap = text.find(GAP);
    let (at, width) = match (colon, gap) {
        (Some(colon), Some(gap)) if gap < colon => (gap, 1),
        (Some(colon), _) => (colon, 1),
        (None, Some(gap)) => (gap, 1),
        (None, None) => return None,
    };
    let label = text[..at].trim_matches([' ', GAP, ':']);
    let value = text[at + width..].trim_matches([' ', GAP]);
    let value = value.strip_prefix(':').map_or(value, str::trim_start);
    let fits = !label.is_empty()
        && label.chars().count() <= MAX_LABEL.0
        && label.split(' ').count() <= MAX_LABEL.1;
    fits.then_some((label, value))
}
