//! Columns of values: an input is a column, each of its lines a cell. The targets are `number`, `date` and `text`.

mod date;
mod number;
mod text;

use proptest::prelude::*;

use super::super::*;
use super::properties::{write_cents, write_date};
use crate::fuzz::{Checked, Target};

/// Cells of a column that are looked at.
const MOST_CELLS: usize = 40;

/// The cells of a column.
fn cells(input: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(input);
    text.lines().take(MOST_CELLS).map(str::to_owned).collect()
}

/// Digits, each run of them with the place behind it.
fn runs(text: &str) -> Vec<(&str, usize)> {
    let mut runs = Vec::new();
    let mut at = 0;
    while let Some(start) = text[at..].find(|c: char| c.is_ascii_digit()) {
        let rest = &text[at + start..];
        let length = rest.bytes().take_while(u8::is_ascii_digit).count();
        at += start + length;
        runs.push((&rest[..length], at));
    }
    runs
}
