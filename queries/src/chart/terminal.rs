//! The table for the terminal: label, bar of block characters (eighths of a cell), value, interval, cases, the share that
//! no row could be given, flag marks, then the overall value under a rule and the notes. Columns that do not fit the width
//! are left out: first that share, which the notes tell too, before bars get short; then intervals. A bar never gets below
//! eight cells. A reason that has no room in its bar is a letter, explained below. The overall value has a bar where the
//! others are measured by it: a sum has none, since it would dwarf them. Control characters in labels are dropped: a
//! published name must not steer a terminal.

use crate::chart::{
    comparison::{Comparison, Row, Seen},
    format::Format,
    notes::{caveats, flags, marks, notes, unallocated},
    svg::unprintable,
    text::{absence, capital, limits},
    words::Words,
};

const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
const LEAST_BAR: usize = 8;
/// Shorter than this no bar gets for what the notes say too.
const FAIR_BAR: usize = 24;
const MOST_BAR: usize = 48;

/// A line before it is laid out.
struct Line {
    label: String,
    seen: Option<f64>,
    absent: Option<(char, String)>,
    value: String,
    interval: String,
    cases: String,
    unallocated: String,
    marks: String,
}

/// A comparison as text of so many columns, with ANSI colours if wanted.
pub fn terminal_bars(comparison: &Comparison, width: usize, colour: bool) -> String {
    let format = Format::of(comparison);
    let words = format.words();
    let mut text = String::new();
    let mut say = |line: &str| {
        text.push_str(line.trim_end());
        text.push('\n');
    };
    let unit = comparison.language.unit(&comparison.unit);
    let title = if unit.is_empty() {
        comparison.title.clone()
    } else {
        format!("{} ({unit})", comparison.title)
    };
    for line in wrap(&clean(&title), width) {
        say(&paint(&line, "1", colour));
    }
    for limit in limits(comparison) {
        for line in wrap(&clean(&limit), width) {
            say(&line);
        }
    }
    let mut closing = Vec::new();
    if comparison.rows.is_empty() {
        say(words.no_rows);
    } else {
        let (lines, reasons) = table(comparison, &format, width, colour);
        for line in lines {
            say(&line);
        }
        let reasons = reasons.iter().enumerate();
        closing.extend(reasons.map(|(i, why)| format!("{} {why}", letter(i))));
    }
    closing.extend(notes(comparison, &format));
    closing.extend(about_intervals(comparison, words));
    closing.push(comparison.reading.clone());
    closing.extend(caveats(comparison));
    if !comparison.as_of.is_empty() {
        closing.push(format!("{}: {}", words.as_of, comparison.as_of));
    }
    closing.push(comparison.citation.clone());
    for note in closing.iter().filter(|note| !note.is_empty()) {
        for line in wrap(&clean(note), width) {
            say(&line);
        }
    }
    text
}

/// What the intervals are, if any row has one.
fn about_intervals(comparison: &Comparison, words: &Words) -> Option<String> {
    let mut seen = comparison.rows.iter().map(Row::seen);
    let has_some = seen.any(|seen| matches!(seen, Seen::Value(_, Some(_))));
    let told = has_some && !comparison.interval.is_empty();
    told.then(|| format!("{}: {}", words.interval, comparison.interval))
}

/// The lines of the table, and the reasons that stand in it as letters.
fn table(
    comparison: &Comparison,
    format: &Format,
    width: usize,
    colour: bool,
) -> (Vec<String>, Vec<String>) {
    let words = format.words();
    let flags = flags(comparison);
    let share = unallocated(comparison).map(|share| format.share(share));
    let mut lines: Vec<Line> = comparison
        .rows
        .iter()
        .map(|row| Line {
            unallocated: share.clone().unwrap_or_default(),
            ..line(row, format, &flags)
        })
        .collect();
    if let Some(whole) = comparison.whole() {
        lines.push(Line {
            label: words.overall.to_owned(),
            seen: comparison.measure(),
            value: format.value(whole),
            ..empty()
        });
    }
    let widest = |cell: fn(&Line) -> &str| {
        lines
            .iter()
            .map(|line| cells(cell(line)))
            .max()
            .unwrap_or(0)
    };
    let headed = |cell: fn(&Line) -> &str, title: &str| match widest(cell) {
        0 => 0,
        most => most.max(cells(title)),
    };
    let value = headed(|line| &line.value, words.value);
    let mut interval = headed(|line| &line.interval, words.interval);
    let mut cases = headed(|line| &line.cases, words.cases);
    let mut unallocated = headed(|line| &line.unallocated, words.unallocated_label);
    let marks = widest(|line| &line.marks);
    let title = clean(&capital(&comparison.language.dimension(&comparison.by)));
    let label = headed(|line| &line.label, &title).clamp(4, (width / 3).max(8));
    let gaps = |columns: &[usize]| {
        columns
            .iter()
            .filter(|c| **c > 0)
            .map(|c| c + 2)
            .sum::<usize>()
    };
    if label + FAIR_BAR + gaps(&[value, interval, cases, unallocated, marks]) + 2 > width {
        unallocated = 0;
    }
    if label + LEAST_BAR + gaps(&[value, interval, cases, unallocated, marks]) + 2 > width {
        interval = 0;
    }
    if label + LEAST_BAR + gaps(&[value, cases, unallocated, marks]) + 2 > width {
        cases = 0;
    }
    let widths = [value, interval, cases, unallocated, marks];
    let bar = width
        .saturating_sub(label + 2 + gaps(&widths))
        .clamp(LEAST_BAR, MOST_BAR);
    let range = Range::of(lines.iter().filter_map(|line| line.seen));

    let row = |cells: [&str; 5], first: &str, drawn: &str| {
        let mut text = format!("{}  {drawn}", left(first, label));
        for (cell, width) in cells.iter().zip(widths) {
            if width > 0 {
                text.push_str("  ");
                text.push_str(&right(cell, width));
            }
        }
        text
    };
    let head = row(
        [
            words.value,
            words.interval,
            words.cases,
            words.unallocated_label,
            "",
        ],
        &title,
        &" ".repeat(bar),
    );
    let mut written = vec![paint(&head, "2", colour)];
    let mut reasons = Vec::new();
    for (i, line) in lines.iter().enumerate() {
        if i == comparison.rows.len() {
            written.push(paint(&"─".repeat(cells(&head)), "2", colour));
        }
        let drawn = match (&line.absent, line.seen) {
            (Some((shade, why)), _) => paint(&shaded(*shade, why, bar, &mut reasons), "2", colour),
            (None, Some(value)) => paint(&range.bar(value, bar), "36", colour),
            (None, None) => " ".repeat(bar),
        };
        written.push(row(
            [
                &line.value,
                &line.interval,
                &line.cases,
                &line.unallocated,
                &line.marks,
            ],
            &line.label,
            &drawn,
        ));
    }
    (written, reasons)
}

/// The bar of a row without a number: shaded, with the reason, or with a letter for it where it has no room.
fn shaded(shade: char, why: &str, bar: usize, reasons: &mut Vec<String>) -> String {
    let room = bar.saturating_sub(4);
    let why = if cells(why) <= room {
        why.to_owned()
    } else {
        shortened(why, room, reasons)
    };
    let rest = bar.saturating_sub(4 + cells(&why));
    let shades = shade.to_string().repeat(rest);
    left(&format!("{shade}{shade} {why} {shades}"), bar)
}

/// The first word of a reason with the letter under which it is kept, or the letter alone.
fn shortened(why: &str, room: usize, reasons: &mut Vec<String>) -> String {
    let known = reasons.iter().position(|reason| reason == why);
    let at = known.unwrap_or_else(|| {
        reasons.push(why.to_owned());
        reasons.len() - 1
    });
    let letter = letter(at);
    let word = why.split(':').next().unwrap_or_default();
    let short = format!("{word} {letter}");
    if cells(&short) <= room { short } else { letter }
}

/// How the n-th reason is marked: `(a)`, and from the 27th on by its number.
fn letter(n: usize) -> String {
    let letter = (b'a'..=b'z').nth(n).map(char::from);
    letter.map_or_else(|| format!("({})", n + 1), |letter| format!("({letter})"))
}

fn empty() -> Line {
    Line {
        label: String::new(),
        seen: None,
        absent: None,
        value: String::new(),
        interval: String::new(),
        cases: String::new(),
        unallocated: String::new(),
        marks: String::new(),
    }
}

fn line(row: &Row, format: &Format, flags: &[&str]) -> Line {
    let words = format.words();
    let common = Line {
        label: clean(&row.label),
        cases: row.cases().map(|n| format.count(n)).unwrap_or_default(),
        marks: marks(row, flags),
        ..empty()
    };
    match row.seen() {
        Seen::Value(value, bounds) => Line {
            seen: Some(value),
            value: format.value(value),
            interval: bounds.map(|b| format.interval(b)).unwrap_or_default(),
            ..common
        },
        seen => {
            let shade = if seen == Seen::Suppressed {
                '▒'
            } else {
                '░'
            };
            Line {
                absent: Some((shade, clean(&absence(row, words)))),
                value: words.none.to_owned(),
                ..common
            }
        }
    }
}

/// The range of the numbers, always with zero; kept halved, so that the largest range stays finite.
struct Range {
    low: f64,
    high: f64,
}

impl Range {
    fn of(values: impl Iterator<Item = f64>) -> Self {
        let (low, high) = values.fold((0.0_f64, 0.0_f64), |(low, high), v| {
            (low.min(v / 2.0), high.max(v / 2.0))
        });
        Self { low, high }
    }

    /// A bar of `width` cells. Below zero it grows to the left in whole cells: there are no eighths from the right.
    fn bar(&self, value: f64, width: usize) -> String {
        let span = self.high - self.low;
        if span <= 0.0 {
            return " ".repeat(width);
        }
        let zero = (-self.low / span * width as f64).round() as usize;
        let part = (value.abs() / 2.0) / span * width as f64;
        if value < 0.0 {
            let full = (part.round() as usize).clamp(1, zero.max(1));
            return left(
                &(" ".repeat(zero.saturating_sub(full)) + &"█".repeat(full)),
                width,
            );
        }
        let eighths = ((part * 8.0).round() as usize).min((width - zero.min(width)) * 8);
        let eighths = if value > 0.0 { eighths.max(1) } else { eighths };
        left(
            &(" ".repeat(zero) + &"█".repeat(eighths / 8) + EIGHTHS[eighths % 8]),
            width,
        )
    }
}

fn paint(text: &str, code: &str, colour: bool) -> String {
    if colour {
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    } else {
        text.to_owned()
    }
}

fn clean(text: &str) -> String {
    text.chars()
        .map(|c| if matches!(c, '\n' | '\t') { ' ' } else { c })
        .filter(|c| !unprintable(*c))
        .collect()
}

/// How many cells a terminal gives a text.
fn cells(text: &str) -> usize {
    text.chars()
        .map(|c| match c {
            '\u{300}'..='\u{36f}' | '\u{200b}'..='\u{200d}' | '\u{fe0f}' => 0,
            '\u{1100}'..='\u{115f}'
            | '\u{2e80}'..='\u{a4cf}'
            | '\u{ac00}'..='\u{d7a3}'
            | '\u{f900}'..='\u{faff}'
            | '\u{fe30}'..='\u{fe6f}'
            | '\u{ff00}'..='\u{ff60}'
            | '\u{1f300}'..='\u{1faff}' => 2,
            _ => 1,
        })
        .sum()
}

fn cut(text: &str, width: usize) -> String {
    if cells(text) <= width {
        return text.to_owned();
    }
    let mut kept = String::new();
    for c in text.chars() {
        kept.push(c);
        if cells(&kept) + 1 > width {
            kept.pop();
            break;
        }
    }
    kept + "…"
}

fn left(text: &str, width: usize) -> String {
    let text = cut(text, width);
    let room = width.saturating_sub(cells(&text));
    text + &" ".repeat(room)
}

fn right(text: &str, width: usize) -> String {
    " ".repeat(width.saturating_sub(cells(text))) + text
}

fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        match lines.last_mut() {
            Some(line) if cells(line) + 1 + cells(word) <= width.max(20) => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
#[path = "terminal_tests.rs"]
mod tests;
