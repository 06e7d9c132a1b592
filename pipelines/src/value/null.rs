//! Words by which a file says that a value is missing.

use super::text::trim;

/// The null words of one file. Matched against the whole trimmed cell, without regard to ASCII case.
#[derive(Clone, Debug)]
pub struct NullWords {
    words: Vec<Box<str>>,
    /// First bytes (in either case) of the words, so that most cells are passed over by one look.
    first: [bool; 256],
}

impl NullWords {
    /// Words that mean nothing else in German, Swedish and English publications; for files whose words nobody declared.
    pub const COMMON: &'static [&'static str] = &[
        "o.A.",
        "o. A.",
        "k.A.",
        "k. A.",
        "keine Angabe",
        "ohne Angabe",
        "N.a.",
        "N/A",
        "NA",
        "n.v.",
        "None",
        "null",
        "NULL",
        "nan",
        "UPPGIFT SAKNAS",
        "uppgift saknas",
        "saknas",
        "entfällt",
        "ENTFÄLLT",
        "noch offen",
        "-",
        "--",
        "\u{2013}",
        "\u{2014}",
        "\u{2212}",
    ];

    /// Words that say in place of an amount that there is none yet, and mean something else as a text ("offen für alle").
    pub const OF_AMOUNTS: &'static [&'static str] = &["offen"];

    /// The words that a file declares.
    pub fn new<W: AsRef<str>>(words: impl IntoIterator<Item = W>) -> Self {
        let mut known = Self {
            words: Vec::new(),
            first: [false; 256],
        };
        for word in words {
            let word = word.as_ref().trim();
            if let Some(&first) = word.as_bytes().first() {
                known.first[usize::from(first.to_ascii_lowercase())] = true;
                known.first[usize::from(first.to_ascii_uppercase())] = true;
                known.words.push(word.into());
            }
        }
        known
    }

    /// The common words.
    pub fn common() -> Self {
        Self::new(Self::COMMON)
    }

    /// The common words, and those that stand in place of amounts only.
    pub fn common_of_amounts() -> Self {
        Self::new([Self::COMMON, Self::OF_AMOUNTS].concat())
    }

    /// Whether a cell says that its value is missing. Empty cells do.
    #[inline]
    pub fn is_null(&self, text: &str) -> bool {
        let text = trim(text);
        match text.as_bytes().first() {
            None => true,
            Some(&first) => {
                self.first[usize::from(first)]
                    && self
                        .words
                        .iter()
                        .any(|word| word.eq_ignore_ascii_case(text))
            }
        }
    }
}

impl Default for NullWords {
    /// No words at all: only empty cells are missing.
    fn default() -> Self {
        Self {
            words: Vec::new(),
            first: [false; 256],
        }
    }
}
