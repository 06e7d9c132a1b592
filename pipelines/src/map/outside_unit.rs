//! The unit and currency that a line above or below the table says its amounts are in.

use super::frame::{Frame, Sheet, row_text};
use crate::value;

/// Rows at the end of a sheet in which a remark on units is looked for.
const OUTSIDE: usize = 10;

/// Words by which a line speaks of the amounts of its table.
const OF_ALL: [&str; 7] = [
    "beträge", "angaben", "werte", "zahlen", "belopp", "amounts", "figures",
];

/// Words by which a line speaks of money; it may be that of a single operation.
const OF_MONEY: [&str; 14] = [
    "kosten",
    "ausgaben",
    "mittel",
    "förderung",
    "zuwendung",
    "zuschuss",
    "finanzierung",
    "kostnad",
    "stöd",
    "medel",
    "budget",
    "cost",
    "expenditure",
    "funding",
];

/// What says of a column's amounts in which unit they are: its label, a footnote that the label refers to, or a line
/// outside the table that speaks of all amounts ("Alle Beträge in Tsd. EUR").
pub(super) fn unit_label(sheet: &Sheet, frame: &Frame, label: &str) -> String {
    let scaled = |unit: Option<value::Unit>| unit.is_some_and(|unit| unit.scale > 0);
    if scaled(value::unit_in_label(label)) {
        return label.to_string();
    }
    let mark = footnote_mark(label);
    let is_note = |line: &str| mark.is_some_and(|mark| note(line, mark).is_some());
    let states = |line: &String| {
        if speaks(line, &OF_ALL) {
            return scaled(value::unit_in_label(line));
        }
        (speaks(line, &OF_MONEY) || is_note(line)) && scaled(value::unit_of_table(line))
    };
    lines(sheet, frame)
        .find(states)
        .unwrap_or_else(|| label.to_string())
}

/// The one currency of the lines outside the table that speak of all amounts ("Samtliga belopp anges i EUR").
pub(super) fn currency_outside(sheet: &Sheet, frame: &Frame) -> Option<&'static str> {
    let mut stated = lines(sheet, frame)
        .filter(|line| speaks(line, &OF_ALL))
        .filter_map(|line| value::unit_in_label(&line)?.currency);
    let first = stated.next()?;
    stated.all(|other| other == first).then(|| first.code())
}

/// The lines above the table and at the end of the sheet.
fn lines<'a>(sheet: &'a Sheet, frame: &Frame) -> impl Iterator<Item = String> + use<'a> {
    let rows = sheet.rows.num_rows();
    let below = frame.data_start().max(rows.saturating_sub(OUTSIDE))..rows;
    (0..frame.header.start)
        .chain(below)
        .filter(move |row| (1..=2).contains(&sheet.filled(*row).count()))
        .map(move |row| row_text(sheet, row))
}

fn speaks(line: &str, words: &[&str]) -> bool {
    let line = line.to_lowercase();
    words.iter().any(|word| line.contains(word))
}

/// The mark at the end of a label by which it refers to a footnote: `*`, `**`, `1)`, `¹`.
fn footnote_mark(label: &str) -> Option<&str> {
    let label = label.trim_end();
    let is_mark = |c: char| matches!(c, '*' | '¹' | '²' | '³' | '⁴' | '⁵' | '†');
    let stars = label.trim_end_matches(is_mark);
    if stars.len() < label.len() {
        return Some(&label[stars.len()..]);
    }
    let number = label.rsplit(char::is_whitespace).next()?;
    let digits = number.strip_suffix(')')?;
    let is_number = (1..=2).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    is_number.then_some(number)
}

/// What a line says behind a footnote's mark.
fn note<'l>(line: &'l str, mark: &str) -> Option<&'l str> {
    let rest = line.trim_start().strip_prefix(mark)?;
    (!rest.starts_with('*')).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_of_footnotes() {
        for (label, mark) in [
            ("Gesamtkosten*", Some("*")),
            ("Gesamtkosten **", Some("**")),
            ("GESAMTBETRAG 1)", Some("1)")),
            ("Gesamtkosten ¹", Some("¹")),
            ("Gesamtkosten (bewilligt)", None),
            ("Gesamtkosten (2021)", None),
            ("", None),
        ] {
            assert_eq!(footnote_mark(label), mark, "{label}");
        }
        assert_eq!(note("* in TEUR", "*"), Some(" in TEUR"));
        assert_eq!(note("** in TEUR", "*"), None);
    }
}
