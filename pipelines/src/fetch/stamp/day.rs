//! Single days, as `value` reads them.

use jiff::Span;
use jiff::civil::{Date, date};

use crate::value::{DateConvention, ValueError, parse_date};

/// The first day of a date, in any spelling that marks and digits tell apart; nothing where it lies far from our time.
pub(super) fn day_of(text: &str) -> Result<Option<Date>, ValueError> {
    let found = parse_date(text, DateConvention::PLAIN)?;
    let days = found.filter(|found| !found.implausible);
    let days = days.and_then(|found| Span::new().try_days(found.days).ok());
    Ok(days.and_then(|days| date(1970, 1, 1).checked_add(days).ok()))
}

/// A year of two digits in full, as `value` reads it.
pub(super) fn full_year(year: &str) -> String {
    let day = day_of(&format!("1.1.{year}")).ok().flatten();
    day.map_or_else(|| year.to_owned(), |day| day.year().to_string())
}
