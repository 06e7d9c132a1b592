//! The way through the blocks of a page: which of them are labels, and which blocks hold their values.
//!
//! Owns what belongs to which label and where the next thing begins. Does not own what a text must look like to be a value
//! (`field`).

use std::collections::BTreeSet;
use std::ops::Range;

use super::field::{holds, is_typed, shows};
use super::header::{self, Header};
use super::repeated::split_repeated;
use super::{Labelled, MAX_LABEL, Pair, Unread, split_label};
use crate::map::SMALL;
use crate::page::block::{Block, BlockKind};
use crate::page::grid::CellText;
use crate::page::rules::{LabelRule, PageRules};
use crate::page::text::{GAP, Place, plain};
use crate::page::typed;
use crate::spanning;

/// Rows of a table that are tried as its header: each is compared with all rows below it.
const MAX_HEADERS: usize = 80;

/// Fields whose value may run over several lines.
const LONG: &[&str] = &[
    "partner",
    "summary",
    "target_group",
    "funder",
    "subcontractor",
    "implementer",
    "place",
    "municipality",
    "district",
    "beneficiary_name",
];

/// Reads all labels of a page.
pub(in crate::page) fn read_labels(
    blocks: &[Block],
    rules: &PageRules,
    vocabulary: &dyn Fn(&str) -> Option<String>,
) -> Labelled {
    let mut reader = Reader {
        blocks,
        rules,
        vocabulary,
        used: vec![false; blocks.len()],
        things: vec![Vec::new()],
        rows: Vec::new(),
        left_out: Vec::new(),
        spanning: BTreeSet::new(),
        unread: Vec::new(),
        pieces: blocks.iter().map(pieces).collect(),
        headers: (0, 0),
    };
    let mut i = 0;
    while i < blocks.len() {
        i += reader.read(i).max(1);
    }
    let read = blocks.iter().zip(&reader.used);
    let mut headings: Vec<u64> = read
        .filter(|(block, used)| matches!(block.kind, BlockKind::Heading(_)) && !**used)
        .map(|(block, _)| block.place.byte)
        .collect();
    headings.sort_unstable();
    let mut things: Vec<Vec<Pair>> = (reader.things.into_iter())
        .flat_map(|thing| split_repeated(thing, &headings))
        .collect();
    things.append(&mut reader.rows);
    things.retain(|thing| !thing.is_empty());
    Labelled {
        things,
        used: reader.used,
        left_out: reader.left_out,
        spanning: reader.spanning.into_iter().collect(),
        unread: reader.unread,
    }
}

/// The pieces of a row, so that those of a row whose cells span many others are looked for once.
fn pieces(block: &Block) -> Vec<&str> {
    match block.kind {
        BlockKind::Row => block.pieces().collect(),
        _ => Vec::new(),
    }
}

/// A cell of a row, or one of a row above that spans it.
pub(super) struct ShownCell<'a> {
    /// Columns of the table in which it stands.
    pub(super) columns: Range<usize>,
    /// What stands in it, if that can be told.
    pub(super) text: Option<&'a str>,
    /// The block of the row in which it was published.
    pub(super) row: usize,
}

pub(super) struct Reader<'a> {
    blocks: &'a [Block],
    rules: &'a PageRules,
    vocabulary: &'a dyn Fn(&str) -> Option<String>,
    used: Vec<bool>,
    things: Vec<Vec<Pair>>,
    /// Rows of a table that lists several things.
    rows: Vec<Vec<Pair>>,
    /// Rows of such a table whose cells do not stand under its labels.
    left_out: Vec<Place>,
    /// Quantities that stand for several rows, by where they stand.
    spanning: BTreeSet<Place>,
    /// Sums of money under labels that nobody knows.
    unread: Vec<Unread>,
    /// The pieces of each block that is a row.
    pieces: Vec<Vec<&'a str>>,
    /// The group of the last table, and how many of its rows were tried as its header.
    headers: (u32, usize),
}

impl<'a> Reader<'a> {
    pub(super) fn known(&self, label: &str) -> Option<LabelRule> {
        let label = label.trim().trim_end_matches(':').trim_end();
        if label.is_empty()
            || label.chars().count() > MAX_LABEL.0
            || label.split(' ').count() > MAX_LABEL.1
        {
            return None;
        }
        self.rules.label(label, self.vocabulary)
    }

    /// Reads what begins at block `i`; returns how many blocks it used.
    fn read(&mut self, i: usize) -> usize {
        let block = &self.blocks[i];
        if !block.is_content() {
            return 0;
        }
        match block.kind {
            BlockKind::Row => self.row(i),
            BlockKind::Term => self.term(i),
            _ => self.line(i),
        }
    }

    fn row(&mut self, i: usize) -> usize {
        if let Some(header) = header::begin(self, i) {
            return self.header_row(i, header);
        }
        let own: Vec<(&str, usize)> = self.pieces[i].iter().map(|text| (*text, i)).collect();
        if own.len() >= 2 && own.iter().all(|(text, _)| self.known(text).is_some()) {
            // Labels of which nobody knows what stands under them.
            return 1;
        }
        let used = self.pairs(i, &own) || {
            let shown = self.with_spanning(i);
            self.pairs(i, &shown)
        };
        if !used {
            return self.line(i);
        }
        self.used[i] = true;
        1
    }

    /// Reads a row in which labels and values take turns, each given with the row in which it stands.
    fn pairs(&mut self, i: usize, cells: &[(&str, usize)]) -> bool {
        let mut used = false;
        for pair in cells.chunks_exact(2) {
            let ((label, _), (value, at)) = (pair[0], pair[1]);
            let Some(rule) = self.known(label) else {
                continue;
            };
            used = true;
            let place = self.blocks[at].place.clone();
            if at != i && !spanning::holds_for_each(&rule.field) {
                self.spanning.insert(Place {
                    label: Some(label.to_owned()),
                    ..place
                });
                continue;
            }
            self.push(Pair {
                label: label.to_owned(),
                rule,
                values: vec![(value.to_owned(), place)],
                how: "table row",
                table: None,
            });
        }
        used
    }

    /// What a row shows where a label or value of a row above that was read spans it too; otherwise nothing.
    fn with_spanning(&self, i: usize) -> Vec<(&'a str, usize)> {
        let cells = self.cells(i);
        let shown = cells.iter().filter(|cell| cell.text != Some(""));
        let shown: Option<Vec<(&str, usize)>> = shown
            .map(|cell| {
                let read = cell.row == i || self.used[cell.row];
                Some((cell.text.filter(|_| read)?, cell.row))
            })
            .collect();
        let shown = shown.unwrap_or_default();
        if shown.len().is_multiple_of(2) && shown.iter().any(|(_, row)| *row != i) {
            shown
        } else {
            Vec::new()
        }
    }

    /// The cells of a row by their columns, those of rows above that span it among them.
    pub(super) fn cells(&self, at: usize) -> Vec<ShownCell<'a>> {
        let cells = &self.blocks[at].cells;
        if cells.is_empty() {
            let pieces = self.pieces[at].iter().enumerate();
            return pieces
                .map(|(n, &text)| ShownCell {
                    columns: n..n + 1,
                    text: Some(text),
                    row: at,
                })
                .collect();
        }
        let shown = cells.iter().map(|cell| {
            let (text, row) = match cell.text {
                CellText::Blank => (Some(""), at),
                CellText::Unknown => (None, at),
                CellText::Piece { block, piece } => (self.pieces[block].get(piece).copied(), block),
            };
            ShownCell {
                columns: cell.columns.clone(),
                text,
                row,
            }
        });
        shown.collect()
    }

    /// A header with rows of values below it. One row of values describes the page's own project, several are a list.
    fn header_row(&mut self, i: usize, mut header: Header<'a>) -> usize {
        let group = self.blocks[i].group;
        if self.headers.0 != group {
            self.headers = (group, 0);
        }
        self.headers.1 += 1;
        if self.headers.1 > MAX_HEADERS {
            return 0;
        }
        let end = (i + 1..self.blocks.len())
            .find(|at| self.blocks[*at].kind != BlockKind::Row || self.blocks[*at].group != group)
            .unwrap_or(self.blocks.len());
        let mut first = i + 1;
        while first < end
            && let Some(longer) = header::go_on(self, (i, first), &header)
        {
            header = longer;
            first += 1;
        }
        let mut below = Vec::new();
        let mut others = Vec::new();
        for at in first..end {
            let cells = self.cells(at);
            if let Some(values) = header.values(&cells, first) {
                below.push((at, values));
            } else if self.pieces[at].len() > 1
                || cells
                    .iter()
                    .any(|cell| cell.row != at && cell.text != Some(""))
            {
                // A single cell is a heading or a note.
                others.push(self.blocks[at].place.clone());
            }
        }
        let Some(last) = below.last().map(|(at, _)| *at) else {
            return 0;
        };
        let list = below.len() > 1;
        if list {
            self.left_out.extend(others);
        }
        for (at, values) in below {
            let mut pairs = Vec::new();
            for (heading, text, row) in values {
                let place = self.blocks[row].place.clone();
                if row != at && !spanning::holds_for_each(&heading.rule.field) {
                    self.spanning.insert(Place {
                        label: Some(heading.label.to_owned()),
                        ..place
                    });
                    continue;
                }
                pairs.push(Pair {
                    label: heading.label.to_owned(),
                    rule: heading.rule.clone(),
                    values: vec![(text.to_owned(), place)],
                    how: "table column",
                    table: list.then_some(group),
                });
            }
            if list {
                self.rows.push(pairs);
            } else {
                for pair in pairs {
                    self.push(pair);
                }
            }
            self.used[at] = true;
        }
        for used in &mut self.used[i..first] {
            *used = true;
        }
        last + 1 - i
    }

    fn term(&mut self, i: usize) -> usize {
        let label = plain(&self.blocks[i].text);
        let Some(rule) = self.known(&label) else {
            let below = self.blocks.get(i + 1);
            if let Some(value) = below.filter(|next| next.kind == BlockKind::Definition) {
                self.note_unread(&label, &plain(&value.text), i + 1);
            }
            return 1;
        };
        let mut n = 1;
        let mut values = Vec::new();
        while let Some(block) = self.blocks.get(i + n) {
            if !matches!(
                block.kind,
                BlockKind::Definition | BlockKind::Item | BlockKind::Line
            ) || (n > 1 && block.kind == BlockKind::Line)
            {
                break;
            }
            values.push((plain(&block.text), block.place.clone()));
            n += 1;
        }
        self.take(i, n, &rule);
        self.push(Pair {
            label: plain(&self.blocks[i].text),
            rule,
            values,
            how: "definition list",
            table: None,
        });
        n
    }

    fn line(&mut self, i: usize) -> usize {
        let text = self.blocks[i].text.clone();
        if self.several(i, &text) {
            return 1;
        }
        let beside = self.beside(i);
        if beside > 0 {
            return beside;
        }
        if let Some((label, value)) = split_label(&text)
            && let Some(rule) = self.known(label)
        {
            let long = LONG.contains(&rule.field.as_str());
            let mut values = Vec::new();
            let mut n = 1;
            if value.is_empty() {
                n += self.values_below(i + 1, long, &mut values);
            } else {
                values.push((plain(value), self.blocks[i].place.clone()));
                if long && self.blocks[i].kind == BlockKind::Line && rule.field == "summary" {
                    n += self.values_below(i + 1, true, &mut values);
                }
            }
            self.take(i, n, &rule);
            self.push(Pair {
                label: label.to_owned(),
                rule,
                values,
                how: "label: value",
                table: None,
            });
            return n;
        }
        let n = self.label_above_value(i, &text);
        if n == 0 {
            self.unknown_label(i, &text);
        }
        n
    }

    /// Notes the sum of money behind or beside a label that nobody knows.
    fn unknown_label(&mut self, i: usize, text: &str) {
        if let Some((label, value)) = split_label(text).filter(|(_, value)| !value.is_empty()) {
            self.note_unread(label, &plain(value), i);
        } else if let Some(next) = self.blocks.get(i + 1)
            && next.is_content()
            && next.beside > self.blocks[i].beside
        {
            self.note_unread(&plain(text), &plain(&next.text), i + 1);
        }
    }

    /// Notes a value that is a sum of money, by itself or by its label, if nobody knows the label.
    fn note_unread(&mut self, label: &str, value: &str, at: usize) {
        let label = label.trim().trim_end_matches(':').trim_end();
        // What is small is a fee or the price of a meal.
        let Some(money) = typed::money(value).filter(|money| money.cents >= SMALL) else {
            return;
        };
        let of_label = || typed::unit_in_label(label).is_some_and(|unit| unit.currency.is_some());
        let is_label = label.chars().any(char::is_alphabetic)
            && label.chars().count() <= MAX_LABEL.0
            && label.split(' ').count() <= MAX_LABEL.1;
        if is_label && (money.currency.is_some() || of_label()) && self.known(label).is_none() {
            self.unread.push(Unread {
                label: label.to_owned(),
                value: value.to_owned(),
                place: self.blocks[at].place.clone(),
            });
        }
    }

    /// "Laufzeit: 2015–2018 | Fördersumme: 250.000 Euro".
    fn several(&mut self, i: usize, text: &str) -> bool {
        let pieces: Vec<&str> = text
            .split([GAP, '|', '·', ';'])
            .map(str::trim)
            .filter(|piece| !piece.is_empty())
            .collect();
        let pairs: Vec<(String, LabelRule, String)> = pieces
            .iter()
            .filter_map(|piece| split_label(piece))
            .filter(|(_, value)| !value.is_empty())
            .filter_map(|(label, value)| {
                self.known(label)
                    .map(|rule| (label.to_owned(), rule, value.to_owned()))
            })
            .collect();
        if pieces.len() < 2 || pairs.len() < 2 || pairs.len() * 2 < pieces.len() {
            return false;
        }
        for (label, rule, value) in pairs {
            self.push(Pair {
                label,
                rule,
                values: vec![(value, self.blocks[i].place.clone())],
                how: "label: value",
                table: None,
            });
        }
        self.used[i] = true;
        true
    }

    /// A label in an element of its own, its value in the one beside it, or several of a field that may have them.
    fn beside(&mut self, i: usize) -> usize {
        let block = &self.blocks[i];
        let label = plain(&block.text);
        let Some(rule) = self.known(&label) else {
            return 0;
        };
        let values: Vec<(String, Place)> = (self.blocks[i + 1..].iter())
            .take_while(|next| {
                next.beside > block.beside
                    && matches!(
                        next.kind,
                        BlockKind::Line | BlockKind::Item | BlockKind::Definition
                    )
                    && self.known(&plain(&next.text)).is_none()
                    && split_label(&next.text).is_none_or(|(label, _)| self.known(label).is_none())
            })
            .map(|next| (plain(&next.text), next.place.clone()))
            .collect();
        let many = values.len() > 1 && !LONG.contains(&rule.field.as_str());
        if values.is_empty() || many {
            return 0;
        }
        let n = 1 + values.len();
        self.take(i, n, &rule);
        self.push(Pair {
            label,
            rule,
            values,
            how: "label beside value",
            table: None,
        });
        n
    }

    /// A label without a colon, its value on the next line.
    fn label_above_value(&mut self, i: usize, text: &str) -> usize {
        let label = plain(text);
        let heading = matches!(self.blocks[i].kind, BlockKind::Heading(_));
        let Some(rule) = self.known(&label) else {
            return 0;
        };
        let Some(next) = self.blocks.get(i + 1).filter(|next| next.is_content()) else {
            return 0;
        };
        let value = plain(&next.text);
        let field = rule.field.clone();
        let close = next.group == self.blocks[i].group || heading || next.kind == BlockKind::Item;
        // A period that cannot be read is told as such; a sentence may say it otherwise.
        let dated = close && value.chars().count() <= 120 && !value.ends_with('.');
        let fits = holds(&field, &value) || (dated && shows(&field, &value));
        let shown = is_typed(&field) && fits;
        let listed = next.kind == BlockKind::Item && LONG.contains(&field.as_str());
        let among =
            close && self.among_labels(i) && holds(&field, &value) && self.known(&value).is_none();
        let under_heading = heading
            && self.known(&value).is_none()
            && match field.as_str() {
                "summary" => value.chars().count() > 40,
                "beneficiary_name" | "partner" | "funder" | "implementer" | "subcontractor"
                | "place" | "region" | "target_group" => {
                    value.chars().count() <= 120
                        && !value.ends_with('.')
                        && next.kind != BlockKind::Row
                }
                _ => false,
            };
        if !(shown || listed || among || under_heading) {
            return 0;
        }
        let mut values = Vec::new();
        let n = 1 + self.values_below(i + 1, LONG.contains(&field.as_str()), &mut values);
        if values.is_empty() {
            return 0;
        }
        self.take(i, n, &rule);
        self.push(Pair {
            label,
            rule,
            values,
            how: "label above value",
            table: None,
        });
        n
    }

    /// True if the line two above or two below is a label too, as in a column of labels and values.
    fn among_labels(&self, i: usize) -> bool {
        let at = |index: Option<usize>| {
            index
                .and_then(|index| self.blocks.get(index))
                .is_some_and(|block| self.known(&plain(&block.text)).is_some())
        };
        let below = at(Some(i + 2)) && at(Some(i + 4));
        let above = at(i.checked_sub(2)) && (at(Some(i + 2)) || at(i.checked_sub(4)));
        below || above
    }

    /// Lines of the value that begins at `i`: one, or for long fields all items, or all lines of the group.
    fn values_below(&self, i: usize, long: bool, values: &mut Vec<(String, Place)>) -> usize {
        let mut n = 0;
        while let Some(block) = self.blocks.get(i + n) {
            let text = plain(&block.text);
            let labelled = split_label(&block.text)
                .is_some_and(|(label, _)| self.known(label).is_some())
                || (self.known(&text).is_some() && (n > 0 || self.among_labels(i + n)))
                || (text.ends_with(':') && text.chars().count() <= MAX_LABEL.0);
            let first = self.blocks.get(i).map(|block| (block.kind, block.group));
            let same = first.is_some_and(|(kind, group)| {
                kind == block.kind && (kind == BlockKind::Item || group == block.group)
            });
            if !block.is_content()
                || matches!(block.kind, BlockKind::Heading(_)) && n > 0
                || labelled
                || (n > 0 && !(long && same))
            {
                break;
            }
            values.push((text, block.place.clone()));
            n += 1;
        }
        n
    }

    /// Marks blocks as used up. A description under a label stays running text: it may say what no label does.
    fn take(&mut self, i: usize, n: usize, rule: &LabelRule) {
        let n = if rule.field == "summary" {
            usize::from(n > 1)
        } else {
            n
        };
        for used in self.used.iter_mut().skip(i).take(n) {
            *used = true;
        }
    }

    /// Adds a pair; the same label of an id or title with another value begins the next thing.
    fn push(&mut self, pair: Pair) {
        let null = |value: &str| {
            value.is_empty() || self.rules.null_words.iter().any(|word| word == value)
        };
        let mut pair = pair;
        pair.values.retain(|(value, _)| !null(value));
        for (_, place) in &mut pair.values {
            place.label = Some(pair.label.clone());
        }
        if pair.values.is_empty() {
            return;
        }
        let Some(thing) = self.things.last() else {
            return;
        };
        let again = matches!(pair.rule.field.as_str(), "natural_id" | "title")
            && thing.iter().any(|old| {
                old.label == pair.label && old.first().map(|v| &v.0) != pair.first().map(|v| &v.0)
            });
        if again {
            self.things.push(vec![pair]);
        } else if let Some(thing) = self.things.last_mut() {
            thing.push(pair);
        }
    }
}
