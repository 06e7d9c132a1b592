//! What a redaction keeps out, recognised in texts and in published bytes without being written down anywhere.
//!
//! A record of a redaction holds, for each run of words that is kept out, how many words it has and their salted hash. A
//! text is folded into words, and every run of so many words is hashed and looked up. Owns folding, hashing and where
//! names are found from an id; what a warehouse does with it is [`esf_engine::redact`].
//!
//! The hash keeps the name from being read, not from being tried: who has the record and a list of names can find out
//! whether one of them is meant. So do ids of operations and organisations, which stay as they were.

mod lookup;
mod raw;
mod run;
#[cfg(test)]
mod tests;
mod word;

use std::collections::{BTreeSet, HashSet};

use arrow::error::ArrowError;
use esf_engine::redact::{MARK, Mask, Redaction, RowMask, Term};
use esf_engine::store::sha256;
use esf_engine::write::TableSpec;

pub use lookup::{Column, of_operation, of_organisation};
pub use run::{complete, masks, references};

use crate::merge::rows::Tables;
use crate::personal::NATURAL_PERSON_LABEL;
use crate::run::SourceReport;
use word::Words;

/// Fewest letters of a text that may be kept out: less stands in half of all texts.
const LEAST_LETTERS: usize = 4;

/// Letters of what tells apart what was masked: enough for all people of a warehouse.
const TOKEN: usize = 12;

/// Salt for the hashes of a warehouse's first redaction. It need not be secret: it keeps hashes of two warehouses apart, and
/// lists of hashes of names from being of use.
pub fn new_salt() -> String {
    use std::hash::{BuildHasher, Hasher};
    let state = std::hash::RandomState::new();
    let part = |n: u8| {
        let mut hasher = state.build_hasher();
        hasher.write_u8(n);
        format!("{:016x}", hasher.finish())
    };
    part(0) + &part(1)
}

/// Words of a name that are turned: a name of more is a sentence.
const MOST_TURNED: usize = 5;

/// The hashes of a run of words: the text as one, and, for a name of a few words, with each of them first, as lists have
/// surnames first; with its titles, and without them where two words are left.
/// None for a text that is too short to be told from others.
pub fn terms(text: &str, salt: &str) -> BTreeSet<Term> {
    let words = Words::of(text);
    if words.letters() < LEAST_LETTERS || text.trim() == NATURAL_PERSON_LABEL {
        return BTreeSet::new();
    }
    let all: Vec<&str> = (0..words.len()).map(|at| words.run(at, 1)).collect();
    let untitled = all.iter().copied().filter(|word| !word::is_title(word));
    let untitled: Vec<&str> = untitled.collect();
    let mut terms = BTreeSet::new();
    for mut words in [all, untitled] {
        // Of a title and a surname the surname alone stands for too many.
        if words.len() < 2 && !terms.is_empty() {
            continue;
        }
        let turns = if words.len() > MOST_TURNED {
            1
        } else {
            words.len()
        };
        for _ in 0..turns {
            terms.insert(term(&words.join(word::APART), words.len(), salt));
            words.rotate_right(1);
        }
    }
    terms
}

fn term(run: &str, words: usize, salt: &str) -> Term {
    let first = run.split(word::APART).next().unwrap_or_default();
    Term {
        words,
        first: first_byte(salt, first),
        sha256: hash(salt, run),
    }
}

fn hash(salt: &str, run: &str) -> String {
    sha256(format!("{salt}{}{run}", word::APART).as_bytes())
}

/// FNV-1a, folded into a byte: most words are told by it to begin nothing that is kept out.
fn first_byte(salt: &str, word: &str) -> u8 {
    const BASIS: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0100_0000_01b3;
    let bytes = salt.bytes().chain(word.bytes());
    let hash = bytes.fold(BASIS, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(PRIME)
    });
    hash.to_be_bytes().iter().fold(0, |one, byte| one ^ byte)
}

/// What one or several redactions keep out.
#[derive(Debug, Clone, Default)]
pub struct Masks {
    /// By number of words, the longest first.
    groups: Vec<Group>,
    newest: Option<(String, String)>,
}

/// Runs of one length under one salt.
#[derive(Debug, Clone)]
struct Group {
    salt: String,
    words: usize,
    firsts: [bool; 256],
    hashes: HashSet<String>,
}

impl Masks {
    /// What these redactions keep out.
    pub fn of<'a>(redactions: impl IntoIterator<Item = &'a Redaction>) -> Self {
        let mut masks = Self::default();
        for redaction in redactions {
            for term in &redaction.terms {
                masks.add(&redaction.salt, term);
            }
            masks.newest = Some((redaction.id.clone(), redaction.reason.clone()));
        }
        masks
            .groups
            .sort_by_key(|group| std::cmp::Reverse(group.words));
        masks
    }

    fn add(&mut self, salt: &str, term: &Term) {
        if term.words == 0 {
            return;
        }
        let is_its = |group: &&mut Group| group.words == term.words && group.salt == salt;
        if let Some(group) = self.groups.iter_mut().find(is_its) {
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
        self.groups.push(group);
    }

    /// Whether nothing is kept out.
    pub fn is_empty(&self) -> bool {
        self.groups.is_empty()
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
        for (name, batches) in tables {
            let Some(spec) = esf_schemas::table(name).map(TableSpec::from) else {
                continue;
            };
            if let Some(masked) = RowMask::all(self, &spec, batches)? {
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
            for control in &mut report.controls {
                control.message = self.masked(&control.message);
            }
        }
    }

    /// Whether a text holds what is kept out.
    fn finds(&self, text: &str) -> bool {
        let words = Words::of(text);
        (0..words.len()).any(|at| self.length_at(&words, at).is_some())
    }

    /// How many words from this one on are kept out, titles between them included.
    fn length_at(&self, words: &Words, at: usize) -> Option<usize> {
        self.groups.iter().find_map(|group| {
            if at + group.words > words.len()
                || !group.firsts[usize::from(first_byte(&group.salt, words.run(at, 1)))]
            {
                return None;
            }
            let holds = |run: &str| group.hashes.contains(&hash(&group.salt, run));
            if holds(words.run(at, group.words)) {
                return Some(group.words);
            }
            let (run, length) = words.untitled(at, group.words)?;
            holds(&run).then_some(length)
        })
    }
}

impl Group {
    fn take(&mut self, term: &Term) {
        self.firsts[usize::from(term.first)] = true;
        self.hashes.insert(term.sha256.clone());
    }
}

impl Mask for Masks {
    fn mask(&self, text: &str) -> Option<String> {
        if self.is_empty() {
            return None;
        }
        let words = Words::of(text);
        let (mut at, mut from) = (0, 0);
        let mut masked = String::new();
        while at < words.len() {
            let Some(length) = self.length_at(&words, at) else {
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

    fn token(&self, text: &str) -> String {
        let words = Words::of(text);
        let salt = self.groups.first().map_or("", |group| group.salt.as_str());
        let all = if words.len() == 0 {
            ""
        } else {
            words.run(0, words.len())
        };
        // Of the whole text, and with another hash than the record has.
        hash(salt, &format!("token{}{all}", word::APART))[..TOKEN].to_owned()
    }

    fn holds(&self, bytes: &[u8]) -> bool {
        !self.is_empty() && raw::any_text(bytes, &|text| self.finds(text))
    }
}
