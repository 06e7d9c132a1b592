//! Co-financing rates: shares of 0 to 1, stored as integers of 10^-6.
//!
//! `45%` always means percent. Whether a bare `80`, `0.8` or `1` means percent or a share is a property of the file.

use std::fmt;

use super::infer::{Inference, Inferred, Tally};
use super::number::{Digits, scan};
use super::text::trim;
use super::{NumberConvention, ValueError};

/// How bare numbers of a rate column are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RateConvention {
    /// `80` is 0.8.
    Percent,
    /// `0.8` is 0.8.
    Fraction,
    /// Nothing says which of the two: only zeros and what carries a sign (`80 %`) are read.
    Open,
}

impl fmt::Display for RateConvention {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Percent => "percentage",
            Self::Fraction => "share of 1",
            Self::Open => "percentage or as a share of 1",
        })
    }
}

/// The integer that stands for a rate of 100 %.
pub const WHOLE_RATE: i128 = 1_000_000;

/// Decimals of [`WHOLE_RATE`].
const DECIMALS: u32 = 6;
/// Decimals that are compared with the bounds. Beyond them stands the noise of binary floats.
const FINE: u32 = 9;
/// 100 % with so many decimals.
const FINE_WHOLE: i128 = 1_000_000_000;

/// A rate as read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rate {
    /// Millionths.
    pub(super) value: i128,
    /// It became 0 or 100 % by rounding.
    pub(super) rounded_to_bound: bool,
}

/// Reads a rate as integer of 10^-6, half to even. Empty text is no rate.
///
/// Rates have no thousands, so either decimal mark is read. Fails for other text, outside 0 to 100 %, and for a bare number
/// of which nothing says what it means.
pub fn parse_rate(text: &str, convention: RateConvention) -> Result<Option<i128>, ValueError> {
    Ok(read_rate(text, convention)?.map(|rate| rate.value))
}

/// As [`parse_rate`], and tells what rounding did.
pub(super) fn read_rate(
    text: &str,
    convention: RateConvention,
) -> Result<Option<Rate>, ValueError> {
    let text = trim(text);
    if text.is_empty() {
        return Ok(None);
    }
    let Spelled { digits, percent } = spell(text).ok_or(ValueError::NotRate)?;
    let percent = match convention {
        RateConvention::Percent => true,
        RateConvention::Fraction => percent,
        RateConvention::Open if percent || digits.mantissa == 0 => true,
        RateConvention::Open => return Err(ValueError::RateOpen),
    };
    let hundredths = if percent { 2 } else { 0 };
    let out_of_range = ValueError::RateRange { convention };
    let fine = digits.at(FINE - hundredths).ok_or(out_of_range)?;
    let value = digits.at(DECIMALS - hundredths).ok_or(out_of_range)?;
    if fine > FINE_WHOLE {
        return Err(out_of_range);
    }
    let rounded_to_bound = (value == 0 && fine != 0) || (value == WHOLE_RATE && fine != FINE_WHOLE);
    Ok(Some(Rate {
        value,
        rounded_to_bound,
    }))
}

struct Spelled {
    digits: Digits,
    percent: bool,
}

fn spell(text: &str) -> Option<Spelled> {
    const SIGNS: [&str; 7] = [
        "%",
        "Prozent",
        "procent",
        "percent",
        "v.H.",
        "v. H.",
        "vom Hundert",
    ];
    let bare = SIGNS.iter().find_map(|sign| {
        let at = text.len().checked_sub(sign.len())?;
        (text.is_char_boundary(at) && text[at..].eq_ignore_ascii_case(sign))
            .then(|| text[..at].trim_end())
    });
    let core = bare.unwrap_or(text).as_bytes();
    let mark = if core.contains(&b',') {
        NumberConvention::ALL[6]
    } else {
        NumberConvention::PLAIN
    };
    Some(Spelled {
        digits: scan(core, mark)?,
        percent: bare.is_some(),
    })
}

/// How the bare numbers of a file's rate column are meant.
///
/// A bare number above 1 means percent, one between 0 and 1 a share; both in one file contradict each other. Zeros and
/// signed values (`50 %`) say nothing, and a column of nothing but `1` is ambiguous.
pub fn infer_rates<'a>(values: impl Iterator<Item = &'a str>) -> Inferred<RateConvention> {
    let mut tally = Tally::default();
    let mut decided: Option<RateConvention> = None;
    let mut ones = false;
    for (index, text) in values.enumerate() {
        let text = trim(text);
        if text.is_empty() {
            continue;
        }
        let spelled = spell(text).map(|found| (found.percent, found.digits.at(FINE)));
        let says = match spelled {
            Some((true, _) | (false, Some(0))) => None,
            Some((false, Some(FINE_WHOLE))) => {
                ones = true;
                None
            }
            Some((false, Some(number))) if number < FINE_WHOLE => Some(RateConvention::Fraction),
            Some((false, Some(number))) if number <= 100 * FINE_WHOLE => {
                Some(RateConvention::Percent)
            }
            _ => {
                tally.unreadable(index, text);
                continue;
            }
        };
        if says.is_some() && decided.is_some() && says != decided {
            return tally.with(Inference::None {
                index,
                text: text.to_owned(),
            });
        }
        decided = decided.or(says);
        tally.readable();
    }
    let outcome = match decided {
        _ if tally.is_empty() => Inference::Empty,
        Some(convention) => Inference::Certain(convention),
        None if ones => {
            Inference::Ambiguous(vec![RateConvention::Percent, RateConvention::Fraction])
        }
        None => Inference::Certain(RateConvention::Percent),
    };
    tally.with(outcome)
}

/// How the bare numbers of a rate column are read, after what all of them together say and whether the label over them
/// says that they are per cent. Open where that leaves two readings, and where the label contradicts the numbers: under
/// "in %", 0.5 may be half a per cent or the half.
pub fn rate_convention(
    inferred: &Inference<RateConvention>,
    label_in_percent: bool,
) -> RateConvention {
    match inferred {
        Inference::Certain(RateConvention::Fraction) if label_in_percent => RateConvention::Open,
        Inference::Certain(convention) => *convention,
        Inference::Empty => RateConvention::Percent,
        _ if label_in_percent => RateConvention::Percent,
        _ => RateConvention::Open,
    }
}
