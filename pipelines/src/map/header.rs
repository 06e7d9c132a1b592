//! What the columns of a published table mean: the source's own mapping first, then the shared vocabulary.

use std::borrow::Cow;
use std::collections::BTreeMap;

use esf_schemas::{Found, Vocabulary, normalise_label};

use super::label::Label;
use crate::source::{ColumnMapping, Source};

/// How a label came to its field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum How {
    /// The source's mapping says so.
    Declared,
    /// The vocabulary knows the label, or a part of it.
    Known,
    /// The vocabulary knows the end of a label of nested objects, or what stands around a word that says nothing.
    Nested,
    /// The vocabulary knows a label that differs by a typing error.
    Near,
}

/// What one label means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Meaning {
    /// A field.
    Field {
        /// Its mapping.
        column: ColumnMapping,
        /// How it was found.
        how: How,
        /// The currency that the label itself states.
        stated_currency: Option<String>,
        /// Another field that a further language of the same label names.
        conflict: Option<String>,
    },
    /// Left out, for a declared reason.
    Ignored(String),
    /// Not understood; the nearest known spelling, if there is one.
    Unknown(Option<String>),
}

/// No label has more bytes, with all its languages and legal references; what has is a text that nobody compares.
const LONGEST: usize = 10_000;

/// A label of more bytes is not compared with all known ones for a hint.
const LONGEST_HINTED: usize = 1_000;

/// Labels of one source.
pub struct Labels<'a> {
    vocabulary: &'a Vocabulary,
    columns: BTreeMap<String, &'a ColumnMapping>,
    ignore: BTreeMap<String, &'a str>,
}

impl<'a> Labels<'a> {
    /// The labels that a source declares, before those of the vocabulary.
    pub fn new(source: &'a Source, vocabulary: &'a Vocabulary) -> Self {
        Self {
            vocabulary,
            columns: source
                .mapping
                .columns
                .iter()
                .map(|(label, c)| (normalise_label(label), c))
                .collect(),
            ignore: source
                .mapping
                .ignore
                .iter()
                .map(|(label, why)| (normalise_label(label), why.as_str()))
                .collect(),
        }
    }

    /// What a published label means.
    pub fn find(&self, label: &str) -> Meaning {
        if label.len() > LONGEST {
            return Meaning::Unknown(None);
        }
        if let Some(declared) = self.declared(label) {
            return declared;
        }
        match self.vocabulary.find(label) {
            Some(found) => Meaning::Field {
                column: named(&found),
                how: if found.how == esf_schemas::How::Near {
                    How::Near
                } else {
                    How::Known
                },
                stated_currency: found.currency,
                conflict: found.conflict,
            },
            None => Meaning::Unknown(self.nearest(label)),
        }
    }

    /// What a label means that is declared, or that the vocabulary knows as a whole.
    pub(super) fn whole(&self, label: &str) -> Option<Meaning> {
        if label.len() > LONGEST {
            return None;
        }
        self.declared(label).or_else(|| {
            let found = self.vocabulary.find_known(label)?;
            (found.how == esf_schemas::How::Exact).then(|| Meaning::Field {
                column: named(&found),
                how: How::Known,
                stated_currency: found.currency,
                conflict: None,
            })
        })
    }

    /// What the source's mapping says of a label.
    fn declared(&self, label: &str) -> Option<Meaning> {
        // A declaration holds no person either: a label that names one is declared as it is shown.
        let key = normalise_label(label);
        let shown = Label::new(label.to_string());
        let shown = match shown.shown() {
            Cow::Owned(cut) => normalise_label(&cut),
            Cow::Borrowed(_) => key.clone(),
        };
        let declared = self.columns.get(&key).or_else(|| self.columns.get(&shown));
        if let Some(column) = declared {
            let stated_currency = self.vocabulary.find(label).and_then(|found| found.currency);
            return Some(Meaning::Field {
                column: (*column).clone(),
                how: How::Declared,
                stated_currency,
                conflict: None,
            });
        }
        let reason = self.ignore.get(&key).or_else(|| self.ignore.get(&shown))?;
        Some(Meaning::Ignored((*reason).to_string()))
    }

    /// The field that a label names, if any. Cheaper than [`Labels::find`] for text that is mostly no label.
    pub fn field(&self, label: &str) -> Option<String> {
        match self.columns.get(&normalise_label(label)) {
            Some(column) => Some(column.field.clone()),
            None => self.vocabulary.find_known(label).map(|found| found.field),
        }
    }

    /// The nearest known spelling of a label, for messages.
    fn nearest(&self, label: &str) -> Option<String> {
        if label.len() > LONGEST_HINTED {
            return None;
        }
        let key = normalise_label(label);
        let declared = crate::source::nearest(&key, self.columns.keys().map(String::as_str))
            .map(str::to_string);
        declared.or_else(|| self.vocabulary.nearest(label).map(|near| near.spelling))
    }
}

/// How the vocabulary maps a column: to its field, and to who pays, where its name says so.
fn named(found: &Found) -> ColumnMapping {
    ColumnMapping {
        financing_source: found.financing_source.clone(),
        ..ColumnMapping::plain(&found.field)
    }
}
