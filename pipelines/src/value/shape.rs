//! The shape of a date text: numbers, a month name and the marks between them, and the spelling they make.
//!
//! Digits and marks decide the spelling; only `01/02/2016` has two, and stays undivided here.

use super::DateConvention;
use super::calendar::{days_of, month_length, month_of};
use super::date::{DateValue, Edge, Precision};
use super::pattern::Spelling;

/// Year, month and day as published; month or day missing for the lower precisions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Parts {
    year: u32,
    month: Option<u32>,
    day: Option<u32>,
}

impl Parts {
    pub(super) fn value(self, edge: Edge) -> Option<DateValue> {
        let implausible = !(1950..=2100).contains(&self.year);
        let last = edge == Edge::Last;
        let (month, day, precision) = match (self.month, self.day) {
            (Some(month), Some(day)) => (month, day, Precision::Day),
            (Some(month), None) if !(1..=12).contains(&month) => return None,
            (Some(month), None) => (
                month,
                if last {
                    month_length(self.year, month)
                } else {
                    1
                },
                Precision::Month,
            ),
            (None, _) => (
                if last { 12 } else { 1 },
                if last { 31 } else { 1 },
                Precision::Year,
            ),
        };
        Some(DateValue {
            days: days_of(self.year, month, day)?,
            precision,
            implausible,
        })
    }
}

/// A number with its count of digits.
#[derive(Clone, Copy, Debug)]
struct Number {
    value: u32,
    digits: u8,
}

/// A date text taken apart: which spelling it has, except for the order of day and month around slashes.
#[derive(Clone, Copy, Debug)]
pub(super) enum Shape {
    One(Spelling, Parts),
    /// First, second number and year of `01/02/2016`; whether the year has four digits.
    Slashes {
        first: u32,
        second: u32,
        year: u32,
        four: bool,
    },
    Serial(i32),
}

impl Shape {
    /// The parts by the spellings of the file; `None` if the text has none of them.
    #[inline]
    pub(super) fn parts(self, convention: DateConvention) -> Option<Parts> {
        match self {
            Self::One(spelling, parts) => convention.has(spelling).then_some(parts),
            Self::Slashes {
                first,
                second,
                year,
                four,
            } => {
                let (dmy, mdy) = slash_spellings(four);
                let (day, month) = match (convention.has(dmy), convention.has(mdy)) {
                    (true, false) => (first, second),
                    (false, true) => (second, first),
                    _ => return None,
                };
                Some(Parts {
                    year,
                    month: Some(month),
                    day: Some(day),
                })
            }
            Self::Serial(serial) => convention
                .has(Spelling::Excel)
                .then(|| serial_parts(serial)),
        }
    }

    #[inline]
    pub(super) fn of(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        if let &[a, b, p, c, d, q, e, f, g, h] = bytes
            && let Some([a, b, c, d, e, f, g, h]) = digits([a, b, c, d, e, f, g, h])
        {
            // The two commonest spellings, dd.mm.yyyy and its like.
            let (first, second, year) = (a * 10 + b, c * 10 + d, e * 1000 + f * 100 + g * 10 + h);
            let parts = Parts {
                year,
                month: Some(second),
                day: Some(first),
            };
            match (p, q) {
                (b'.', b'.') => return Some(Self::One(Spelling::DotDmy4, parts)),
                (b'-', b'-') => return Some(Self::One(Spelling::DashDmy4, parts)),
                (b'/', b'/') => {
                    return Some(Self::Slashes {
                        first,
                        second,
                        year,
                        four: true,
                    });
                }
                _ => {}
            }
        }
        if let &[a, b, c, d, b'-', e, f, b'-', g, h] = bytes
            && let Some([a, b, c, d, e, f, g, h]) = digits([a, b, c, d, e, f, g, h])
        {
            let parts = Parts {
                year: a * 1000 + b * 100 + c * 10 + d,
                month: Some(e * 10 + f),
                day: Some(g * 10 + h),
            };
            return Some(Self::One(Spelling::DashYmd, parts));
        }
        Tokens::of(text)?.shape()
    }
}

#[inline]
fn digits(bytes: [u8; 8]) -> Option<[u32; 8]> {
    let values = bytes.map(|b| u32::from(b.wrapping_sub(b'0')));
    values.iter().all(|v| *v < 10).then_some(values)
}

pub(super) fn slash_spellings(four: bool) -> (Spelling, Spelling) {
    if four {
        (Spelling::SlashDmy4, Spelling::SlashMdy4)
    } else {
        (Spelling::SlashDmy2, Spelling::SlashMdy2)
    }
}

/// Days of 1899-12-30, from which Excel counts (it takes 1900 for a leap year, which no date after that February shows).
const EXCEL_EPOCH: i32 = -25_569;

fn serial_parts(serial: i32) -> Parts {
    // Serials are 20000 to 79999, that is 1954 to 2119. Start no later than the right year, whatever the leap days.
    let days = serial + EXCEL_EPOCH;
    let start = |year| days_of(year, 1, 1).unwrap_or(0);
    let mut year = (1969 + days.div_euclid(366)) as u32;
    while start(year + 1) <= days {
        year += 1;
    }
    let mut day = (days - start(year)) as u32 + 1;
    let mut month = 1;
    while day > month_length(year, month) {
        day -= month_length(year, month);
        month += 1;
    }
    Parts {
        year,
        month: Some(month),
        day: Some(day),
    }
}

#[derive(Clone, Copy, Debug)]
enum Token {
    Number(Number),
    Month(u32),
}

/// Up to three numbers or month names and the marks between them; a blank as mark only if nothing else stands there.
struct Tokens {
    parts: [Token; 3],
    marks: [u8; 3],
    count: usize,
}

impl Tokens {
    fn of(text: &str) -> Option<Self> {
        let mut found = Self {
            parts: [Token::Month(0); 3],
            marks: [0; 3],
            count: 0,
        };
        let mut rest = text;
        while !rest.is_empty() {
            if found.count > 0 && is_time(rest) {
                found.marks[found.count - 1] = 0;
                break;
            }
            if found.count == 3 {
                return None;
            }
            let token;
            (token, rest) = token_of(rest)?;
            found.parts[found.count] = token;
            let mark;
            (mark, rest) = mark_of(rest)?;
            found.marks[found.count] = mark;
            found.count += 1;
        }
        // A mark behind the last token has nothing that it could divide.
        (found.count > 0 && found.marks[found.count - 1] == 0).then_some(found)
    }

    fn shape(&self) -> Option<Shape> {
        use Token::{Month, Number as N};
        let [first, second, third] = self.parts;
        let marks = (self.marks[0], self.marks[1]);
        let one =
            |spelling, year, month, day| Some(Shape::One(spelling, Parts { year, month, day }));
        match (self.count, first, second, third) {
            (3, N(a), N(b), N(c)) if a.digits <= 2 && b.digits <= 2 => match (marks, c.digits) {
                ((b'.', b'.'), 4) => one(Spelling::DotDmy4, c.value, Some(b.value), Some(a.value)),
                ((b'.', b'.'), 2) => one(
                    Spelling::DotDmy2,
                    full_year(c.value),
                    Some(b.value),
                    Some(a.value),
                ),
                ((b'-', b'-'), 4) => one(Spelling::DashDmy4, c.value, Some(b.value), Some(a.value)),
                ((b'/', b'/'), 4) => Some(Shape::Slashes {
                    first: a.value,
                    second: b.value,
                    year: c.value,
                    four: true,
                }),
                ((b'/', b'/'), 2) => Some(Shape::Slashes {
                    first: a.value,
                    second: b.value,
                    year: full_year(c.value),
                    four: false,
                }),
                _ => None,
            },
            (3, N(a), N(b), N(c)) if a.digits == 4 && b.digits <= 2 && c.digits <= 2 => match marks
            {
                (b'-', b'-') => one(Spelling::DashYmd, a.value, Some(b.value), Some(c.value)),
                (b'/', b'/') => one(Spelling::SlashYmd, a.value, Some(b.value), Some(c.value)),
                _ => None,
            },
            (3, N(a), Month(month), N(c)) if a.digits <= 2 => match (marks, c.digits) {
                ((b'-', b'-'), 2) => one(
                    Spelling::DashMonth2,
                    full_year(c.value),
                    Some(month),
                    Some(a.value),
                ),
                ((b'-', b'-'), 4) => one(Spelling::DashMonth4, c.value, Some(month), Some(a.value)),
                ((b' ' | b'.', b' ' | b'.'), 4) => {
                    one(Spelling::DayMonthYear, c.value, Some(month), Some(a.value))
                }
                _ => None,
            },
            (3, Month(month), N(b), N(c))
                if b.digits <= 2
                    && c.digits == 4
                    && matches!(marks, (b' ' | b'.', b',' | b' ')) =>
            {
                one(Spelling::MonthDayYear, c.value, Some(month), Some(b.value))
            }
            (2, Month(month), N(b), _) if b.digits == 4 && marks.0 != 0 => {
                one(Spelling::MonthYear, b.value, Some(month), None)
            }
            (2, Month(month), N(b), _) if b.digits == 2 && marks.0 == b'-' => {
                one(Spelling::MonthYear2, full_year(b.value), Some(month), None)
            }
            (2, N(a), N(b), _) if a.digits <= 2 && b.digits == 4 => match marks.0 {
                b'/' => one(Spelling::SlashMy, b.value, Some(a.value), None),
                b'.' => one(Spelling::DotMy, b.value, Some(a.value), None),
                _ => None,
            },
            (2, N(a), N(b), _) if a.digits == 4 && b.digits == 2 && marks.0 == b'-' => {
                one(Spelling::DashYm, a.value, Some(b.value), None)
            }
            (1, N(a), ..) if a.digits == 4 => one(Spelling::Year, a.value, None, None),
            (1, N(a), ..) if a.digits == 8 => one(
                Spelling::Compact,
                a.value / 10_000,
                Some(a.value / 100 % 100),
                Some(a.value % 100),
            ),
            // A serial may carry the time of day as a fraction.
            (1, N(a), ..) | (2, N(a), N(_), _)
                if a.digits == 5
                    && (20_000..80_000).contains(&a.value)
                    && matches!(marks.0, 0 | b'.') =>
            {
                Some(Shape::Serial(a.value as i32))
            }
            _ => None,
        }
    }
}

fn full_year(two_digits: u32) -> u32 {
    if two_digits < 70 {
        2000 + two_digits
    } else {
        1900 + two_digits
    }
}

fn token_of(text: &str) -> Option<(Token, &str)> {
    let digits = leading_digits(text);
    if digits > 0 {
        // Longer runs occur only as the fraction of a serial, where the value does not matter.
        let value = text[..digits.min(9)].parse().ok()?;
        return Some((
            Token::Number(Number {
                value,
                digits: digits.min(20) as u8,
            }),
            &text[digits..],
        ));
    }
    let end = text
        .find(|c: char| !c.is_alphabetic())
        .unwrap_or(text.len());
    Some((Token::Month(month_of(&text[..end])?), &text[end..]))
}

/// The mark at the start of `text` with the blanks around it, and what follows. 0 at the end of the text.
fn mark_of(text: &str) -> Option<(u8, &str)> {
    let rest = text.trim_start();
    let Some(first) = rest.chars().next() else {
        return Some((0, rest));
    };
    // Typographic hyphens that never break.
    let mark = match first {
        '.' | '-' | '/' | ',' => first as u8,
        '\u{2010}' | '\u{2011}' => b'-',
        _ if rest.len() < text.len() => return Some((b' ', rest)),
        'T' if is_time(rest) => return Some((0, rest)),
        // "1Februar" and the like do not occur; a letter right after a digit is no date.
        _ => return None,
    };
    Some((mark, rest[first.len_utf8()..].trim_start()))
}

/// A time of day, which is left out: `00:00`, `T10:00:00.000Z`, `12:30 PM`, `10:00+01:00`. Nothing else is: behind the time
/// of a first date a second one may follow.
fn is_time(text: &str) -> bool {
    let Some(rest) = after_clock(text.strip_prefix('T').unwrap_or(text)) else {
        return false;
    };
    let rest = rest.trim_start();
    let half = rest.strip_prefix("AM").or_else(|| rest.strip_prefix("PM"));
    is_zone(half.unwrap_or(rest).trim_start())
}

/// What follows hours and minutes, and seconds with their fraction where they stand there.
fn after_clock(text: &str) -> Option<&str> {
    let minutes = two_digits(text)?.strip_prefix(':')?;
    let rest = two_digits(minutes)?;
    let Some(seconds) = rest.strip_prefix(':') else {
        return Some(rest);
    };
    let rest = two_digits(seconds)?;
    let Some(fraction) = rest.strip_prefix('.') else {
        return Some(rest);
    };
    let digits = leading_digits(fraction);
    (digits > 0).then(|| &fraction[digits..])
}

/// Nothing, `Z`, or the distance of a time zone: `+01`, `+0100`, `-05:00`.
fn is_zone(text: &str) -> bool {
    let Some(distance) = text.strip_prefix(['+', '-']) else {
        return text.is_empty() || text == "Z";
    };
    let (hours, minutes) = distance.split_at(leading_digits(distance).min(2));
    let minutes = minutes.strip_prefix(':').unwrap_or(minutes);
    hours.len() == 2
        && (distance.len() == 2 || (minutes.len() == 2 && leading_digits(minutes) == 2))
}

/// What follows one or two digits.
fn two_digits(text: &str) -> Option<&str> {
    let digits = leading_digits(text);
    (1..=2).contains(&digits).then(|| &text[digits..])
}

fn leading_digits(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_digit).count()
}
