//! What a redaction keeps out, recognised in texts and in published bytes without being written down anywhere.
//!
//! A record of a redaction holds, for each run of words that is kept out, how many words it has and their salted hash. A
//! text is folded into words, and every run of so many words is hashed and looked up. Owns folding, hashing and where
//! names are found from an id; what a warehouse does with it is [`esf_engine::redact`].
//!
//! A single word is mostly an ordinary one. Where an operation or organisation led to it, it is kept out of their rows and of
//! what their sources publish; the rows of others keep it.
//!
//! The hash keeps the name from being read, not from being tried: who has the record and a list of names can find out
//! whether one of them is meant. Ids that were made from a name could be tried by anybody, so that others take their place,
//! which only the record's salt gives ([`made_of`]).

mod lookup;
mod made;
mod raw;
mod run;
mod shortened;
mod term;
#[cfg(test)]
mod tests;
mod word;

use std::collections::{BTreeSet, HashSet};

use arrow::error::ArrowError;
use esf_engine::redact::{Cell, MARK, Mask, Owner, Redaction, RowMask, Term};
use esf_engine::write::TableSpec;

pub use lookup::{Column, Meant, Whose, has_operation, of_operation, of_organisation};
pub use made::{id_terms, made_of};
pub use run::{behind, complete, masks, references};
pub use term::{is_single_word, new_salt, terms, terms_of};

use crate::merge::rows::Tables;
use crate::run::SourceReport;
use term::{first_byte, hash, id_hash, renewed};
use word::Words;

/// Letters of what tells apart what was masked: enough for all people of a warehouse.
const TOKEN: usize = 12;

/// Letters of an id that is made from published texts.
const ID_LETTERS: usize = 16;

/// How often others may have taken the place of an id: once for each redaction that it was concerned by.
const MOST_RENEWED: usize = 16;

/// What one or several redactions keep out.
#[derive(Debug, Clone, Default)]
pub struct Masks {
    /// By number of words, the longest first.
    groups: Vec<Group>,
    /// Words that are kept out of the rows of one operation or organisation.
    owned: Vec<Owned>,
    /// Ids that others take the place of.
    ids: Vec<Group>,
    /// The salt of the first redaction.
    salt: String,
    newest: Option<(String, String)>,
    /// Folded surnames of which it is counted where they stand alone. They are in no record.
    surnames: HashSet<String>,
    /// The redactions that the newest release and all before it are without.
    settled: BTreeSet<String>,
    /// Whether a redaction was done of which whoever published the newest release did not know.
    is_behind: bool,
}

/// Runs of one length under one salt.
#[derive(Debug, Clone)]
struct Group {
    salt: String,
    words: usize,
    firsts: [bool; 256],
    hashes: HashSet<String>,
}

/// A word that is kept out of the rows of one operation or organisation.
#[derive(Debug, Clone)]
struct Owned {
    salt: String,
    first: u8,
    sha256: String,
    of: Owner,
}

impl Owned {
    fn is_of(&self, id: &str) -> bool {
        first_byte(&self.salt, id) == self.of.first && id_hash(&self.salt, id) == self.of.sha256
    }

    fn is(&self, word: &str) -> bool {
        first_byte(&self.salt, word) == self.first && hash(&self.salt, word) == self.sha256
    }
}

impl Masks {
    /// What these redactions keep out.
    pub fn of<'a>(redactions: impl IntoIterator<Item = &'a Redaction>) -> Self {
        let mut masks = Self::default();
        for redaction in redactions {
            let salt = redaction.salt.as_str();
            if masks.newest.is_none() {
                salt.clone_into(&mut masks.salt);
            }
            for term in &redaction.terms {
                masks.add(salt, term);
            }
            for id in &redaction.ids {
                take(&mut masks.ids, salt, id);
            }
            masks.newest = Some((redaction.id.clone(), redaction.reason.clone()));
        }
        masks
            .groups
            .sort_by_key(|group| std::cmp::Reverse(group.words));
        masks
    }

    /// With the surnames of these names: of them it is counted where they stand alone, and they stay.
    #[must_use]
    pub fn counting<'a>(mut self, names: impl IntoIterator<Item = &'a Meant>) -> Self {
        let names = names.into_iter().map(|meant| meant.text.as_str());
        self.surnames.extend(names.filter_map(shortened::surname));
        self
    }

    fn add(&mut self, salt: &str, term: &Term) {
        match &term.of {
            None => take(&mut self.groups, salt, term),
            Some(of) => self.owned.push(Owned {
                salt: salt.to_owned(),
                first: term.first,
                sha256: term.sha256.clone(),
                of: of.clone(),
            }),
        }
    }

    /// With further ids that others take the place of.
    fn with_ids(&self, ids: &BTreeSet<String>) -> Self {
        let mut masks = self.clone();
        for term in id_terms(ids, &self.salt) {
            take(&mut masks.ids, &self.salt, &term);
        }
        masks
    }

    /// Whether nothing is kept out.
    pub fn is_empty(&self) -> bool {
        self.groups.is_empty() && self.owned.is_empty() && self.ids.is_empty()
    }

    /// The redactions that the newest release and all before it are without, so that what is published on top is without them too.
    pub fn settled(&self) -> &BTreeSet<String> {
        &self.settled
    }

    /// Whether a redaction was done of which whoever published the newest release did not know: nothing is published on top before
    /// that is looked through.
    pub fn is_behind(&self) -> bool {
        self.is_behind
    }

    /// Id and reason of the newest redaction.
    pub fn newest(&self) -> Option<(&str, &str)> {
        let (id, reason) = self.newest.as_ref()?;
        Some((id.as_str(), reason.as_str()))
    }

    /// A text without what is kept out.
    pub fn masked(&self, text: &str) -> String {
        self.mask(text).unwrap_or_else(|| text.to_owned())
    }

    /// Masks the tables of a list, before anything of them is written. Fails where Arrow cannot take a column apart.
    pub fn mask_tables(&self, tables: &mut Tables) -> Result<(), ArrowError> {
        if self.is_empty() {
            return Ok(());
        }
        // A spelling that the record has not met gives an id that it does not know.
        let masks = self.with_ids(&made::of_tables(self, tables)?);
        for (name, batches) in tables {
            let Some(spec) = esf_schemas::table(name).map(TableSpec::from) else {
                continue;
            };
            if let Some(masked) = RowMask::all(&masks, &spec, batches)? {
                *batches = masked;
            }
        }
        Ok(())
    }

    /// Masks what a run tells of files.
    pub fn mask_reports(&self, reports: &mut [SourceReport]) {
        if self.is_empty() {
            return;
        }
        for report in reports {
            report.file_name = self.masked(&report.file_name);
            report.message = report.message.as_deref().map(|text| self.masked(text));
            report.accepted = report.accepted.as_deref().map(|text| self.masked(text));
            for control in &mut report.controls {
                control.message = self.masked(&control.message);
                control.accepted = control.accepted.as_deref().map(|text| self.masked(text));
            }
        }
    }

    /// Whether a text holds what is kept out, or one of these words.
    fn finds(&self, text: &str, owned: &[&Owned]) -> bool {
        let words = Words::of(text);
        (0..words.len()).any(|at| self.length_at(text, &words, at, owned).is_some())
    }

    /// The words that are kept out of the rows of these, whichever of their ids led to them.
    fn owned_by(&self, owners: [Option<&str>; 2]) -> Vec<&Owned> {
        let is_known = |owned: &Owned, id: &str| {
            owned.is_of(id) || self.places_of(id).any(|later| owned.is_of(&later))
        };
        (self.owned.iter())
            .filter(|owned| owners.into_iter().flatten().any(|id| is_known(owned, id)))
            .collect()
    }

    /// A text without what is kept out and without these words; `None` if it holds none of them.
    fn without(&self, text: &str, owned: &[&Owned]) -> Option<String> {
        let words = Words::of(text);
        let (mut at, mut from) = (0, 0);
        let mut masked = String::new();
        while at < words.len() {
            let id = || self.is_made(words.run(at, 1)).then_some(1);
            let Some(length) = self.length_at(text, &words, at, owned).or_else(id) else {
                at += 1;
                continue;
            };
            let place = words.place(at, length);
            masked.push_str(&text[from..place.start]);
            masked.push_str(MARK);
            from = place.end;
            at += length;
        }
        if from == 0 {
            return None;
        }
        masked.push_str(&text[from..]);
        Some(masked)
    }

    /// Whether a word is an id that another takes the place of.
    fn is_made(&self, word: &str) -> bool {
        word.len() == ID_LETTERS && self.next_of(word).is_some()
    }

    /// The id that took the place of another; `None` for those that stay.
    fn next_of(&self, id: &str) -> Option<String> {
        let group = (self.ids.iter()).find(|group| group.holds(id, || id_hash(&group.salt, id)))?;
        Some(renewed(&group.salt, id))
    }

    /// The ids that took the place of another, one after the other: what a later redaction replaced may be what an earlier one
    /// had put there.
    fn places_of(&self, id: &str) -> impl Iterator<Item = String> {
        std::iter::successors(self.next_of(id), |id| self.next_of(id)).take(MOST_RENEWED)
    }

    /// How many words from this one on are kept out, titles between them included.
    fn length_at(&self, text: &str, words: &Words, at: usize, owned: &[&Owned]) -> Option<usize> {
        let length = self.groups.iter().find_map(|group| {
            if at + group.words > words.len()
                || !group.firsts[usize::from(first_byte(&group.salt, words.run(at, 1)))]
            {
                return None;
            }
            let holds = |run: &str| group.hashes.contains(&hash(&group.salt, run));
            let is_one = |length: usize| words.are_together(text, at, length);
            if holds(words.run(at, group.words)) && is_one(group.words) {
                return Some(group.words);
            }
            let (run, length) = words.untitled(at, group.words)?;
            (holds(&run) && is_one(length)).then_some(length)
        });
        let is_owned = || owned.iter().any(|owned| owned.is(words.run(at, 1)));
        length.or_else(|| is_owned().then_some(1))
    }
}

/// Adds a term to those of its salt and length.
fn take(groups: &mut Vec<Group>, salt: &str, term: &Term) {
    if term.words == 0 {
        return;
    }
    let is_its = |group: &&mut Group| group.words == term.words && group.salt == salt;
    if let Some(group) = groups.iter_mut().find(is_its) {
        group.take(term);
        return;
    }
    let mut group = Group {
        salt: salt.to_owned(),
        words: term.words,
        firsts: [false; 256],
        hashes: HashSet::new(),
    };
    group.take(term);
    groups.push(group);
}

impl Group {
    fn take(&mut self, term: &Term) {
        self.firsts[usize::from(term.first)] = true;
        self.hashes.insert(term.sha256.clone());
    }

    /// Whether this word, whose hash is dear, is one of its terms.
    fn holds(&self, word: &str, hash: impl Fn() -> String) -> bool {
        self.firsts[usize::from(first_byte(&self.salt, word))] && self.hashes.contains(&hash())
    }
}

impl Mask for Masks {
    fn mask(&self, text: &str) -> Option<String> {
        if self.is_empty() {
            return None;
        }
        self.without(text, &[])
    }

    fn cell(&self, cell: &Cell<'_>) -> Option<String> {
        if self.is_empty() {
            return None;
        }
        self.without(cell.text, &self.owned_by(cell.owners))
    }

    fn spares(&self, cell: &Cell<'_>) -> bool {
        if self.owned.is_empty() {
            return false;
        }
        let words = Words::of(cell.text);
        let mut places = 0..words.len();
        places.any(|at| self.owned.iter().any(|owned| owned.is(words.run(at, 1))))
    }

    fn stands_alone(&self, cell: &Cell<'_>) -> bool {
        let holds = |text: &str| {
            let words = Words::of(text);
            (0..words.len()).any(|at| self.surnames.contains(words.run(at, 1)))
        };
        let left = || self.cell(cell).is_none_or(|left| holds(&left));
        !self.surnames.is_empty() && holds(cell.text) && left()
    }

    fn id(&self, id: &str) -> Option<String> {
        self.places_of(id).last()
    }

    fn token(&self, text: &str) -> String {
        let words = Words::of(text);
        let salt = self.salt.as_str();
        let all = if words.len() == 0 {
            ""
        } else {
            words.run(0, words.len())
        };
        // Of the whole text, and with another hash than the record has.
        hash(salt, &format!("token{}{all}", word::APART))[..TOKEN].to_owned()
    }

    fn holds(&self, source: Option<&str>, bytes: &[u8]) -> bool {
        let is_named = |owned: &&Owned| source.is_none_or(|id| owned.of.sources.contains(id));
        let owned: Vec<&Owned> = self.owned.iter().filter(is_named).collect();
        // Ids are what the program made; nobody published them.
        if self.groups.is_empty() && owned.is_empty() {
            return false;
        }
        raw::any_text(bytes, &|text| self.finds(text, &owned))
    }
}
