//! The date that the parts of a stamp say together.
//!
//! Owns in which orders the parts of a date stand, and which parts are a date, or a time of day behind it. Where digits alone do not
//! tell which of them is the year, the order is the caller's: it is a property of the page.

use jiff::civil::{Date, Time};

use super::day::day_of;
use super::part::Part;
use crate::value::ValueError;

/// In which order the parts of a date stand where digits alone do not tell it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    DayFirst,
    YearFirst,
    /// Of six digits: a year and a month.
    YearMonth,
    /// Of six digits: a month and a year.
    MonthYear,
}

pub(super) const ORDERS: [Order; 4] = [
    Order::DayFirst,
    Order::YearFirst,
    Order::YearMonth,
    Order::MonthYear,
];

/// A date in parts, the year with two or four digits.
pub(super) struct Written {
    year: String,
    /// A number or a name.
    month: Option<String>,
    day: Option<String>,
}

impl Written {
    fn new(year: &str, month: Option<&str>, day: Option<&str>) -> Self {
        Self {
            year: year.to_owned(),
            month: month.map(str::to_owned),
            day: day.map(str::to_owned),
        }
    }

    fn day(year: &str, month: &str, day: &str) -> Self {
        Self::new(year, Some(month), Some(day))
    }

    fn month(year: &str, month: &str) -> Self {
        Self::new(year, Some(month), None)
    }

    /// As files write it, with another day.
    fn text(&self, day: Option<&str>) -> String {
        let year = &self.year;
        let Some(month) = &self.month else {
            return year.clone();
        };
        let is_number = month.bytes().all(|byte| byte.is_ascii_digit());
        match day {
            Some(day) if is_number => format!("{day}.{month}.{year}"),
            Some(day) if is_two(year) => format!("{day}-{month}-{year}"),
            Some(day) => format!("{day} {month} {year}"),
            None if is_number => format!("{month}.{year}"),
            None if is_two(year) => format!("{month}-{year}"),
            None => format!("{month} {year}"),
        }
    }

    /// The first day of it.
    pub(super) fn date(&self) -> Result<Option<Date>, ValueError> {
        day_of(&self.text(self.day.as_deref()))
    }

    /// Whether its day is one that some months have, and its month has not.
    pub(super) fn is_past_the_end(&self) -> bool {
        let day = self.day.as_deref().and_then(|day| day.parse::<u8>().ok());
        day.is_some_and(|day| (29..=31).contains(&day))
            && day_of(&self.text(Some("1"))).is_ok_and(|day| day.is_some())
    }
}

/// The date that parts begin with, and the parts behind it.
pub(super) fn written(parts: &[Part], order: Order) -> Option<(Written, &[Part])> {
    use Part::{Month as M, Number as N, Quarter as Q};
    let nothing: &[Part] = &[];
    Some(match parts {
        [N(year), N(month), N(day), rest @ ..] | [N(day), N(month), N(year), rest @ ..]
            if is_four(year) && is_short(month) && is_short(day) =>
        {
            (Written::day(year, month, day), rest)
        }
        [N(day), M(month), N(year), rest @ ..]
        | [N(year), M(month), N(day), rest @ ..]
        | [M(month), N(day), N(year), rest @ ..]
            if is_four(year) && is_short(day) =>
        {
            (Written::day(year, month, day), rest)
        }
        [N(day), M(month), N(year)] if is_short(day) && is_two(year) => {
            (Written::day(year, month, day), nothing)
        }
        [N(first), N(month), N(last), rest @ ..]
            if is_short(first) && is_short(month) && is_short(last) =>
        {
            let written = match order {
                Order::DayFirst if is_two(last) => Written::day(last, month, first),
                Order::YearFirst if is_two(first) => Written::day(first, month, last),
                _ => return None,
            };
            (written, rest)
        }
        [N(all), rest @ ..] if all.len() == 8 => {
            let written = match order {
                Order::DayFirst => Written::day(&all[4..], &all[2..4], &all[..2]),
                Order::YearFirst => Written::day(&all[..4], &all[4..6], &all[6..]),
                Order::YearMonth | Order::MonthYear => return None,
            };
            (written, rest)
        }
        [N(all), rest @ ..] if all.len() == 6 => match order {
            Order::DayFirst => (Written::day(&all[4..], &all[2..4], &all[..2]), rest),
            Order::YearFirst => (Written::day(&all[..2], &all[2..4], &all[4..]), rest),
            Order::YearMonth if rest.is_empty() => (Written::month(&all[..4], &all[4..]), rest),
            Order::MonthYear if rest.is_empty() => (Written::month(&all[2..], &all[..2]), rest),
            Order::YearMonth | Order::MonthYear => return None,
        },
        [N(year), N(month)] | [N(month), N(year)] if is_four(year) && is_short(month) => {
            (Written::month(year, month), nothing)
        }
        [M(month), N(year)] | [N(year), M(month)] if is_four(year) => {
            (Written::month(year, month), nothing)
        }
        [M(month), N(year)] if is_two(year) => (Written::month(year, month), nothing),
        [Q, N(quarter), N(year)]
        | [N(quarter), Q, N(year)]
        | [N(year), Q, N(quarter)]
        | [N(year), N(quarter), Q]
            if is_four(year) =>
        {
            (Written::month(year, month_of_quarter(quarter)?), nothing)
        }
        [N(year)] if is_four(year) => (Written::new(year, None, None), nothing),
        _ => return None,
    })
}

/// The time of day that parts say, and nothing else; midnight where there are none.
pub(super) fn time(parts: &[Part]) -> Option<Time> {
    use Part::Number as N;
    let (hour, minute, second) = match parts {
        [] => return Some(Time::midnight()),
        [N(all)] if all.len() == 4 => (&all[..2], &all[2..], "0"),
        [N(all)] if all.len() == 6 => (&all[..2], &all[2..4], &all[4..]),
        [N(hour), N(minute)] => (hour.as_str(), minute.as_str(), "0"),
        [N(hour), N(minute), N(second)] => (hour.as_str(), minute.as_str(), second.as_str()),
        _ => return None,
    };
    let number = |text: &str| text.parse::<i8>().ok();
    Time::new(number(hour)?, number(minute)?, number(second)?, 0).ok()
}

fn is_four(number: &str) -> bool {
    number.len() == 4
}

pub(super) fn is_two(number: &str) -> bool {
    number.len() == 2
}

/// Whether a number can be a day or a month.
fn is_short(number: &str) -> bool {
    number.len() <= 2
}

fn month_of_quarter(quarter: &str) -> Option<&'static str> {
    match quarter {
        "1" => Some("1"),
        "2" => Some("4"),
        "3" => Some("7"),
        "4" => Some("10"),
        _ => None,
    }
}
