//! The guard: where the first trace of a contact stands, if there is one.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};

/// What must follow a part of a word for it to be a trace; at the end of a cell nothing can follow that is cut.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Then {
    /// Nothing in particular.
    Anything,
    /// No further letter: "Fon 0511", not "Fonds".
    NoLetter,
    /// The rest of the word, a blank and a capital: "Teilnehmer Anna", not "Teilnehmer aus".
    Capital,
}
use Then::{Anything as A, Capital as C, NoLetter as N};

/// Parts of everything the finders act on, in the cases that occur. Each has three bytes or more and there are at most
/// 64 of them: within these limits the search looks at many bytes at a time, beyond them at each byte.
#[rustfmt::skip]
const TRACES: [(&str, Then); 64] = [
    ("Tel", A), (" tel", A), ("TEL", A), ("Fon", N), (" fon", N), ("hone", A), ("Mobil", A), ("andy", A),
    ("Fax", A), ("FAX", A), ("Tfn", A), ("tfn", A), ("Durchwahl", A), ("Rufnummer", A), ("nsprechp", A),
    ("NSPRECHP", A), ("ontakt", A), ("KONTAKT", A), ("ontact", A), ("rojektl", A), ("rojektansv", A),
    ("andläggare", A), ("earbeiter", A), ("Herr", A), ("Frau ", A), ("Fru ", A), ("c/o", A), ("C/O", A), ("c\\o", A),
    (" Hd", A), ("z.Hd", A), ("änden", A), ("i.A.", A), ("i. A.", A), ("i.V.", A), ("i. V.", A), ("gez.", A),
    ("Leiter", A), ("leiter", A), ("ezernent", A), ("0046", A), ("0049", A), ("eschäftsführ", A),
    ("ürgermeister", A), ("andrat", A), ("inister", A), ("irektor", A), ("orsitzende", A), ("rdförande", A),
    ("taatssekret", A), ("nsvarig", A), ("oordinat", A), ("erantwortlich", A), ("erksamhetsled", A),
    ("eauftragt", A), ("eilnehme", C), ("eltagare", C), ("ersonn", A), ("eburtsd", A), ("geb.", A),
    ("Geb.", A), ("eboren", A), ("föd", A), ("Föd", A),
];

/// Labels that are ordinary words, and traces with a colon behind them only; ends of words.
const BEFORE_COLON: [&str; 10] = [
    "mobil",
    "fax",
    "eitung",
    "oto",
    "Bild",
    "utor",
    "eilnehmer",
    "eilnehmerin",
    "eilnehmende",
    "eltagare",
];

#[expect(
    clippy::expect_used,
    reason = "a few dozen short patterns cannot exceed the limits of the automaton"
)]
static GUARD: LazyLock<AhoCorasick> = LazyLock::new(|| {
    AhoCorasick::builder()
        .match_kind(MatchKind::LeftmostFirst)
        .build(TRACES.map(|(part, _)| part))
        .expect("the patterns are few and short")
});

/// The byte of the first trace.
pub(super) fn first_trace(text: &[u8]) -> Option<usize> {
    Traces::new(text).next_from(0)
}

/// Traces of a text in ascending order. The next of each kind is remembered: looking for the rare one anew behind each
/// of the frequent ones would take the square of the text's length.
pub(super) struct Traces<'a> {
    text: &'a [u8],
    next: [Option<Found>; 3],
}

/// Where something begins, or that it does not come any more.
type Found = Option<usize>;

/// The kinds of traces: parts of words, signs of addresses, signs of numbers and labels.
const KINDS: [fn(&[u8], usize) -> Found; 3] = [next_word, next_sign, next_mark];

impl<'a> Traces<'a> {
    /// The traces of a text.
    pub(super) fn new(text: &'a [u8]) -> Self {
        Self {
            text,
            next: [None; 3],
        }
    }

    /// The byte of the first trace at or after `from`, which must not go back from call to call.
    pub(super) fn next_from(&mut self, from: usize) -> Option<usize> {
        for (next, find) in self.next.iter_mut().zip(KINDS) {
            let passed = match next {
                Some(Some(at)) => *at < from,
                Some(None) => false,
                None => true,
            };
            if passed {
                *next = Some(find(self.text, from));
            }
        }
        self.next.iter().filter_map(|found| found.flatten()).min()
    }
}

/// The first part of a word at or after `from` that is followed as it must be.
fn next_word(text: &[u8], from: usize) -> Found {
    let mut at = from;
    loop {
        let found = GUARD.find(text.get(at..)?)?;
        let (start, end) = (at + found.start(), at + found.end());
        if follows(&text[end..], TRACES[found.pattern().as_usize()].1) {
            return Some(start);
        }
        at = start + 1;
    }
}

fn follows(rest: &[u8], then: Then) -> bool {
    let letter = |byte: &u8| byte.is_ascii_alphabetic() || *byte >= 0x80;
    match then {
        Then::Anything => true,
        Then::NoLetter => !rest.first().is_some_and(letter),
        Then::Capital => {
            let word = rest.iter().take_while(|byte| letter(byte)).count();
            let blank = rest.get(word).is_some_and(u8::is_ascii_whitespace);
            let next = rest.get(word + 1);
            blank && next.is_some_and(|byte| byte.is_ascii_uppercase() || *byte >= 0x80)
        }
    }
}

/// The first sign of an address or number at or after `from`.
fn next_sign(text: &[u8], from: usize) -> Found {
    let rest = &text[from..];
    let sign = memchr::memchr3_iter(b'@', b'+', b'(', rest).find(|at| match rest[*at] {
        b'@' => true,
        b'+' => rest.get(at + 1).is_some_and(u8::is_ascii_digit),
        // "(at)"; "(0221) 12345", not "(01/10)".
        _ => {
            rest[at + 1..].starts_with(b"at)")
                || rest.get(at + 1) == Some(&b'0')
                    && rest[at + 2..]
                        .iter()
                        .take(2)
                        .filter(|byte| byte.is_ascii_digit())
                        .count()
                        == 2
        }
    });
    sign.map(|at| from + at)
}

/// The first hyphen inside a Swedish number, "[at]", or colon after a label, at or after `from`.
fn next_mark(text: &[u8], from: usize) -> Found {
    let rest = &text[from..];
    let mark = memchr::memchr3_iter(b'-', b'[', b':', rest).find(|at| {
        let (before, after) = (&rest[..*at], &rest[at + 1..]);
        match rest[*at] {
            b'-' => {
                let digits = before.iter().rev().take_while(|byte| byte.is_ascii_digit());
                let digits = digits.count();
                // Digits of the cell before may stand in front: more of them are no reason to pass.
                let mobile = digits >= 3 && before[at - 3..].starts_with(b"07");
                // A personal number has six digits before its hyphen and four behind.
                mobile || digits >= 6 && after.iter().take(4).all(u8::is_ascii_digit)
            }
            b'[' => after.starts_with(b"at]"),
            _ => BEFORE_COLON
                .iter()
                .any(|label| before.ends_with(label.as_bytes())),
        }
    });
    mark.map(|at| from + at)
}
