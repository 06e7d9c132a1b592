//! Periods of statistics: a year, half-year, quarter, month or day.

use jiff::civil::Date;

/// First and last day of `2013`, `2013-S1`, `2013Q4`, `2013-Q4`, `2013M02`, `2013-02` or `2013-02-28`.
pub(super) fn period(text: &str) -> Option<(Date, Date)> {
    let text = text.trim();
    if let Ok(day) = text.parse::<Date>() {
        return Some((day, day));
    }
    let (year, part) = text.split_at_checked(4)?;
    let year: i16 = year.parse().ok().filter(|y| (1000..=9999).contains(y))?;
    if part.is_empty() {
        return months(year, 1, 12);
    }
    let (apart, part) = match part.strip_prefix('-') {
        Some(part) => (true, part),
        None => (false, part),
    };
    let kind = part.chars().next().filter(char::is_ascii_alphabetic);
    // "20131" is no month.
    if !apart && kind.is_none() {
        return None;
    }
    let number: i8 = part[usize::from(kind.is_some())..].parse().ok()?;
    let length = match kind.map(|k| k.to_ascii_uppercase()) {
        None | Some('M') => 1,
        Some('Q') => 3,
        Some('S' | 'H') => 6,
        Some(_) => return None,
    };
    let fits = (1..=12 / length).contains(&number);
    fits.then(|| months(year, (number - 1) * length + 1, number * length))?
}

fn months(year: i16, first: i8, last: i8) -> Option<(Date, Date)> {
    let begin = Date::new(year, first, 1).ok()?;
    let end = Date::new(year, last, 1).ok()?.last_of_month();
    Some((begin, end))
}

#[cfg(test)]
mod tests {
    use super::period;

    #[test]
    fn every_spelling_of_eurostat_is_read() {
        for (text, first, last) in [
            ("2013 ", "2013-01-01", "2013-12-31"),
            ("2012-S1", "2012-01-01", "2012-06-30"),
            ("2013Q4", "2013-10-01", "2013-12-31"),
            ("2013-Q1", "2013-01-01", "2013-03-31"),
            ("2012M02", "2012-02-01", "2012-02-29"),
            ("2013-02", "2013-02-01", "2013-02-28"),
            ("2013-02-14", "2013-02-14", "2013-02-14"),
        ] {
            let read = period(text).map(|(a, b)| (a.to_string(), b.to_string()));
            assert_eq!(read, Some((first.into(), last.into())), "{text}");
        }
        for text in [
            "",
            "13",
            "2013-Q5",
            "2013M13",
            "2013-X1",
            "Jahr",
            "20131",
            "2013–ä",
        ] {
            assert_eq!(period(text), None, "{text}");
        }
    }
}
