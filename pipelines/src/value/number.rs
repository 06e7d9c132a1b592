//! How a file writes numbers, and the strict reading of digits by that convention.
//!
//! A convention is a property of the file, never of a cell or a country. Groups of thousands are optional, but where
//! they stand they must be groups of three from the first mark to the last; anything else does not fit.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use super::ConventionError;
use super::infer::{Inference, Inferred, Tally};
use super::text::trim;
use super::unit::spell;

/// No mark of this kind occurs; a byte that no text holds.
const NO_MARK: u8 = 0xFF;

/// The decimal mark and the thousands mark of a file. Declared by an example: `"1.234,56".parse()`.
///
/// A blank as thousands mark stands for any of U+0020, 00A0, 2007, 2009, 200A, 202F; an apostrophe for `'` and `’`.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct NumberConvention {
    decimal: u8,
    thousands: u8,
}

const fn convention(decimal: u8, thousands: u8) -> NumberConvention {
    NumberConvention { decimal, thousands }
}

impl NumberConvention {
    /// Every convention, plainest first: whole numbers, then decimals, then decimals with groups.
    pub const ALL: [Self; 13] = [
        convention(NO_MARK, NO_MARK),
        convention(NO_MARK, b'.'),
        convention(NO_MARK, b','),
        convention(NO_MARK, b' '),
        convention(NO_MARK, b'\''),
        convention(b'.', NO_MARK),
        convention(b',', NO_MARK),
        convention(b',', b'.'),
        convention(b'.', b','),
        convention(b',', b' '),
        convention(b'.', b' '),
        convention(b'.', b'\''),
        convention(b',', b'\''),
    ];

    /// Plain decimals with a dot, `1234.56`: what typed cells of workbooks and JSON are written as.
    pub const PLAIN: Self = convention(b'.', NO_MARK);

    /// Reads the declaration `numbers = "1.234,56"`. Fails when the example is not one of [`Self::ALL`].
    pub fn from_example(example: &str) -> Result<Self, ConventionError> {
        let plain: String = example
            .trim()
            .chars()
            .map(|c| if c.is_whitespace() { ' ' } else { c })
            .collect();
        Self::ALL
            .into_iter()
            .find(|c| c.to_string() == plain)
            .ok_or_else(|| ConventionError::UnknownNumbers {
                example: example.to_owned(),
                expected: Self::ALL.map(|c| format!("\"{c}\"")).join(", "),
            })
    }

    /// The decimal mark; `None` where the file holds whole numbers only.
    pub fn decimal(self) -> Option<char> {
        (self.decimal != NO_MARK).then_some(self.decimal as char)
    }

    /// The thousands mark, if groups are marked; `' '` stands for every kind of blank.
    pub fn thousands(self) -> Option<char> {
        (self.thousands != NO_MARK).then_some(self.thousands as char)
    }
}

impl FromStr for NumberConvention {
    type Err = ConventionError;

    fn from_str(example: &str) -> Result<Self, ConventionError> {
        Self::from_example(example)
    }
}

impl fmt::Display for NumberConvention {
    /// Writes the example that declares the convention.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("1")?;
        if let Some(mark) = self.thousands() {
            write!(f, "{mark}")?;
        }
        f.write_str("234")?;
        if let Some(mark) = self.decimal() {
            write!(f, "{mark}56")?;
        }
        Ok(())
    }
}

impl fmt::Debug for NumberConvention {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NumberConvention(\"{self}\")")
    }
}

/// The digits of one number: `mantissa` / 10^`decimals`, and whether digits other than 0 were left out behind.
#[derive(Clone, Copy)]
pub(super) struct Digits {
    pub(super) mantissa: u64,
    /// Below 0 where digits before the decimal mark were left out.
    pub(super) decimals: i32,
    pub(super) sticky: bool,
}

impl Digits {
    /// The number as integer of 10^-`scale`, half to even. `None` where digits were left out that this scale has, and
    /// where it does not fit.
    pub(super) fn at(self, scale: u32) -> Option<i128> {
        let mantissa = i128::from(self.mantissa);
        let shift = i64::from(scale) - i64::from(self.decimals);
        if shift >= 0 {
            if self.sticky {
                return None;
            }
            let power = u32::try_from(shift).ok()?;
            return mantissa.checked_mul(10_i128.checked_pow(power)?);
        }
        let power = u32::try_from(-shift).ok()?;
        // The digits are less than half of a unit that large.
        let Some(unit) = 10_i128.checked_pow(power) else {
            return Some(0);
        };
        let (whole, rest) = (mantissa / unit, mantissa % unit * 2);
        // What was left out behind the digits decides where they stand exactly between two values.
        Some(match rest.cmp(&unit) {
            Ordering::Greater => whole + 1,
            Ordering::Equal if self.sticky => whole + 1,
            Ordering::Equal => whole + whole % 2,
            Ordering::Less => whole,
        })
    }
}

/// Digits that a figure has before its decimal mark at most.
const MAX_DIGITS: u32 = 18;
/// Digits that are kept; as many fit into a u64. Of the largest amount that is read they reach to the first one behind
/// its cents, which rounds them; what is behind only counts where that one stands exactly between two cents.
const MAX_KEPT: u32 = 19;

/// Reads `core` (digits and marks, nothing else) by a convention; `None` when it does not fit.
#[inline]
pub(super) fn scan(core: &[u8], convention: NumberConvention) -> Option<Digits> {
    let NumberConvention { decimal, thousands } = convention;
    let mut mantissa = 0u64;
    let mut significant = 0u32;
    let mut decimals = 0i32;
    let mut sticky = false;
    let mut group = 0u32;
    let mut grouped = false;
    let mut at = 0;
    while let Some(&byte) = core.get(at) {
        let digit = byte.wrapping_sub(b'0');
        if digit < 10 {
            if significant < MAX_KEPT {
                mantissa = mantissa * 10 + u64::from(digit);
                significant += u32::from(mantissa > 0);
            } else {
                sticky |= digit != 0;
                decimals -= 1;
            }
            group += 1;
            at += 1;
            continue;
        }
        if byte == decimal {
            break;
        }
        let width = thousands_width(&core[at..], thousands);
        // The first group has one to three digits and no leading zero ("0.123" is a decimal), every other exactly three.
        let whole = if grouped {
            group == 3
        } else {
            (1..=3).contains(&group) && core[0] != b'0'
        };
        if width == 0 || !whole {
            return None;
        }
        grouped = true;
        group = 0;
        at += width;
    }
    if grouped && group != 3 {
        return None;
    }
    if at == core.len() {
        return (group > 0).then_some(Digits {
            mantissa,
            decimals,
            sticky,
        });
    }
    let fraction = &core[at + 1..];
    for &byte in fraction {
        let digit = byte.wrapping_sub(b'0');
        if digit >= 10 {
            return None;
        }
        if significant < MAX_KEPT {
            mantissa = mantissa * 10 + u64::from(digit);
            significant += u32::from(mantissa > 0);
            decimals += 1;
        } else {
            sticky |= digit != 0;
        }
    }
    (!fraction.is_empty()).then_some(Digits {
        mantissa,
        decimals,
        sticky,
    })
}

/// Reads a plain number with a sign as integer of 10^-`scale`, half to even. `None` for text that is not written so, and
/// for numbers that do not fit.
///
/// ```
/// use esf_pipelines::value::parse_decimal;
/// assert_eq!(parse_decimal("-1.234,5", "1.234,56".parse().unwrap(), 2), Some(-123_450));
/// assert_eq!(parse_decimal("1,234.5", "1.234,56".parse().unwrap(), 2), None);
/// ```
pub fn parse_decimal(text: &str, convention: NumberConvention, scale: u32) -> Option<i128> {
    let text = trim(text);
    let minus = ["-", "\u{2212}"];
    let bare = minus.iter().find_map(|sign| text.strip_prefix(sign));
    let digits = scan(bare.unwrap_or(text).as_bytes(), convention)?;
    let limit = 10_i128.checked_pow(MAX_DIGITS + scale)?;
    let value = digits.at(scale).filter(|value| *value < limit)?;
    Some(if bare.is_some() { -value } else { value })
}

/// Bytes that the thousands mark takes at the start of `rest`; 0 when none stands there.
#[inline]
fn thousands_width(rest: &[u8], thousands: u8) -> usize {
    match (thousands, rest) {
        (NO_MARK, _) => 0,
        (mark, [first, ..]) if *first == mark => 1,
        (b' ', [0xC2, 0xA0, ..]) => 2,
        (b' ', [0xE2, 0x80, 0x87 | 0x89 | 0x8A | 0xAF, ..]) | (b'\'', [0xE2, 0x80, 0x99, ..]) => 3,
        _ => 0,
    }
}

/// The mark of a number such as `1.234`, which is a thousands mark in one convention and a decimal mark in another.
fn two_faced_mark(core: &[u8]) -> Option<u8> {
    let at = core.len().checked_sub(4)?;
    let mark = core[at];
    let digits = |part: &[u8]| part.iter().all(u8::is_ascii_digit);
    let two_faced = (mark == b'.' || mark == b',')
        && (1..=3).contains(&at)
        && core[0] != b'0'
        && digits(&core[..at])
        && digits(&core[at + 1..]);
    two_faced.then_some(mark)
}

/// What three decimals mean in a column of amounts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ThreeDecimals {
    /// Three decimals.
    #[default]
    Read,
    /// Nobody knows: `12.000` among amounts in cents is twelve, or twelve thousand in another convention.
    Open,
}

impl ThreeDecimals {
    /// As a word of a plan.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Open => "open",
        }
    }

    /// The meaning of this name; three decimals are read where there is none of it.
    pub fn named(name: &str) -> Self {
        if name == Self::Open.as_str() {
            Self::Open
        } else {
            Self::Read
        }
    }
}

/// The amounts of a column, by their decimals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Decimals {
    /// All amounts.
    pub amounts: usize,
    /// Texts such as `12.000`, the mark of which is the decimal mark here and marks thousands elsewhere.
    pub two_faced: usize,
    /// Texts that have three decimals or more for sure: `1234.567`, `12.0625`.
    pub finer: usize,
}

impl Decimals {
    /// Counts an amount that is written as text.
    pub fn count(&mut self, text: &str, convention: NumberConvention) {
        self.amounts += 1;
        match beyond_cents(text, convention) {
            Some(true) => self.two_faced += 1,
            Some(false) => self.finer += 1,
            None => {}
        }
    }

    /// What three decimals mean in the column, whose label states a unit of ten to the power of `scale`.
    ///
    /// They are decimals where as many others are for sure. Of figures in thousands three decimals are the usual ones, so
    /// it is enough there that most have them.
    pub fn three(self, scale: i32) -> ThreeDecimals {
        let usual = scale > 0 && (self.two_faced + self.finer) * 2 > self.amounts;
        if self.two_faced > self.finer && !usual {
            ThreeDecimals::Open
        } else {
            ThreeDecimals::Read
        }
    }
}

/// Whether the mark of an amount may be one of thousands, though it is the decimal mark by the convention of its file. An
/// amount that has its unit beside it ("1,250 Mio.") is no such text.
pub fn is_two_faced(text: &str, convention: NumberConvention) -> bool {
    beyond_cents(text, convention) == Some(true)
}

/// Of an amount that has three decimals or more by a convention, whether they may be thousands; nothing of all others.
fn beyond_cents(text: &str, convention: NumberConvention) -> Option<bool> {
    // Most amounts have no third digit behind the mark, and are not taken apart.
    let at = memchr::memrchr(convention.decimal, text.as_bytes())?;
    let decimals = text.as_bytes()[at + 1..].iter();
    if decimals.take_while(|b| b.is_ascii_digit()).count() < 3 {
        return None;
    }
    let spelled = spell(text).ok().filter(|spelled| spelled.scale == 0)?;
    let core = spelled.core.as_bytes();
    scan(core, convention)?;
    Some(two_faced_mark(core) == Some(convention.decimal))
}

/// All conventions that fit every readable value of a file, in one pass.
///
/// Units and currencies are looked through. Certain only if the conventions left agree on every value: a file of
/// nothing but `1.234` is ambiguous, and one `1.234.567` or `1.234,50` in it settles the matter.
pub fn infer_numbers<'a>(values: impl Iterator<Item = &'a str>) -> Inferred<NumberConvention> {
    let mut tally = Tally::default();
    let mut left: Vec<NumberConvention> = NumberConvention::ALL.to_vec();
    let mut two_faced = [false; 2];
    for (index, text) in values.enumerate() {
        let text = trim(text);
        if text.is_empty() {
            continue;
        }
        let Ok(spelled) = spell(text) else {
            tally.unreadable(index, text);
            continue;
        };
        let core = spelled.core.as_bytes();
        if !left.iter().any(|&c| scan(core, c).is_some()) {
            if NumberConvention::ALL
                .iter()
                .any(|&c| scan(core, c).is_some())
            {
                return tally.with(Inference::None {
                    index,
                    text: text.to_owned(),
                });
            }
            tally.unreadable(index, text);
            continue;
        }
        left.retain(|&c| scan(core, c).is_some());
        tally.readable();
        match two_faced_mark(core) {
            Some(b'.') => two_faced[0] = true,
            Some(_) => two_faced[1] = true,
            None => {}
        }
    }
    if tally.is_empty() {
        return tally.with(Inference::Empty);
    }
    let torn = |mark: u8| {
        left.iter().any(|c| c.decimal == mark) && left.iter().any(|c| c.thousands == mark)
    };
    let ambiguous = (two_faced[0] && torn(b'.')) || (two_faced[1] && torn(b','));
    let outcome = match left.first() {
        Some(&first) if !ambiguous => Inference::Certain(first),
        _ => Inference::Ambiguous(left),
    };
    tally.with(outcome)
}
