//! The shared vocabulary: which field a published label names.
//!
//! A label is looked up whole, then by the part before a slash, parenthesis, blank line or translation, and last, for
//! long labels only, with a few typing errors. What is not found is unknown: the vocabulary never guesses between two
//! fields. If the parts of one label name different fields, the first one counts (an English subtitle that contradicts
//! its German title is a known publishing error) and the other is reported.

mod field;
mod index;
mod label;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

pub use field::{Field, FieldKind, FieldLabel};
use index::{Index, Spelling};
pub use label::normalise_label;
use label::{Boundary, Label, Token};

use crate::SchemaError;

/// How a label was recognised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum How {
    /// The whole label is known.
    Exact,
    /// A part of the label is known: before a translation, remark or legal reference.
    Part,
    /// A known label that differs by typing errors.
    Near,
}

/// The field that a label names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The canonical field.
    pub field: String,
    /// The known spelling that matched.
    pub spelling: String,
    /// How it matched.
    pub how: How,
    /// The currency that the label states ("in EUR", "[SEK]").
    pub currency: Option<String>,
    /// The factor that the label states: 1000 for "in T€"; 1 where it states none, or a part of a currency ("in Cent").
    pub scale: i64,
    /// The label states percent.
    pub percent: bool,
    /// Another field that a further part of the label names.
    pub conflict: Option<String>,
    /// Who pays the amount, where the name of the field says so.
    pub financing_source: Option<String>,
}

/// A known spelling near to an unknown label, for messages.
#[derive(Debug, Clone, PartialEq)]
pub struct Near {
    /// The canonical field.
    pub field: String,
    /// The known spelling.
    pub spelling: String,
    /// How alike the two are, 0 to 1.
    pub similarity: f64,
}

/// The canonical fields and an index of their labels.
#[derive(Debug)]
pub struct Vocabulary {
    fields: BTreeMap<String, Field>,
    index: Index,
}

/// What a run of tokens means.
struct Hit<'a> {
    spelling: &'a Spelling,
    how: How,
    conflict: Option<&'a str>,
}

/// Beginnings of remarks that follow a name without any mark: legal references, "or another indicator", achievements.
const REMARKS: [&[&str]; 23] = [
    &["gem"],
    &["gemaess"],
    &["nach", "art"],
    &["nach", "artikel"],
    &["laut"],
    &["entsprechend"],
    &["i", "s", "d"],
    &["oder", "andere"],
    &["oder", "anderer"],
    &["or", "other"],
    &["ou", "tout", "autre"],
    &["in", "accordance"],
    &["according", "to"],
    &["enligt"],
    // Art. 49(3)(e) of Regulation (EU) 2021/1060, in the many wordings of "purpose and achievements".
    &["und", "erwartete"],
    &["und", "seine"],
    &["und", "dessen"],
    &["und", "die", "erwarteten"],
    &["sowie", "erwartete"],
    &["sowie", "die", "erwarteten"],
    &["and", "its"],
    &["and", "expected"],
    &["och", "foervaentade"],
];

/// A label in three languages with legal references stays below this; longer texts are no labels and not worth a search.
const LONGEST: usize = 1500;

/// More words than this are not looked at.
const MOST_WORDS: usize = 120;

/// A later part of a label must be this long to stand for the whole, so that "Anteil X / Land" is no country.
const LONG_PART: usize = 10;

impl Vocabulary {
    /// The vocabulary of this crate.
    ///
    /// # Panics
    /// If an embedded declaration is broken, which a test of this crate excludes.
    pub fn standard() -> &'static Self {
        static STANDARD: LazyLock<Vocabulary> = LazyLock::new(|| {
            field::load()
                .and_then(|f| Vocabulary::new(f, &BTreeSet::new()))
                .unwrap_or_else(|error| panic!("{error}"))
        });
        &STANDARD
    }

    /// The standard vocabulary without some labels, to see what happens to a publication that nobody has seen yet.
    ///
    /// # Panics
    /// As [`Self::standard`].
    pub fn without<S: AsRef<str>>(labels: &[S]) -> Self {
        let masked: BTreeSet<String> = labels
            .iter()
            .map(|label| normalise_label(label.as_ref()))
            .collect();
        // The labels were checked when the standard vocabulary was made; fewer of them cannot be worse.
        Self::new(Self::standard().fields.clone(), &masked)
            .unwrap_or_else(|error| panic!("{error}"))
    }

    fn new(
        fields: BTreeMap<String, Field>,
        masked: &BTreeSet<String>,
    ) -> Result<Self, SchemaError> {
        let index = Index::new(&fields, masked)?;
        Ok(Self { fields, index })
    }

    /// The field of this name, if there is one.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.get(name)
    }

    /// All fields, by name.
    pub fn fields(&self) -> impl Iterator<Item = &Field> {
        self.fields.values()
    }

    /// The field that a published label names, if the vocabulary knows it.
    ///
    /// ```
    /// use esf_schemas::Vocabulary;
    /// let found = Vocabulary::standard().find("6. Gesamtbetrag der förder-\nfähigen Ausgaben [EUR]").unwrap();
    /// assert_eq!((found.field.as_str(), found.currency.as_deref()), ("total_eligible", Some("EUR")));
    /// ```
    pub fn find(&self, label: &str) -> Option<Found> {
        self.search(label, true)
    }

    /// As [`Vocabulary::find`], but without near spellings: for scanning cells most of which are no labels.
    pub fn find_known(&self, label: &str) -> Option<Found> {
        self.search(label, false)
    }

    fn search(&self, label: &str, near: bool) -> Option<Found> {
        if label.len() > LONGEST {
            return None;
        }
        let mut label = Label::parse(label);
        label.tokens.truncate(MOST_WORDS);
        let lookup = Lookup {
            vocabulary: self,
            percent: label.stated.percent,
            may_be_near: near,
        };
        let hit = lookup.whole(&label.tokens)?;
        let field = self.fields.get(&hit.spelling.field);
        let financing_source = field.and_then(|f| f.financing_source(&hit.spelling.text));
        Some(Found {
            financing_source: financing_source.map(str::to_owned),
            field: hit.spelling.field.clone(),
            spelling: hit.spelling.text.clone(),
            how: hit.how,
            currency: label.stated.currency.map(str::to_owned),
            scale: label.stated.scale,
            percent: label.stated.percent,
            conflict: hit.conflict.map(str::to_owned),
        })
    }

    /// The known spelling nearest to a label, however far, for messages about unknown columns.
    pub fn nearest(&self, label: &str) -> Option<Near> {
        let end = label
            .char_indices()
            .nth(LONGEST)
            .map_or(label.len(), |(at, _)| at);
        let tokens = Label::parse(&label[..end]).tokens;
        let (spelling, similarity) = self.index.nearest(&index::key(&tokens))?;
        Some(Near {
            field: spelling.field.clone(),
            spelling: spelling.text.clone(),
            similarity,
        })
    }
}

/// One search for a label.
struct Lookup<'a> {
    vocabulary: &'a Vocabulary,
    percent: bool,
    may_be_near: bool,
}

impl<'a> Lookup<'a> {
    /// The whole label, its beginning, a later part, or a near spelling, in this order.
    fn whole(&self, tokens: &[Token]) -> Option<Hit<'a>> {
        if let Some(hit) = self.beginning(tokens, false) {
            return Some(hit);
        }
        // A number before the name, or a footnote digit glued to its end.
        if tokens.len() > 1
            && tokens[0].text.len() <= 2
            && tokens[0].text.bytes().all(|b| b.is_ascii_digit())
        {
            return self.whole(&tokens[1..]);
        }
        if let Some(trimmed) = without_footnote_digit(tokens)
            && let Some(hit) = self.beginning(&trimmed, false)
        {
            return Some(Hit {
                how: How::Part,
                ..hit
            });
        }
        for start in parts(tokens).skip(1) {
            if let Some(hit) = self.beginning(&tokens[start..], false)
                && hit.spelling.key.len() >= LONG_PART
            {
                return Some(Hit {
                    how: How::Part,
                    ..hit
                });
            }
        }
        let first_part = parts(tokens).nth(1).unwrap_or(tokens.len());
        [tokens.len(), first_part]
            .into_iter()
            .find_map(|end| self.near(&tokens[..end]))
    }

    /// A known label at the beginning of the tokens, if what follows it is a translation or remark.
    fn beginning(&self, tokens: &[Token], near: bool) -> Option<Hit<'a>> {
        if let Some(spelling) = self.exact(tokens) {
            return Some(Hit {
                spelling,
                how: How::Exact,
                conflict: None,
            });
        }
        for end in (1..tokens.len()).rev() {
            let Some(spelling) = self.exact(&tokens[..end]) else {
                continue;
            };
            let rest = &tokens[end..];
            if rest[0].before > Boundary::Soft || is_remark(rest) {
                return Some(Hit {
                    spelling,
                    how: How::Part,
                    conflict: self.conflict(spelling, rest),
                });
            }
            // Two languages glued with a blank: only if the rest is a name in another language.
            if let Some(second) = self.beginning(rest, true)
                && second
                    .spelling
                    .languages
                    .iter()
                    .any(|language| !spelling.languages.contains(language))
            {
                let conflict =
                    Some(second.spelling.field.as_str()).filter(|field| *field != spelling.field);
                return Some(Hit {
                    spelling,
                    how: How::Part,
                    conflict,
                });
            }
        }
        if near { self.near(tokens) } else { None }
    }

    /// Another field that a later part of the label names in full.
    fn conflict(&self, first: &Spelling, rest: &[Token]) -> Option<&'a str> {
        let starts: Vec<usize> = parts(rest).collect();
        starts.iter().enumerate().find_map(|(i, start)| {
            let end = starts.get(i + 1).copied().unwrap_or(rest.len());
            let spelling = self.exact(&rest[*start..end])?;
            (spelling.field != first.field).then_some(spelling.field.as_str())
        })
    }

    fn exact(&self, tokens: &[Token]) -> Option<&'a Spelling> {
        let key = index::key(tokens);
        if self.percent
            && let Some(spelling) = self.vocabulary.index.exact(&format!("{key}%"))
        {
            return Some(spelling);
        }
        self.vocabulary
            .index
            .exact(&key)
            .filter(|spelling| self.fits(spelling))
    }

    fn near(&self, tokens: &[Token]) -> Option<Hit<'a>> {
        if !self.may_be_near {
            return None;
        }
        let spelling = self
            .vocabulary
            .index
            .near(&index::key(tokens))
            .filter(|spelling| self.fits(spelling))?;
        Some(Hit {
            spelling,
            how: How::Near,
            conflict: None,
        })
    }

    /// "EU-Mittel in %" is no amount.
    fn fits(&self, spelling: &Spelling) -> bool {
        let amount = self
            .vocabulary
            .fields
            .get(&spelling.field)
            .is_some_and(|f| f.kind == FieldKind::Amount);
        !(self.percent && amount)
    }
}

/// Where the parts of a label begin: at its beginning and behind every mark.
fn parts(tokens: &[Token]) -> impl Iterator<Item = usize> {
    (0..tokens.len()).filter(|i| *i == 0 || tokens[*i].before > Boundary::Soft)
}

fn is_remark(tokens: &[Token]) -> bool {
    REMARKS.iter().any(|remark| {
        remark.len() <= tokens.len()
            && remark
                .iter()
                .zip(tokens)
                .all(|(word, token)| token.text == **word)
    })
}

fn without_footnote_digit(tokens: &[Token]) -> Option<Vec<Token>> {
    let last = tokens.last()?;
    let bare = last.text.trim_end_matches(|c: char| c.is_ascii_digit());
    (bare.len() >= 4 && bare.len() + 1 == last.text.len()).then(|| {
        let mut trimmed = tokens.to_vec();
        if let Some(last) = trimmed.last_mut() {
            last.text.truncate(bare.len());
        }
        trimmed
    })
}

#[cfg(test)]
mod tests;
