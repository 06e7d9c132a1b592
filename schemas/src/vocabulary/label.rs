//! A published label, cut into comparable tokens.
//!
//! Headers come with line breaks, hyphenation, numbering, footnote marks, units, gender forms and several languages in
//! one cell. What is no part of the name is taken away here; where one name may end and another begin is kept as the
//! boundary before each token.

use unicode_normalization::UnicodeNormalization;

/// What stands between a token and the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Boundary {
    /// A blank, a comma or one line break: usually the name goes on.
    Soft,
    /// A slash: part of a name, or between two.
    Slash,
    /// A blank line, parenthesis, dash, semicolon or colon: what follows is a remark or another name.
    Hard,
}

/// A word of a label, folded to lower case without accents, and what stands before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) text: String,
    pub(super) before: Boundary,
}

/// The unit that a label states.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stated {
    pub(super) currency: Option<&'static str>,
    pub(super) scale: i64,
    pub(super) percent: bool,
}

/// A label as tokens, its unit taken out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Label {
    pub(super) tokens: Vec<Token>,
    pub(super) stated: Stated,
}

impl Label {
    /// Cuts a published label into tokens and takes its unit out.
    pub(super) fn parse(text: &str) -> Self {
        let (tokens, stated) = take_unit(tokens(text));
        Self { tokens, stated }
    }
}

/// The comparison form of a label: lower case, umlauts written out, words joined across hyphens and line ends,
/// numbering and footnote marks removed, single blanks.
///
/// Labels that differ only in how a spreadsheet broke or decorated them are equal in this form:
///
/// ```
/// use esf_schemas::normalise_label;
/// assert_eq!(normalise_label("7. Unions-Kofinan- zierungssatz *"), normalise_label("Unions-\nKofinanzierungssatz"));
/// ```
pub fn normalise_label(text: &str) -> String {
    tokens(text)
        .iter()
        .map(|token| token.text.as_str())
        .collect::<Vec<_>>()
        .join(" ")
}

/// Words that keep a hyphen before them from joining: "Landes- und Bundesmittel".
const CONJUNCTIONS: [&str; 8] = ["und", "oder", "bzw", "sowie", "och", "eller", "and", "or"];

/// Endings of gender and number forms such as "Begünstigte/r", "Zuwendungsempfänger:in", "Kommun(er)".
const FORMS: [&str; 8] = ["innen", "in", "er", "en", "r", "n", "e", "s"];

pub(super) fn tokens(text: &str) -> Vec<Token> {
    // Superscripts are footnote marks; composing would turn them into digits of the word before them.
    let composed: Vec<char> = text
        .chars()
        .filter(|c| !is_mark(*c))
        .nfkc()
        .flat_map(char::to_lowercase)
        .collect();
    let mut cutter = Cutter {
        chars: &composed,
        at: 0,
        tokens: Vec::new(),
        word: String::new(),
        before: Boundary::Soft,
    };
    cutter.skip_numbering();
    cutter.run();
    cutter.tokens
}

fn is_mark(c: char) -> bool {
    matches!(c, '¹' | '²' | '³' | '⁰'..='ⁿ' | '*' | '†' | '‡' | '\u{200B}'..='\u{200F}' | '\u{FEFF}' | '\u{2060}' | '"' | '„' | '“' | '”')
}

struct Cutter<'a> {
    chars: &'a [char],
    at: usize,
    tokens: Vec<Token>,
    word: String,
    before: Boundary,
}

impl Cutter<'_> {
    fn run(&mut self) {
        while let Some(&c) = self.chars.get(self.at) {
            self.at += 1;
            match c {
                _ if c.is_alphanumeric() => fold(c, &mut self.word),
                '+' if !self.word.is_empty() => self.word.push('+'),
                '€' | '%' | '#' => {
                    self.end(Boundary::Soft);
                    self.word.push(c);
                    self.end(Boundary::Soft);
                }
                '-' | '\u{AD}' | '\u{2010}' | '\u{2011}' => self.hyphen(),
                '(' | '[' if self.skip_note() || self.skip_form(c) => {}
                ':' | '/' if self.skip_form(c) => {}
                '(' | '[' | ')' | ']' | '–' | '—' | '|' | ';' | ':' => self.end(Boundary::Hard),
                '/' => self.end(Boundary::Slash),
                '\n' | '\r' => {
                    let rest = &self.chars[self.at..];
                    let blank = rest
                        .iter()
                        .take_while(|c| c.is_whitespace())
                        .any(|c| *c == '\n');
                    let crlf = c == '\r' && rest.first() == Some(&'\n');
                    self.end(if blank && !crlf {
                        Boundary::Hard
                    } else {
                        Boundary::Soft
                    });
                }
                _ => self.end(Boundary::Soft),
            }
        }
        self.end(Boundary::Soft);
    }

    /// Ends the word; the strongest boundary since the last word counts.
    fn end(&mut self, boundary: Boundary) {
        if self.word.is_empty() {
            self.before = self.before.max(boundary);
            return;
        }
        let text = std::mem::take(&mut self.word);
        // "Gesamtbetrag 1)": a number that a closing parenthesis ends without one having opened is a footnote mark.
        let closing = self.chars.get(self.at.wrapping_sub(1)) == Some(&')');
        let footnote = closing && text.len() <= 2 && text.bytes().all(|b| b.is_ascii_digit());
        if !footnote {
            self.tokens.push(Token {
                text,
                before: self.before,
            });
            self.before = Boundary::Soft;
        }
        self.before = self
            .before
            .max(if footnote { Boundary::Soft } else { boundary });
    }

    /// A hyphen joins words, also over a line end; between blanks it is a dash.
    fn hyphen(&mut self) {
        let blanks = self.chars[self.at..]
            .iter()
            .take_while(|c| c.is_whitespace())
            .count();
        let next: String = self.chars[self.at + blanks..]
            .iter()
            .take_while(|c| c.is_alphanumeric())
            .collect();
        if self.word.is_empty() {
            self.end(if blanks > 0 {
                Boundary::Hard
            } else {
                Boundary::Soft
            });
        } else if next.is_empty() || (blanks > 0 && CONJUNCTIONS.contains(&next.as_str())) {
            self.end(Boundary::Soft);
        } else {
            self.at += blanks;
        }
    }

    /// "(1)", "[2]": nothing but a number is a footnote mark.
    fn skip_note(&mut self) -> bool {
        let digits = self.chars[self.at..]
            .iter()
            .take_while(|c| c.is_ascii_digit())
            .count();
        let closed = matches!(self.chars.get(self.at + digits), Some(')' | ']'));
        if (1..=2).contains(&digits) && closed {
            self.at += digits + 1;
            self.end(Boundary::Soft);
            return true;
        }
        false
    }

    /// "/in", "(er)", ":innen" right behind a word are forms of that word.
    fn skip_form(&mut self, opening: char) -> bool {
        if self.word.len() < 4 {
            return false;
        }
        let hyphen = usize::from(self.chars.get(self.at) == Some(&'-'));
        let rest = &self.chars[self.at + hyphen..];
        let ending: String = rest.iter().take_while(|c| c.is_alphanumeric()).collect();
        let closed = opening != '(' || rest.get(ending.chars().count()) == Some(&')');
        if FORMS.contains(&ending.as_str()) && closed {
            self.at += hyphen + ending.len() + usize::from(opening == '(');
            return true;
        }
        false
    }

    /// "1. Name", "7)", "(3) Name", "a) Name", "2.1 Name".
    fn skip_numbering(&mut self) {
        let start = self
            .chars
            .iter()
            .take_while(|c| c.is_whitespace() || **c == '(')
            .count();
        let rest = &self.chars[start..];
        let letter = usize::from(rest.first().is_some_and(char::is_ascii_lowercase));
        let digits = rest
            .iter()
            .take_while(|c| c.is_ascii_digit() || **c == '.')
            .count();
        let (length, closed) = if letter == 1 {
            (1, rest.get(1) == Some(&')'))
        } else {
            let dot = digits > 0 && rest[..digits].contains(&'.');
            (digits, dot || rest.get(digits) == Some(&')'))
        };
        let short = length > 0 && length <= 5;
        if short && closed && rest.len() > length + 1 {
            self.at = start + length + usize::from(rest.get(length) == Some(&')'));
        }
    }
}

/// Lower case letters without accents; umlauts written out, as publications without them do.
fn fold(c: char, out: &mut String) {
    match c {
        'ä' | 'æ' => out.push_str("ae"),
        'ö' | 'ø' => out.push_str("oe"),
        'ü' => out.push_str("ue"),
        'ß' => out.push_str("ss"),
        _ if c.is_ascii() => out.push(c),
        _ => out.extend(c.to_string().nfd().filter(|c| c.is_alphanumeric())),
    }
}

/// What a word says about the unit: currency, scale, percent.
fn unit_word(word: &str) -> Option<Stated> {
    let (currency, scale, percent) = match word {
        "eur" | "euro" | "€" | "euros" => (Some("EUR"), 1, false),
        "sek" | "kr" | "kronor" => (Some("SEK"), 1, false),
        "chf" => (Some("CHF"), 1, false),
        "dkk" => (Some("DKK"), 1, false),
        "nok" => (Some("NOK"), 1, false),
        "gbp" => (Some("GBP"), 1, false),
        "usd" => (Some("USD"), 1, false),
        "pln" => (Some("PLN"), 1, false),
        "czk" => (Some("CZK"), 1, false),
        "teur" | "keur" | "teuro" => (Some("EUR"), 1000, false),
        "tkr" | "tsek" | "ksek" => (Some("SEK"), 1000, false),
        "meur" => (Some("EUR"), 1_000_000, false),
        "mkr" | "mnkr" | "msek" => (Some("SEK"), 1_000_000, false),
        "tsd" | "tausend" | "tusen" | "tusental" | "thousand" | "thousands" => (None, 1000, false),
        "mio" | "million" | "millionen" | "miljoner" | "millions" => (None, 1_000_000, false),
        "%" | "prozent" | "procent" | "percent" | "vh" => (None, 1, true),
        _ => return None,
    };
    Some(Stated {
        currency,
        scale,
        percent,
    })
}

/// The currency whose hundredth part the token at a place is, where the label or a part of it ends with it: "in Cent",
/// "(öre)". Behind "per" and "Euro und" it is no unit.
fn minor_unit(tokens: &[Token], at: usize) -> Option<&'static str> {
    const NOT_BEHIND: [&str; 8] = ["per", "pro", "je", "und", "oder", "och", "and", "ohne"];
    let currency = match tokens[at].text.as_str() {
        "ct" | "cent" | "cents" | "eurocent" | "eurocents" => "EUR",
        "oere" | "oeren" => "SEK",
        _ => return None,
    };
    let next = tokens.get(at + 1);
    let ends = next.is_none_or(|next| next.before > Boundary::Soft);
    let behind = at
        .checked_sub(1)
        .map_or("", |before| tokens[before].text.as_str());
    (ends && !NOT_BEHIND.contains(&behind)).then_some(currency)
}

/// Whether the token at a place multiplies the currency behind it by a hundred: "in Hundert EUR", "in 100 EUR".
fn hundreds(tokens: &[Token], at: usize) -> bool {
    let word = tokens[at].text.as_str();
    let led = at > 0 && matches!(tokens[at - 1].text.as_str(), "in" | "i");
    let of_currency = tokens
        .get(at + 1)
        .and_then(|next| unit_word(&next.text))
        .is_some_and(|unit| unit.currency.is_some() && unit.scale == 1);
    let is_word = matches!(word, "hundert" | "hundra" | "hundred" | "hundreds");
    let opens = tokens[at].before == Boundary::Hard;
    of_currency && ((is_word && (led || opens)) || (word == "100" && led))
}

/// Takes the words that only state a unit out of a label, with "in" or "i" before them.
fn take_unit(tokens: Vec<Token>) -> (Vec<Token>, Stated) {
    let mut stated = Stated {
        currency: None,
        scale: 1,
        percent: false,
    };
    let mut kept: Vec<Token> = Vec::with_capacity(tokens.len());
    let mut before = Boundary::Soft;
    let mut after_unit = false;
    for (at, mut token) in tokens.clone().into_iter().enumerate() {
        let currency = |token: &Token| unit_word(&token.text).is_some_and(|u| u.currency.is_some());
        // "EUR 1000", "x 1.000 EUR", "EUR '000": a number that multiplies.
        let next = &tokens[at + 1..];
        let multiplies = match token.text.as_str() {
            "1000" | "000" => after_unit || next.first().is_some_and(currency),
            "1" => next.first().is_some_and(|n| n.text == "000"),
            "x" => next
                .first()
                .is_some_and(|n| matches!(n.text.as_str(), "1" | "1000")),
            _ => false,
        };
        let hundreds = hundreds(&tokens, at);
        if multiplies || hundreds {
            stated.scale = stated.scale.max(if hundreds { 100 } else { 1000 });
            before = before.max(token.before);
            after_unit = true;
            continue;
        }
        // "T€" and "T EUR" are cut in two; the letter belongs to the currency.
        let thousands = currency(&token) && kept.last().is_some_and(|last| last.text == "t");
        let minor = minor_unit(&tokens, at).map(|currency| Stated {
            currency: Some(currency),
            scale: 1,
            percent: false,
        });
        if let Some(unit) = minor.or_else(|| unit_word(&token.text)) {
            stated.currency = stated.currency.or(unit.currency);
            stated.scale = stated.scale.max(if thousands { 1000 } else { unit.scale });
            stated.percent |= unit.percent;
            before = before.max(token.before);
            after_unit = true;
            if thousands {
                kept.pop();
            }
            if kept
                .last()
                .is_some_and(|last| matches!(last.text.as_str(), "in" | "i" | "angaben"))
            {
                before = before.max(kept.pop().map_or(Boundary::Soft, |last| last.before));
            }
            continue;
        }
        after_unit = false;
        token.before = token
            .before
            .max(std::mem::replace(&mut before, Boundary::Soft));
        kept.push(token);
    }
    if kept.is_empty() {
        (tokens, stated)
    } else {
        (kept, stated)
    }
}
