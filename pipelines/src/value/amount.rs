//! Amounts of money: a number with a sign, a currency and a unit, before or after it, read to the cent.
//!
//! Values are integers of cents (10^-2 of the currency) in i128, the shape of Decimal128(18,2). No float is involved.

use super::number::{Digits, scan};
use super::text::trim;
use super::unit::{Currency, SpellFault, Unit, spell};
use super::{NumberConvention, ValueError};

/// One amount of money.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Amount {
    /// Cents.
    pub value: i128,
    /// The currency, where the cell states it.
    pub currency: Option<Currency>,
    /// Power of ten of the unit that the cell or its column states: 3 for thousands, -2 for cents; 0 for none.
    pub scale: i32,
    /// Cents by which a figure stated in thousands, millions or milliards may be off: half of its last stated digit.
    pub precision_abs: Option<i128>,
    /// Decimals beyond the cent were rounded off, half to even.
    pub rounded: bool,
}

/// Beyond this many cents an amount does not fit Decimal128(18,2).
const LIMIT: i128 = 1_000_000_000_000_000_000;

/// Reads an amount by the number convention of its file. Empty text is no amount.
///
/// Fails when the digits do not fit the convention, or an unknown word stands beside them; nothing is guessed.
///
/// `"4,3 Mio. Euro"` read by `1.234,56` is 4,300,000.00 EUR, give or take 50,000.00.
#[inline]
pub fn parse_amount(
    text: &str,
    convention: NumberConvention,
) -> Result<Option<Amount>, ValueError> {
    parse_amount_in(text, convention, Unit::NONE)
}

/// As [`parse_amount`], in the unit that the column's label states for all its cells. A currency or unit in the cell
/// itself must agree with it: two units in one place would leave the value open. Rounding comes last: `"627,374"` in a
/// column of thousands is 627,374.00.
#[inline]
pub(super) fn parse_amount_in(
    text: &str,
    convention: NumberConvention,
    unit: Unit,
) -> Result<Option<Amount>, ValueError> {
    // Most cells are a bare number; only the others are taken apart.
    if let Some(digits) = scan(text.as_bytes(), convention) {
        return bare(digits, unit.currency, unit).map(Some);
    }
    parse_spelled(trim(text), convention, unit)
}

/// Digits with nothing around them but perhaps the sign of a currency.
#[inline]
fn bare(digits: Digits, currency: Option<Currency>, unit: Unit) -> Result<Amount, ValueError> {
    let (value, rounded) = cents(digits, unit.scale)?;
    Ok(Amount {
        value,
        currency,
        scale: unit.scale,
        precision_abs: precision(unit.scale, digits.decimals),
        rounded,
    })
}

fn parse_spelled(
    text: &str,
    convention: NumberConvention,
    unit: Unit,
) -> Result<Option<Amount>, ValueError> {
    if text.is_empty() {
        return Ok(None);
    }
    // The commonest company of a number.
    if let Some(number) = text.strip_suffix('€').or_else(|| text.strip_prefix('€'))
        && let Some(digits) = scan(number.trim().as_bytes(), convention)
    {
        let currency = agreed(Some(Currency::Eur), unit.currency)?;
        return bare(digits, currency, unit).map(Some);
    }
    parse_words(text, convention, unit, false)
}

/// What a cell and its column say, if they do not contradict each other.
fn agreed<T: PartialEq>(cell: Option<T>, column: Option<T>) -> Result<Option<T>, ValueError> {
    match (cell, column) {
        (Some(cell), Some(column)) if cell != column => Err(ValueError::Contradiction),
        (cell, column) => Ok(cell.or(column)),
    }
}

/// Reads an amount with words or signs around it. `float` says that its digits come from a binary float.
fn parse_words(
    text: &str,
    convention: NumberConvention,
    unit: Unit,
    float: bool,
) -> Result<Option<Amount>, ValueError> {
    let spelled = spell(text).map_err(|fault| match fault {
        SpellFault::NotNumber => ValueError::NotNumber { convention },
        SpellFault::UnknownWord => ValueError::UnknownUnit,
        SpellFault::Contradiction => ValueError::Contradiction,
    })?;
    let digits =
        scan(spelled.core.as_bytes(), convention).ok_or(ValueError::NotNumber { convention })?;
    let currency = agreed(spelled.currency, unit.currency)?;
    // Said twice, in the label and in the cell, a unit still holds once.
    let stated = |scale: i32| (scale != 0).then_some(scale);
    let scale = agreed(stated(spelled.scale), stated(unit.scale))?.unwrap_or(0);
    let (value, rounded) = if float {
        whole_cents(shifted(digits, scale, true)?, scale)?
    } else {
        cents(digits, scale)?
    };
    let value = if spelled.negative { -value } else { value };
    Ok(Some(Amount {
        value,
        currency,
        scale,
        precision_abs: precision(scale, digits.decimals),
        rounded,
    }))
}

/// Reads a typed number of a workbook or JSON file: a plain decimal whatever the file's convention, `1234.5` or `1e6`,
/// or one with the unit that its format shows, `12.5 Tsd €`. A percentage is no amount.
///
/// Noise of binary floats (within 10^-6 of a cent's value) is rounded off in silence, any other third decimal is
/// reported by [`Amount::rounded`].
pub fn parse_native_amount(text: &str) -> Result<Option<Amount>, ValueError> {
    parse_native_amount_in(text, Unit::NONE)
}

/// As [`parse_native_amount`], in the unit that the column's label states for all its cells.
pub(super) fn parse_native_amount_in(text: &str, unit: Unit) -> Result<Option<Amount>, ValueError> {
    let text = trim(text);
    if text.is_empty() {
        return Ok(None);
    }
    let not_number = ValueError::NotNumber {
        convention: NumberConvention::PLAIN,
    };
    if !text.ends_with(|c: char| c.is_ascii_digit()) {
        return parse_words(text, NumberConvention::PLAIN, unit, true);
    }
    let (negative, unsigned) = text
        .strip_prefix('-')
        .map_or((false, text), |rest| (true, rest));
    let (core, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((core, exponent)) => (core, exponent.parse::<i32>().map_err(|_| not_number)?),
        None => (unsigned, 0),
    };
    let digits = scan(core.as_bytes(), NumberConvention::PLAIN).ok_or(not_number)?;
    let read = shifted(digits, exponent.saturating_add(unit.scale), true)?;
    let (value, rounded) = whole_cents(read, unit.scale)?;
    let value = if negative { -value } else { value };
    Ok(Some(Amount {
        value,
        currency: unit.currency,
        scale: unit.scale,
        precision_abs: precision(unit.scale, digits.decimals.saturating_sub(exponent)),
        rounded,
    }))
}

#[inline]
fn cents(digits: Digits, scale: i32) -> Result<(i128, bool), ValueError> {
    if scale == 0 && (0..=2).contains(&digits.decimals) && !digits.sticky {
        let value = i128::from(digits.mantissa) * [100, 10, 1][digits.decimals as usize];
        return if value < LIMIT {
            Ok((value, false))
        } else {
            Err(ValueError::TooLarge)
        };
    }
    whole_cents(shifted(digits, scale, false)?, scale)
}

/// An amount that is stated in cents has no part of one: where it seems to, it is in euro or the unit is not its own.
fn whole_cents((value, rounded): (i128, bool), scale: i32) -> Result<(i128, bool), ValueError> {
    if scale < 0 && rounded {
        return Err(ValueError::PartOfCent);
    }
    Ok((value, rounded))
}

/// Digits times ten to the `exponent` as cents, half to even; and whether something was rounded off.
fn shifted(digits: Digits, exponent: i32, float: bool) -> Result<(i128, bool), ValueError> {
    let mantissa = i128::from(digits.mantissa);
    let shift = exponent.saturating_add(2).saturating_sub(digits.decimals);
    if mantissa == 0 {
        return Ok((0, false));
    }
    if shift >= 0 {
        let value = if shift <= 18 {
            mantissa.checked_mul(10i128.pow(shift as u32))
        } else {
            None
        };
        return match value {
            Some(value) if value < LIMIT => Ok((value, digits.sticky)),
            _ => Err(ValueError::TooLarge),
        };
    }
    if shift < -30 {
        return Ok((0, !float));
    }
    let unit = 10i128.pow(shift.unsigned_abs());
    let (whole, rest) = (mantissa / unit, mantissa % unit);
    let up = match (rest * 2).cmp(&unit) {
        std::cmp::Ordering::Greater => true,
        std::cmp::Ordering::Equal => digits.sticky || whole % 2 == 1,
        std::cmp::Ordering::Less => false,
    };
    let value = whole + i128::from(up);
    if value >= LIMIT {
        return Err(ValueError::TooLarge);
    }
    // 10^-6 of the currency is 10^-4 of a cent.
    let distance = rest.min(unit - rest);
    let noise = float && distance * 10_000 <= unit;
    Ok((value, (rest != 0 || digits.sticky) && !noise))
}

/// Half of the last stated digit of a figure in hundreds or more, in cents; none where it is exact to the cent.
fn precision(scale: i32, decimals: i32) -> Option<i128> {
    let power = (scale + 2).saturating_sub(decimals);
    // Beyond what an amount can be, the figure itself was refused or is zero.
    (scale > 0 && (1..=30).contains(&power)).then(|| 10i128.pow(power.unsigned_abs()) / 2)
}
