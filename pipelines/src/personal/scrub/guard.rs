//! The guard: where the first trace of a contact stands, if there is one.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};

/// Beginnings of everything the finders act on, in the cases that occur. All have three bytes or more, so that the
/// packed search has enough to tell them apart; "@" and "+" are looked for beside it.
const TRACES: [&str; 68] = [
    "Tel.",
    "Tel:",
    "Tel ",
    "TEL",
    "tel.",
    "tel:",
    "Telefon",
    "telefon",
    "Telefax",
    "Fon:",
    "fon:",
    "Phone",
    "phone",
    "Mobil:",
    "Mobil ",
    "mobil:",
    "Mobil.",
    "Mobiltel",
    "mobiltel",
    "mobile:",
    "Mobile",
    "Handy",
    "handy",
    "Fax",
    "FAX",
    "fax:",
    "Tfn",
    "tfn",
    "Tlf",
    "Durchwahl",
    "Rufnummer",
    "Hotline",
    "Festnetz",
    "Ansprechp",
    "ansprechp",
    "ANSPRECHP",
    "Kontakt",
    "kontakt",
    "KONTAKT",
    "Contact",
    "contact",
    "Projektleit",
    "rojektled",
    "rojektansv",
    "andläggare",
    "earbeiter",
    "Herr ",
    "Herrn ",
    "Frau ",
    "Hr. ",
    "Fr. ",
    "c/o",
    "C/O",
    "c\\o",
    " Hd",
    "Foto",
    "foto:",
    "Leiter",
    "leiter ",
    "dezernent",
    "(at)",
    "[at]",
    "{at}",
    "070-",
    "072-",
    "073-",
    "076-",
    "079-",
];

#[expect(
    clippy::expect_used,
    reason = "a few dozen short patterns cannot exceed the limits of the automaton"
)]
static GUARD: LazyLock<AhoCorasick> = LazyLock::new(|| {
    AhoCorasick::builder()
        .match_kind(MatchKind::LeftmostFirst)
        .build(TRACES.iter().chain(&MORE))
        .expect("the patterns are few and short")
});

/// More roles and forms.
const MORE: [&str; 16] = [
    "0046",
    "0049",
    "Geschäftsführer",
    "geschäftsführer",
    "ürgermeister",
    "Landrat",
    "inister",
    "irektor",
    "orsitzende",
    "rdförande",
    "taatssekretär",
    "ansvarig",
    "oordinator",
    "(0",
    "erantwortlich",
    "erksamhetsled",
];

/// The byte of the first trace.
pub(super) fn first_trace(text: &[u8]) -> Option<usize> {
    trace_from(text, 0)
}

/// The byte of the first trace at or after `from`.
pub(super) fn trace_from(text: &[u8], from: usize) -> Option<usize> {
    let rest = &text[from..];
    let word = GUARD.find(rest).map(|found| found.start());
    // A sign after the first word cannot be the first trace.
    let searched = &rest[..word.unwrap_or(rest.len())];
    let sign = memchr::memchr2_iter(b'@', b'+', searched)
        .find(|at| rest[*at] == b'@' || rest.get(at + 1).is_some_and(u8::is_ascii_digit));
    sign.or(word).map(|at| from + at)
}
