//! The guard: where the first trace of a contact stands, if there is one.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};

/// Parts of everything the finders act on, in the cases that occur. Each has three bytes or more and there are at most
/// 64 of them: within these limits the search looks at many bytes at a time, beyond them at each byte.
#[rustfmt::skip]
const TRACES: [&str; 64] = [
    "Tel", " tel", "TEL", "Fon:", " fon", "hone", "Mobil", "mobil:", "andy",
    "Fax", "FAX", "fax:", "Tfn", "tfn", "Durchwahl", "Rufnummer", "nsprechp", "NSPRECHP",
    "ontakt", "KONTAKT", "ontact", "rojektl", "rojektansv", "andläggare", "earbeiter", "Herr",
    "Frau ", "c/o", "C/O", "c\\o", " Hd", "änden", "oto:", "Bild:", "Leiter", "leiter",
    "eitung:", "ezernent", "[at]", "070-", "072-", "073-", "076-", "079-", "0046",
    "0049", "eschäftsführ", "ürgermeister", "andrat", "inister", "irektor", "orsitzende",
    "rdförande", "taatssekret", "nsvarig", "oordinat", "erantwortlich", "erksamhetsled",
    "eauftragt", "utor:", "eilnehmer:", "eilnehmerin:", "eilnehmende:", "eltagare:",
];

#[expect(
    clippy::expect_used,
    reason = "a few dozen short patterns cannot exceed the limits of the automaton"
)]
static GUARD: LazyLock<AhoCorasick> = LazyLock::new(|| {
    AhoCorasick::builder()
        .match_kind(MatchKind::LeftmostFirst)
        .build(TRACES)
        .expect("the patterns are few and short")
});

/// The byte of the first trace.
pub(super) fn first_trace(text: &[u8]) -> Option<usize> {
    Traces::new(text).next_from(0)
}

/// Traces of a text in ascending order. The next word and the next sign are remembered: looking for the rare one anew
/// behind each of the frequent ones would take the square of the text's length.
pub(super) struct Traces<'a> {
    text: &'a [u8],
    word: Option<Found>,
    sign: Option<Found>,
}

/// Where something begins, or that it does not come any more.
type Found = Option<usize>;

impl<'a> Traces<'a> {
    /// The traces of a text.
    pub(super) fn new(text: &'a [u8]) -> Self {
        Self {
            text,
            word: None,
            sign: None,
        }
    }

    /// The byte of the first trace at or after `from`, which must not go back from call to call.
    pub(super) fn next_from(&mut self, from: usize) -> Option<usize> {
        let passed = |found: Option<Found>| match found {
            Some(Some(at)) => at < from,
            Some(None) => false,
            None => true,
        };
        if passed(self.word) {
            let word = GUARD.find(&self.text[from..]);
            self.word = Some(word.map(|found| from + found.start()));
        }
        if passed(self.sign) {
            self.sign = Some(next_sign(self.text, from));
        }
        let places = [self.word, self.sign].into_iter().flatten().flatten();
        places.min()
    }
}

/// The first sign of an address or number at or after `from`.
fn next_sign(text: &[u8], from: usize) -> Option<usize> {
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
