//! Numbers of binary workbooks as text: serial dates to ISO 8601, floats to their shortest decimal.

use std::fmt::Write;

/// The last day spreadsheets know, 9999-12-31, in the 1900 system.
const LAST_DAY: i64 = 2_958_465;

/// Days from 1899-12-30 to 1970-01-01, and how many days later the 1904 system begins.
const EPOCH_1970: i64 = 25_569;
const SYSTEM_1904: i64 = 1_462;

/// Appends the date of a serial number. `false`, and nothing appended, where the number is no date: below one day, past
/// the year 9999, or the day 60 of the 1900 system, 29 February 1900, which never was.
pub(super) fn append_date(serial: f64, is_1904: bool, out: &mut String) -> bool {
    if !serial.is_finite() || serial < 0.0 || serial >= (LAST_DAY + 1) as f64 {
        return false;
    }
    let seconds = (serial * 86_400.0).round() as i64;
    let (mut day, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    if is_1904 {
        day += SYSTEM_1904;
    } else if day < 1 || day == 60 {
        return false;
    } else if day < 60 {
        day += 1; // the 1900 system counts a 29 February 1900, so earlier days are one off
    }
    let (year, month, day) = civil(day - EPOCH_1970);
    let written = if second == 0 {
        write!(out, "{year:04}-{month:02}-{day:02}")
    } else {
        let (h, m, s) = (second / 3600, second / 60 % 60, second % 60);
        write!(out, "{year:04}-{month:02}-{day:02}T{h:02}:{m:02}:{s:02}")
    };
    written.is_ok()
}

/// Year, month and day of a number of days since 1970-01-01 (Howard Hinnant, "chrono-compatible low-level date
/// algorithms").
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let month = if shifted < 10 {
        shifted + 3
    } else {
        shifted - 9
    };
    (
        year_of_era + era * 400 + i64::from(month <= 2),
        month,
        of_year - (153 * shifted + 2) / 5 + 1,
    )
}

/// Between these, numbers of lists stand, if they are not 0: no amount, count or key has more digits, and the noise that
/// sums of floats leave where 0 is meant is far larger, because floats near a cent are 10^-18 apart.
const LEAST: f64 = 1e-30;
const MOST: f64 = 1e30;

/// Whether a list can mean a number: it is finite, and of a size that things have.
pub(super) fn is_meant(number: f64) -> bool {
    number == 0.0 || (LEAST..MOST).contains(&number.abs())
}

/// Appends a number as the shortest decimal that gives the same float: `9000`, `0.8`, `-1234.5`.
pub(super) fn append_number(number: f64, out: &mut String) {
    let number = if number == 0.0 { 0.0 } else { number }; // no "-0"
    // Writing to a String cannot fail.
    let _ = write!(out, "{number}");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(serial: f64, is_1904: bool) -> Option<String> {
        let mut out = String::new();
        append_date(serial, is_1904, &mut out).then_some(out)
    }

    #[test]
    fn serials_become_dates() {
        assert_eq!(date(42_551.0, false).as_deref(), Some("2016-06-30"));
        assert_eq!(
            date(42_446.416_666_666_664, false).as_deref(),
            Some("2016-03-17T10:00:00")
        );
        assert_eq!(date(1.0, false).as_deref(), Some("1900-01-01"));
        assert_eq!(date(59.0, false).as_deref(), Some("1900-02-28"));
        assert_eq!(date(60.0, false), None);
        assert_eq!(date(61.0, false).as_deref(), Some("1900-03-01"));
        assert_eq!(date(2_958_465.0, false).as_deref(), Some("9999-12-31"));
        assert_eq!(date(2_958_466.0, false), None);
        assert_eq!(date(41_089.0, true).as_deref(), Some("2016-06-30"));
        assert_eq!(date(0.5, false), None);
        assert_eq!(date(f64::NAN, false), None);
    }

    #[test]
    fn one_rule_for_all_numbers_that_nobody_means() {
        for number in [
            f64::NAN,
            f64::INFINITY,
            -f64::INFINITY,
            1e308,
            -1e30,
            1e-300,
            5e-324,
        ] {
            assert!(!is_meant(number), "{number:e}");
        }
        for number in [0.0, -0.0, 0.01, -9e15, 1e20, 5.5e-17, -7.3e-12] {
            assert!(is_meant(number), "{number:e}");
        }
    }

    #[test]
    fn numbers_become_their_shortest_decimal() {
        let text = |n: f64| {
            let mut out = String::new();
            append_number(n, &mut out);
            out
        };
        assert_eq!(text(9000.0), "9000");
        assert_eq!(text(0.1 + 0.7), "0.7999999999999999");
        assert_eq!(text(1_234.5), "1234.5");
        assert_eq!(text(-0.0), "0");
    }
}
