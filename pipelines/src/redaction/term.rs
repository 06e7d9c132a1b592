//! What a text is turned into for the record of a redaction: salted hashes of its runs of words.

use std::collections::BTreeSet;

use esf_engine::redact::{Owner, Term};
use esf_engine::store::sha256;

use super::Meant;
use super::shortened::shortened;
use super::word::{APART, Words, is_title};
use crate::organisation::{id_text, short_id};
use crate::personal::NATURAL_PERSON_LABEL;

/// Fewest letters of a text that may be kept out: less stands in half of all texts.
pub(super) const LEAST_LETTERS: usize = 4;

/// Salt for the hashes of a warehouse's first redaction, which all later ones use too. It stands in the record only: who has it
/// can try names, also against the ids that stand in place of others.
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
/// surnames first; with its titles, and without them where two words are left; of a person's name also with initials in
/// place of the given names.
/// None for a text that is too short to be told from others.
pub fn terms(text: &str, salt: &str) -> BTreeSet<Term> {
    let words = Words::of(text);
    if words.letters() < LEAST_LETTERS || text.trim() == NATURAL_PERSON_LABEL {
        return BTreeSet::new();
    }
    let all: Vec<&str> = (0..words.len()).map(|at| words.run(at, 1)).collect();
    let untitled = all.iter().copied().filter(|word| !is_title(word));
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
            terms.insert(term(&words.join(APART), words.len(), salt));
            words.rotate_right(1);
        }
    }
    let shortened = shortened(text).into_iter();
    terms.extend(shortened.map(|run| term(&run.join(APART), run.len(), salt)));
    terms
}

/// The hashes of a text that is meant, kept out of the rows of whoever it belongs to where it is a single word. `everywhere`
/// keeps single words out of all rows.
pub fn terms_of(meant: &Meant, salt: &str, everywhere: bool) -> BTreeSet<Term> {
    let of = meant.of.as_ref().filter(|_| !everywhere);
    let owner = of.map(|whose| Owner {
        first: first_byte(salt, &whose.id),
        sha256: id_hash(salt, &whose.id),
        sources: whose.sources.clone(),
    });
    let all = terms(&meant.text, salt).into_iter();
    all.map(|term| Term {
        of: owner.clone().filter(|_| term.words == 1),
        ..term
    })
    .collect()
}

/// Whether a text is one word, which may well be an ordinary one.
pub fn is_single_word(text: &str) -> bool {
    Words::of(text).len() == 1
}

fn term(run: &str, words: usize, salt: &str) -> Term {
    let first = run.split(APART).next().unwrap_or_default();
    Term {
        words,
        first: first_byte(salt, first),
        sha256: hash(salt, run),
        of: None,
    }
}

pub(super) fn hash(salt: &str, run: &str) -> String {
    sha256(format!("{salt}{APART}{run}").as_bytes())
}

/// The hash of an id, which is none of a word.
pub(super) fn id_hash(salt: &str, id: &str) -> String {
    hash(salt, &format!("id{APART}{id}"))
}

/// The id in place of another.
pub(super) fn renewed(salt: &str, id: &str) -> String {
    id_text(&short_id(&[b"redacted", salt.as_bytes(), id.as_bytes()])).to_owned()
}

/// FNV-1a, folded into a byte: most words are told by it to begin nothing that is kept out.
pub(super) fn first_byte(salt: &str, word: &str) -> u8 {
    const BASIS: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0100_0000_01b3;
    let bytes = salt.bytes().chain(word.bytes());
    let hash = bytes.fold(BASIS, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(PRIME)
    });
    hash.to_be_bytes().iter().fold(0, |one, byte| one ^ byte)
}
