//! The words of a text, folded so that all spellings of a name meet: case, umlauts ("ä", "ae"), accents, hyphens, soft
//! hyphens and apostrophes do not count. It leans towards hiding; ids and matches of organisations stand on another form.

use std::ops::Range;

use unicode_normalization::char::decompose_compatible;

/// Parts folded words: it is in no word.
pub(super) const APART: &str = "\u{1f}";

/// Titles that may stand inside of a name.
const MOST_TITLES: usize = 4;

/// What parts an initial from the rest of the name, beside a comma; one of these there is. No list makes columns of them.
const BESIDE_INITIAL: [char; 30] = [
    ' ', '\u{a0}', '.', '-', '\u{2010}', '\u{2011}', '–', '—', '−', '_', '&', '+', '/', '!', '(',
    ')', '[', ']', '·', '*', '@', '„', '“', '”', '«', '»', '‹', '›', '‚', '‘',
];

/// What stands before a name or inside of it and is no part of it, folded.
const TITLES: [&str; 16] = [
    "dipl",
    "doktor",
    "dr",
    "frau",
    "habil",
    "herr",
    "ing",
    "jur",
    "mag",
    "med",
    "nat",
    "phil",
    "prof",
    "professor",
    "rer",
    "univ",
];

/// Whether a folded word is a title.
pub(super) fn is_title(word: &str) -> bool {
    TITLES.contains(&word)
}

/// Words with their places in the text.
pub(super) struct Words {
    /// All words, parted.
    folded: String,
    /// Of each word its place among the folded ones and in the text.
    places: Vec<(Range<usize>, Range<usize>)>,
}

impl Words {
    /// The words of a text.
    pub(super) fn of(text: &str) -> Self {
        let mut words = Self {
            folded: String::with_capacity(text.len() + 8),
            places: Vec::new(),
        };
        let mut begun: Option<(usize, usize)> = None;
        for (at, c) in text.char_indices() {
            if is_in_word(c) {
                let start = words.folded.len();
                begun = begun.or(Some((at, start)));
                fold(c, &mut words.folded);
            } else if let Some((from, start)) = begun.take() {
                words.end(start, from..at);
            }
        }
        if let Some((from, start)) = begun {
            words.end(start, from..text.len());
        }
        words
    }

    fn end(&mut self, start: usize, place: Range<usize>) {
        // Of an apostrophe alone nothing is left.
        if start < self.folded.len() {
            self.places.push((start..self.folded.len(), place));
            self.folded.push_str(APART);
        }
    }

    /// How many words there are.
    pub(super) fn len(&self) -> usize {
        self.places.len()
    }

    /// How many letters and digits they have.
    pub(super) fn letters(&self) -> usize {
        let words = self.places.iter();
        words
            .map(|(word, _)| self.folded[word.clone()].chars().count())
            .sum()
    }

    /// `length` words from `at` on, folded and parted.
    pub(super) fn run(&self, at: usize, length: usize) -> &str {
        let end = self.places[at + length - 1].0.end;
        &self.folded[self.places[at].0.start..end]
    }

    /// `length` words from `at` on without the titles between them, and how many words they are with these; `None` if there is
    /// none, or too few words.
    pub(super) fn untitled(&self, at: usize, length: usize) -> Option<(String, usize)> {
        let mut run = Vec::with_capacity(length);
        let end = self.len().min(at + length + MOST_TITLES);
        for place in at..end {
            let word = self.run(place, 1);
            if !is_title(word) {
                run.push(word);
            }
            if run.len() == length {
                let all = place - at + 1;
                return (all > length).then(|| (run.join(APART), all));
            }
        }
        None
    }

    /// Whether the words stand together as a name does, where one of them is a single letter: of a list the letter in one column
    /// is no initial of the name in the next. What stands between two longer words says nothing.
    pub(super) fn are_together(&self, text: &str, at: usize, length: usize) -> bool {
        let is_letter = |place: &Range<usize>| {
            let letters = text[place.clone()].chars().filter(|c| !is_mark(*c));
            letters.take(2).count() == 1
        };
        let mut pairs = self.places[at..at + length].windows(2);
        pairs.all(|pair| {
            let (one, next) = (&pair[0].1, &pair[1].1);
            if !is_letter(one) && !is_letter(next) {
                return true;
            }
            let gap = &text[one.end..next.start];
            // Straight quotation marks are those of columns, too: then a comma stands between them.
            let is_beside = |c: char| {
                BESIDE_INITIAL.contains(&c) || (matches!(c, '"' | '\\') && !gap.contains(','))
            };
            gap.contains(is_beside)
                && gap
                    .chars()
                    .all(|c| matches!(c, ',' | '\n' | '\r') || is_beside(c))
        })
    }

    /// Where those words stand in the text.
    pub(super) fn place(&self, at: usize, length: usize) -> Range<usize> {
        self.places[at].1.start..self.places[at + length - 1].1.end
    }
}

/// Letters and digits, marks above them, and what stands inside of words without parting them.
fn is_in_word(c: char) -> bool {
    c.is_ascii_alphanumeric()
        || (!c.is_ascii()
            && !is_raised(c)
            && (c.is_alphanumeric() || is_mark(c) || is_invisible(c)))
        || is_apostrophe(c)
}

/// Signs of footnotes, which are no part of the word before them.
fn is_raised(c: char) -> bool {
    matches!(c, '²' | '³' | '¹' | '\u{2070}'..='\u{209c}')
}

fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}')
}

fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}'
    )
}

fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '’' | '`' | '´')
}

fn fold(c: char, folded: &mut String) {
    if c.is_ascii() {
        if c != '\'' && c != '`' {
            folded.push(c.to_ascii_lowercase());
        }
        return;
    }
    if is_apostrophe(c) || is_invisible(c) {
        return;
    }
    for lower in c.to_lowercase() {
        decompose_compatible(lower, |part| match part {
            // "ä" is what others write "ae".
            '\u{308}' if folded.ends_with(['a', 'o', 'u']) => folded.push('e'),
            'ß' => folded.push_str("ss"),
            'æ' => folded.push_str("ae"),
            'œ' => folded.push_str("oe"),
            'ø' => folded.push('o'),
            'ł' => folded.push('l'),
            part if is_mark(part) || !part.is_alphanumeric() => {}
            part => folded.extend(part.to_lowercase()),
        });
    }
}
