//! What stands around the digits of an amount: sign, currency and unit, before or behind, each at most once.

use std::fmt;

/// A currency that the warehouse knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Currency {
    /// Euro: `€`, `EUR`, `Euro`.
    Eur,
    /// Swedish krona: `SEK`, `kr`, `kronor`.
    Sek,
}

impl Currency {
    /// The ISO 4217 code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Eur => "EUR",
            Self::Sek => "SEK",
        }
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// A unit and a currency as one published word says them, such as `tkr` or `Mio.`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unit {
    /// Power of ten of the unit: 3 for thousands, 6 for millions, 9 for milliards, -2 for cents and öre; 0 for none.
    pub scale: i32,
    /// The currency, if the word names one.
    pub currency: Option<Currency>,
}

impl Unit {
    /// Neither a unit nor a currency.
    pub const NONE: Self = Self {
        scale: 0,
        currency: None,
    };
}

/// An amount taken apart: the digits with their marks, and what stood around them.
pub(super) struct Spelled<'a> {
    pub(super) core: &'a str,
    pub(super) negative: bool,
    pub(super) scale: i32,
    pub(super) currency: Option<Currency>,
}

/// Why an amount could not be taken apart.
#[derive(Debug)]
pub(super) enum SpellFault {
    NotNumber,
    UnknownWord,
    Contradiction,
}

/// Takes an amount apart, whatever its number convention.
pub(super) fn spell(text: &str) -> Result<Spelled<'_>, SpellFault> {
    let bytes = text.as_bytes();
    let first = bytes
        .iter()
        .position(u8::is_ascii_digit)
        .ok_or(SpellFault::NotNumber)?;
    let last = bytes
        .iter()
        .rposition(u8::is_ascii_digit)
        .ok_or(SpellFault::NotNumber)?;
    // ",50", "-.5" and "€.50" begin with the mark; in "kr.500" the dot belongs to the word.
    let begins =
        |c: char| c.is_whitespace() || matches!(c, '-' | '\u{2212}' | '\u{2013}' | '+' | '(' | '€');
    let marked = first > 0
        && matches!(bytes[first - 1], b'.' | b',')
        && text[..first - 1].chars().next_back().is_none_or(begins);
    let start = if marked { first - 1 } else { first };
    let mut around = Around::default();
    around.read(&text[..start], false)?;
    around.read(&text[last + 1..], true)?;
    if around.opened != around.closed || (around.opened && around.sign.is_some()) {
        return Err(SpellFault::Contradiction);
    }
    Ok(Spelled {
        core: &text[start..=last],
        negative: around.sign == Some('-') || around.opened,
        scale: around.scale,
        currency: around.currency,
    })
}

/// What stands around the digits.
#[derive(Default)]
struct Around {
    /// `-` or `+`.
    sign: Option<char>,
    opened: bool,
    closed: bool,
    scale: i32,
    currency: Option<Currency>,
}

impl Around {
    fn read(&mut self, text: &str, behind: bool) -> Result<(), SpellFault> {
        let mut rest = if behind { skip_empty_cents(text) } else { text };
        while let Some(c) = rest.chars().next() {
            if is_word(c) {
                let end = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
                self.unit(unit_of(&rest[..end]).ok_or(SpellFault::UnknownWord)?)?;
                rest = &rest[end..];
                rest = rest.strip_prefix('.').unwrap_or(rest);
                continue;
            }
            let repeated = match c {
                '-' | '\u{2212}' => self.sign.replace('-').is_some(),
                '\u{2013}' if !behind => self.sign.replace('-').is_some(),
                '(' if !behind => std::mem::replace(&mut self.opened, true),
                ')' if behind => std::mem::replace(&mut self.closed, true),
                '+' if !behind => self.sign.replace('+').is_some(),
                c if c.is_whitespace() => false,
                c if c.is_alphanumeric() => return Err(SpellFault::UnknownWord),
                _ => return Err(SpellFault::NotNumber),
            };
            if repeated {
                return Err(SpellFault::Contradiction);
            }
            rest = &rest[c.len_utf8()..];
        }
        Ok(())
    }

    fn unit(&mut self, unit: Unit) -> Result<(), SpellFault> {
        if unit.scale != 0 {
            if self.scale != 0 {
                return Err(SpellFault::Contradiction);
            }
            self.scale = unit.scale;
        }
        match (self.currency, unit.currency) {
            (Some(known), Some(other)) if known != other => return Err(SpellFault::Contradiction),
            (None, Some(currency)) => self.currency = Some(currency),
            _ => {}
        }
        Ok(())
    }
}

/// Leaves out the dash that stands for no cents: `1.000,-`, `1.000,--`, `1 000:-`.
fn skip_empty_cents(text: &str) -> &str {
    let Some(dashes) = text.strip_prefix([',', '.', ':']) else {
        return text;
    };
    let rest = dashes.trim_start_matches(['-', '\u{2013}', '\u{2014}']);
    if rest.len() < dashes.len() {
        rest
    } else {
        text
    }
}

fn is_word(c: char) -> bool {
    c.is_alphabetic() || matches!(c, '€' | '$' | '£')
}

/// What a word beside a number says about its unit and currency: `€`, `Mio`, `tkr`, `Cent`, …; `None` if unknown.
///
/// The word stands without its full stop. Case does not matter.
pub fn unit_of(word: &str) -> Option<Unit> {
    use Currency::{Eur, Sek};
    const UNITS: &[(&str, i32, Option<Currency>)] = &[
        ("€", 0, Some(Eur)),
        ("eur", 0, Some(Eur)),
        ("euro", 0, Some(Eur)),
        ("euros", 0, Some(Eur)),
        ("kr", 0, Some(Sek)),
        ("sek", 0, Some(Sek)),
        ("skr", 0, Some(Sek)),
        ("kronor", 0, Some(Sek)),
        ("ct", -2, Some(Eur)),
        ("cent", -2, Some(Eur)),
        ("cents", -2, Some(Eur)),
        ("eurocent", -2, Some(Eur)),
        ("eurocents", -2, Some(Eur)),
        ("öre", -2, Some(Sek)),
        ("Öre", -2, Some(Sek)),
        ("ören", -2, Some(Sek)),
        ("tsd", 3, None),
        ("tausend", 3, None),
        ("tusen", 3, None),
        ("tusental", 3, None),
        ("thousand", 3, None),
        ("t€", 3, Some(Eur)),
        ("k€", 3, Some(Eur)),
        ("teur", 3, Some(Eur)),
        ("teuro", 3, Some(Eur)),
        ("keur", 3, Some(Eur)),
        ("tkr", 3, Some(Sek)),
        ("kkr", 3, Some(Sek)),
        ("tsek", 3, Some(Sek)),
        ("ksek", 3, Some(Sek)),
        ("mio", 6, None),
        ("mill", 6, None),
        ("million", 6, None),
        ("millionen", 6, None),
        ("millions", 6, None),
        ("miljon", 6, None),
        ("miljoner", 6, None),
        ("milj", 6, None),
        ("mn", 6, None),
        ("m€", 6, Some(Eur)),
        ("mio€", 6, Some(Eur)),
        ("meur", 6, Some(Eur)),
        ("meuro", 6, Some(Eur)),
        ("mkr", 6, Some(Sek)),
        ("mnkr", 6, Some(Sek)),
        ("msek", 6, Some(Sek)),
        ("mrd", 9, None),
        ("mdr", 9, None),
        ("milliarde", 9, None),
        ("milliarden", 9, None),
        ("miljard", 9, None),
        ("miljarder", 9, None),
        ("mrd€", 9, Some(Eur)),
        ("mdkr", 9, Some(Sek)),
        ("mdsek", 9, Some(Sek)),
    ];
    UNITS
        .iter()
        .find(|(name, ..)| name.eq_ignore_ascii_case(word))
        .map(|&(_, scale, currency)| Unit { scale, currency })
}
