//! Fast look-up of spellings: exact, near (a few typing errors) and nearest (for messages).
//!
//! Header detection asks about thousands of cells that are no labels, so that near and nearest search small
//! pre-selections instead of all spellings.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::label::{Boundary, Label, Token};
use super::{Field, normalise_label};
use crate::SchemaError;

/// A known spelling of a field.
#[derive(Debug, Clone)]
pub(super) struct Spelling {
    pub(super) field: String,
    pub(super) text: String,
    /// Languages in which the spelling is used.
    pub(super) languages: Vec<String>,
    /// The comparison key.
    pub(super) key: String,
    letters: Letters,
}

/// All spellings and the ways to find them.
#[derive(Debug, Default)]
pub(super) struct Index {
    spellings: Vec<Spelling>,
    exact: HashMap<String, usize>,
    by_length: BTreeMap<usize, Vec<usize>>,
    by_trigram: HashMap<[u8; 3], Vec<u32>>,
}

/// Shorter labels must be written correctly: too many short words differ by one letter.
const SHORTEST_NEAR: usize = 8;

/// Words that turn a meaning round or say whose money it is; a near spelling must have the same ones.
const DECISIVE: [&str; 15] = [
    "nicht",
    "icke",
    "unfoerder",
    "ineligible",
    "noneligible",
    "unzuwendung",
    "eu",
    "esf",
    "efre",
    "jtf",
    "land",
    "bund",
    "privat",
    "national",
    "plz",
];

/// The key under which tokens are compared: all words together, slashes kept.
pub(super) fn key(tokens: &[Token]) -> String {
    let mut key = String::with_capacity(tokens.iter().map(|t| t.text.len() + 1).sum());
    for (i, token) in tokens.iter().enumerate() {
        if i > 0 && token.before == Boundary::Slash {
            key.push('/');
        }
        key.push_str(&token.text);
    }
    key
}

impl Index {
    /// The labels of all fields but the masked ones.
    ///
    /// # Errors
    /// If one label would name two fields.
    pub(super) fn new(
        fields: &BTreeMap<String, Field>,
        masked: &BTreeSet<String>,
    ) -> Result<Self, SchemaError> {
        let mut index = Self::default();
        for field in fields.values() {
            for label in &field.labels {
                if !masked.contains(&normalise_label(&label.text)) {
                    index.add(field, &label.text, &label.language)?;
                }
            }
        }
        for (i, spelling) in index.spellings.iter().enumerate() {
            index
                .by_length
                .entry(spelling.key.len())
                .or_default()
                .push(i);
            for trigram in trigrams(&spelling.key) {
                index.by_trigram.entry(trigram).or_default().push(i as u32);
            }
        }
        Ok(index)
    }

    fn add(&mut self, field: &Field, text: &str, language: &str) -> Result<(), SchemaError> {
        let label = Label::parse(text);
        let mut key = key(&label.tokens);
        if label.stated.percent {
            key.push('%');
        }
        let position = self.spellings.len();
        let mut keys = vec![key.clone()];
        // "Begunstigten", "Stodmottagare": publications that lost the dots altogether.
        if text.contains(['ä', 'ö', 'ü', 'Ä', 'Ö', 'Ü']) {
            let bare: String = text
                .chars()
                .map(|c| match c {
                    'ä' => 'a',
                    'ö' => 'o',
                    'ü' => 'u',
                    'Ä' => 'A',
                    'Ö' => 'O',
                    'Ü' => 'U',
                    _ => c,
                })
                .collect();
            keys.push(self::key(&Label::parse(&bare).tokens));
        }
        for known in keys.iter().filter_map(|key| self.exact.get(key)) {
            let other = &mut self.spellings[*known];
            if other.field != field.name {
                return Err(SchemaError::AmbiguousLabel {
                    label: text.to_owned(),
                    field: field.name.clone(),
                    other_label: other.text.clone(),
                    other_field: other.field.clone(),
                });
            }
            if !other.languages.iter().any(|l| l == language) {
                other.languages.push(language.to_owned());
            }
        }
        if self.exact.contains_key(&key) {
            return Ok(());
        }
        for key in keys {
            self.exact.entry(key).or_insert(position);
        }
        self.spellings.push(Spelling {
            field: field.name.clone(),
            text: text.to_owned(),
            languages: vec![language.to_owned()],
            letters: Letters::of(&key),
            key,
        });
        Ok(())
    }

    /// The spelling with exactly this key.
    pub(super) fn exact(&self, key: &str) -> Option<&Spelling> {
        self.exact.get(key).map(|i| &self.spellings[*i])
    }

    /// The spelling that differs by very few typing errors, if no other field is as near.
    pub(super) fn near(&self, key: &str) -> Option<&Spelling> {
        let length = key.len();
        if length < SHORTEST_NEAR {
            return None;
        }
        let allowed = match length {
            ..12 => 1,
            12..24 => 2,
            _ => 3,
        };
        let mask = Letters::of(key);
        let mut best: Option<(usize, &Spelling)> = None;
        let mut other_field = usize::MAX;
        for i in self
            .by_length
            .range(length - allowed..=length + allowed)
            .flat_map(|(_, indices)| indices)
        {
            let spelling = &self.spellings[*i];
            // One typing error changes the counts of at most two letters by one each; comparing counts first spares
            // the search almost all comparisons of whole labels.
            let different = mask.distance(&spelling.letters);
            if spelling.key.len() < SHORTEST_NEAR
                || different > 2 * (allowed + 1)
                || !alike(&spelling.key, key)
            {
                continue;
            }
            let distance = strsim::osa_distance(&spelling.key, key);
            match best {
                Some((nearest, found)) if distance < nearest => {
                    if found.field != spelling.field {
                        other_field = nearest;
                    }
                    best = Some((distance, spelling));
                }
                Some((_, found)) if found.field != spelling.field => {
                    other_field = other_field.min(distance);
                }
                None => best = Some((distance, spelling)),
                Some(_) => {}
            }
        }
        best.filter(|(distance, _)| *distance <= allowed && other_field > distance + 1)
            .map(|(_, spelling)| spelling)
    }

    /// The spelling that shares most with a key, by Dice's coefficient of their trigrams.
    pub(super) fn nearest(&self, key: &str) -> Option<(&Spelling, f64)> {
        let own = trigrams(key);
        let mut shared = vec![0u32; self.spellings.len()];
        for trigram in &own {
            for i in self.by_trigram.get(trigram).into_iter().flatten() {
                shared[*i as usize] += 1;
            }
        }
        self.spellings
            .iter()
            .zip(shared)
            .filter(|(_, count)| *count > 0)
            .map(|(spelling, count)| {
                let total = own.len() + spelling.key.len().saturating_sub(2).max(1);
                (spelling, f64::from(2 * count) / total as f64)
            })
            .max_by(|a, b| a.1.total_cmp(&b.1).then_with(|| b.0.text.cmp(&a.0.text)))
    }
}

/// Digits, decisive words and the beginning must agree; everything else may be a typing error. What stands before a word
/// makes another one of it: "Finanzierung", "Kofinanzierung".
fn alike(a: &str, b: &str) -> bool {
    if a.as_bytes().get(..2) != b.as_bytes().get(..2) {
        return false;
    }
    let digits = |s: &str| s.bytes().filter(u8::is_ascii_digit).collect::<Vec<_>>();
    digits(a) == digits(b)
        && DECISIVE
            .iter()
            .all(|word| a.contains(word) == b.contains(word))
}

/// How often each letter occurs.
#[derive(Debug, Clone, Copy)]
struct Letters([u8; 26]);

impl Letters {
    fn of(key: &str) -> Self {
        let mut counts = [0u8; 26];
        for letter in key.bytes().filter(u8::is_ascii_lowercase) {
            let count = &mut counts[usize::from(letter - b'a')];
            *count = count.saturating_add(1);
        }
        Self(counts)
    }

    fn distance(&self, other: &Self) -> usize {
        self.0
            .iter()
            .zip(&other.0)
            .map(|(a, b)| usize::from(a.abs_diff(*b)))
            .sum()
    }
}

fn trigrams(key: &str) -> BTreeSet<[u8; 3]> {
    key.as_bytes()
        .windows(3)
        .map(|w| [w[0], w[1], w[2]])
        .collect()
}
