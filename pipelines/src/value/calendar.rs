//! The proleptic Gregorian calendar in days since 1970-01-01, and month names in German, Swedish and English.

/// Days since 1970-01-01 of a date, `None` if the calendar has no such day. Years 1 to 9999.
#[inline]
pub(super) fn days_of(year: u32, month: u32, day: u32) -> Option<i32> {
    if !(1..=9999).contains(&year)
        || !(1..=12).contains(&month)
        || day == 0
        || day > month_length(year, month)
    {
        return None;
    }
    // Years begin in March, so that the leap day is the last of a year; eras are 400 years of 146,097 days.
    let shifted_year = if month <= 2 { year - 1 } else { year };
    let era = shifted_year / 400;
    let year_of_era = shifted_year % 400;
    let shifted_month = (month + 9) % 12;
    let day_of_year = (153 * shifted_month + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    Some((era * 146_097 + day_of_era) as i32 - 719_468)
}

/// Number of days of a month, which must be 1 to 12.
pub(super) fn month_length(year: u32, month: u32) -> u32 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => {
            29
        }
        2 => 28,
        _ => 31,
    }
}

/// The month a German, Swedish or English name or abbreviation (without its full stop) stands for. Case does not matter.
pub(crate) fn month_of(name: &str) -> Option<u32> {
    const NAMES: [&[&str]; 12] = [
        &["jan", "januar", "januari", "january", "jän", "jänner"],
        &["feb", "febr", "februar", "februari", "february", "feber"],
        &["mar", "mrz", "mär", "märz", "maerz", "mars", "march"],
        &["apr", "april"],
        &["mai", "maj", "may"],
        &["jun", "juni", "june"],
        &["jul", "juli", "july"],
        &["aug", "august", "augusti"],
        &["sep", "sept", "september"],
        &["okt", "oct", "oktober", "october"],
        &["nov", "november"],
        &["dez", "dec", "dezember", "december"],
    ];
    if name.len() > 12 {
        return None;
    }
    let same = |known: &&str| {
        known.eq_ignore_ascii_case(name)
            || (!name.is_ascii() && name.chars().flat_map(char::to_lowercase).eq(known.chars()))
    };
    NAMES
        .iter()
        .position(|names| names.iter().any(same))
        .map(|at| at as u32 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_agree_with_jiff_over_eight_thousand_years() {
        let mut date = jiff::civil::date(1, 1, 1);
        let epoch = jiff::civil::date(1970, 1, 1);
        while date.year() < 9000 {
            let expected = date.duration_since(epoch).as_hours() / 24;
            let ours = days_of(date.year() as u32, date.month() as u32, date.day() as u32);
            assert_eq!(ours.map(i64::from), Some(expected), "{date}");
            date = date.checked_add(jiff::Span::new().days(13)).unwrap();
        }
    }

    #[test]
    fn days_that_do_not_exist() {
        for (y, m, d) in [
            (2015, 2, 29),
            (1900, 2, 29),
            (2016, 2, 30),
            (2016, 4, 31),
            (2016, 13, 1),
            (2016, 0, 1),
            (0, 1, 1),
        ] {
            assert_eq!(days_of(y, m, d), None, "{y}-{m}-{d}");
        }
        assert!(days_of(2000, 2, 29).is_some());
    }

    #[test]
    fn months_in_three_languages() {
        for (name, month) in [
            ("Mrz", 3),
            ("MÄRZ", 3),
            ("mars", 3),
            ("Dez", 12),
            ("maj", 5),
            ("Okt", 10),
            ("augusti", 8),
        ] {
            assert_eq!(month_of(name), Some(month), "{name}");
        }
        assert_eq!(month_of("Monat"), None);
        assert_eq!(month_of("ma"), None);
    }
}
