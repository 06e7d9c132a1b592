//! One value as text: exact digits, and nothing that a terminal would obey.

use std::borrow::Cow;
use std::fmt::Write;

use arrow::array::Array;
use arrow::datatypes::DataType;
use arrow::error::ArrowError;
use arrow::record_batch::RecordBatch;
use arrow::util::display::{ArrayFormatter, FormatOptions};

/// How values are written: as they are, and null inside a list by its name.
pub(crate) const OPTIONS: FormatOptions<'static> = FormatOptions::new().with_null("null");

/// Formats the values of one column for people.
pub(crate) struct Cells<'a> {
    array: &'a dyn Array,
    formatter: ArrayFormatter<'a>,
    numeric: bool,
}

impl<'a> Cells<'a> {
    /// Those of the columns of a batch. Fails on types that have no text form.
    pub(crate) fn of(batch: &'a RecordBatch) -> Result<Vec<Self>, ArrowError> {
        let columns = batch.columns().iter();
        columns.map(|array| Self::new(array.as_ref())).collect()
    }

    fn new(array: &'a dyn Array) -> Result<Self, ArrowError> {
        let numeric = is_exact_number(array.data_type());
        Ok(Self {
            array,
            formatter: ArrayFormatter::try_new(array, &OPTIONS)?,
            numeric,
        })
    }

    /// The value of a row as a table shows it; `None` for null.
    pub(crate) fn shown(&self, row: usize) -> Option<String> {
        let text = self.plain(row)?;
        Some(if self.numeric {
            grouped(&text)
        } else {
            visible(&text).into_owned()
        })
    }

    /// The value of a row, exactly; `None` for null.
    pub(crate) fn plain(&self, row: usize) -> Option<String> {
        self.array.is_valid(row).then(|| {
            let mut text = String::new();
            // Writing to a string cannot fail; a value that cannot be formatted shows as its error.
            if write!(text, "{}", self.formatter.value(row)).is_err() {
                text.push('?');
            }
            text
        })
    }
}

/// Whether a column is set flush right.
pub(crate) fn is_right_aligned(data_type: &DataType) -> bool {
    data_type.is_numeric()
}

fn is_exact_number(data_type: &DataType) -> bool {
    data_type.is_integer() || data_type.is_decimal()
}

/// Groups the digits before the point by threes with a space, from five digits on, so that years stay years.
/// A comma would read as a decimal mark in German and Swedish, a point in English.
pub(crate) fn grouped(number: &str) -> String {
    let (sign, rest) = number
        .strip_prefix('-')
        .map_or(("", number), |rest| ("-", rest));
    let (whole, fraction) = rest.split_at(rest.find('.').unwrap_or(rest.len()));
    if whole.len() < 5 || !whole.bytes().all(|b| b.is_ascii_digit()) {
        return number.to_owned();
    }
    let mut text = String::with_capacity(number.len() + whole.len() / 3);
    text.push_str(sign);
    for (i, digit) in whole.char_indices() {
        if i > 0 && (whole.len() - i) % 3 == 0 {
            text.push(' ');
        }
        text.push(digit);
    }
    text.push_str(fraction);
    text
}

/// Text without control characters: white space becomes one blank, what else steers a terminal or the direction of
/// writing becomes U+FFFD. Published cells and error messages that quote them pass through here.
pub(crate) fn visible(text: &str) -> Cow<'_, str> {
    if !text.chars().any(steers) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\r' | '\u{2028}' | '\u{2029}' if shown.ends_with(' ') => {}
            '\t' | '\n' | '\r' | '\u{2028}' | '\u{2029}' => shown.push(' '),
            c if steers(c) => shown.push('\u{fffd}'),
            c => shown.push(c),
        }
    }
    Cow::Owned(shown)
}

fn steers(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
