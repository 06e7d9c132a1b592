//! Co-financing rates: shares of 0 to 1, stored as integers of 10^-6.
//!
//! `45%` always means percent. Whether a bare `80` or `0.8` means percent or a share is a property of the file.

use std::fmt;

use super::infer::{Inference, Inferred, Tally};
use super::number::scan;
use super::text::trim;
use super::{NumberConvention, ValueError};

/// How bare numbers of a rate column are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RateConvention {
    /// `80` is 0.8.
    Percent,
    /// `0.8` is 0.8.
    Fraction,
}

impl fmt::Display for RateConvention {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Percent => "percentage",
            Self::Fraction => "share of 1",
        })
    }
}

/// The integer that stands for a rate of 100 %.
pub const WHOLE_RATE: i128 = 1_000_000;

/// Reads a rate as integer of 10^-6, half to even. Empty text is no rate.
///
/// Rates have no thousands, so either decimal mark is read. Fails for other text, and outside 0 to 100 %.
pub fn parse_rate(text: &str, convention: RateConvention) -> Result<Option<i128>, ValueError> {
    let text = trim(text);
    if text.is_empty() {
        return Ok(None);
    }
    let Spelled {
        millionths,
        percent,
    } = spell(text).ok_or(ValueError::NotRate)?;
    // A hundredth of a millionth at most is lost here.
    let rate = if percent || convention == RateConvention::Percent {
        half_even(millionths, 100)
    } else {
        millionths
    };
    if rate > WHOLE_RATE {
        Err(ValueError::RateRange { convention })
    } else {
        Ok(Some(rate))
    }
}

struct Spelled {
    /// The number itself times 10^6, whatever it means.
    millionths: i128,
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
    let digits = scan(core, mark)?;
    let mantissa = i128::from(digits.mantissa);
    let millionths = match 6i32 - digits.decimals as i32 {
        shift if shift >= 0 => mantissa.checked_mul(10i128.pow(shift as u32))?,
        shift if shift > -30 => half_even(mantissa, 10i128.pow(shift.unsigned_abs())),
        _ => 0,
    };
    Some(Spelled {
        millionths,
        percent: bare.is_some(),
    })
}

fn half_even(value: i128, unit: i128) -> i128 {
    let (whole, rest) = (value / unit, value % unit);
    match (rest * 2).cmp(&unit) {
        std::cmp::Ordering::Greater => whole + 1,
        std::cmp::Ordering::Equal => whole + whole % 2,
        std::cmp::Ordering::Less => whole,
    }
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
        let says = match spell(text) {
            Some(Spelled { percent: true, .. } | Spelled { millionths: 0, .. }) => None,
            Some(Spelled { millionths, .. }) if millionths == WHOLE_RATE => {
                ones = true;
                None
            }
            Some(Spelled { millionths, .. }) if millionths < WHOLE_RATE => {
                Some(RateConvention::Fraction)
            }
            Some(Spelled { millionths, .. }) if millionths <= 100 * WHOLE_RATE => {
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
