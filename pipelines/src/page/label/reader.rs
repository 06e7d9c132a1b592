//! The way through the blocks of a page: which of them are labels, and which blocks hold their values.
//!
//! Owns what belongs to which label and where the next thing begins. Does not own what a text must look like to be a value
//! (`field`).

use super::field::{holds, is_typed};
use super::repeated::split_repeated;
use super::{Labelled, MAX_LABEL, Pair, split_label};
use crate::page::block::{Block, BlockKind};
use crate::page::rules::{LabelRule, PageRules};
use crate::page::text::{GAP, Place, plain};

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
    };
    let mut i = 0;
    while i < blocks.len() {
        i += reader.read(i).max(1);
    }
    let mut things: Vec<Vec<Pair>> = reader.things.into_iter().flat_map(split_repeated).collect();
    things.append(&mut reader.rows);
    things.retain(|thing| !thing.is_empty());
    Labelled {
        things,
        used: reader.used,
        left_out: reader.left_out,
    }
}

struct Reader<'a> {
    blocks: &'a [Block],
    rules: &'a PageRules,
    vocabulary: &'a dyn Fn(&str) -> Option<String>,
    used: Vec<bool>,
    things: Vec<Vec<Pair>>,
    /// Rows of a table that lists several things.
    rows: Vec<Vec<Pair>>,
    /// Rows of such a table with more or fewer cells than its header.
    left_out: Vec<Place>,
}

impl Reader<'_> {
    fn known(&self, label: &str) -> Option<LabelRule> {
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
        let cells: Vec<String> = self.blocks[i].pieces().map(str::to_owned).collect();
        let known: Vec<Option<LabelRule>> = cells.iter().map(|cell| self.known(cell)).collect();
        if cells.len() >= 2 && known.iter().all(Option::is_some) {
            return self.header_row(i, &cells, &known);
        }
        let mut used = false;
        for (at, rule) in known.iter().enumerate().step_by(2) {
            if let (Some(rule), Some(value)) = (rule, cells.get(at + 1)) {
                self.push(Pair {
                    label: cells[at].clone(),
                    rule: rule.clone(),
                    values: vec![(value.clone(), self.blocks[i].place.clone())],
                    how: "table row",
                });
                used = true;
            }
        }
        if !used {
            return self.line(i);
        }
        self.used[i] = true;
        1
    }

    /// A row of labels with rows of values below it. One row of values describes the page's own project, several
    /// are a list.
    fn header_row(&mut self, i: usize, labels: &[String], rules: &[Option<LabelRule>]) -> usize {
        let group = self.blocks[i].group;
        let cells = |at: usize| self.blocks[at].pieces().count();
        let (below, others): (Vec<usize>, Vec<usize>) = (i + 1..self.blocks.len())
            .take_while(|at| {
                self.blocks[*at].kind == BlockKind::Row && self.blocks[*at].group == group
            })
            .partition(|at| cells(*at) == labels.len());
        if below.len() > 1 {
            // A single cell is a heading or a note.
            let rows = others.into_iter().filter(|at| cells(*at) > 1);
            let places: Vec<Place> = rows.map(|at| self.blocks[at].place.clone()).collect();
            self.left_out.extend(places);
        }
        let Some(last) = below.last().copied() else {
            return 0;
        };
        for at in &below {
            let cells: Vec<&str> = self.blocks[*at].pieces().collect();
            let pairs = labels
                .iter()
                .zip(rules)
                .zip(cells)
                .filter(|(_, cell)| !cell.is_empty())
                .filter_map(|((label, rule), cell)| {
                    let values = vec![(cell.to_owned(), self.blocks[*at].place.clone())];
                    rule.clone().map(|rule| Pair {
                        label: label.clone(),
                        rule,
                        values,
                        how: "table column",
                    })
                });
            let pairs: Vec<Pair> = pairs.collect();
            if below.len() == 1 {
                for pair in pairs {
                    self.push(pair);
                }
            } else {
                self.rows.push(pairs);
            }
            self.used[*at] = true;
        }
        self.used[i] = true;
        last + 1 - i
    }

    fn term(&mut self, i: usize) -> usize {
        let Some(rule) = self.known(&plain(&self.blocks[i].text)) else {
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
        });
        n
    }

    fn line(&mut self, i: usize) -> usize {
        let text = self.blocks[i].text.clone();
        if self.several(i, &text) {
            return 1;
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
            });
            return n;
        }
        self.label_above_value(i, &text)
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
            });
        }
        self.used[i] = true;
        true
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
        let shows = is_typed(&field) && holds(&field, &value);
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
        if !(shows || listed || among || under_heading) {
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
