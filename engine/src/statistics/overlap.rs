//! Days that two periods share, or a period and its calendar years, ends included.
//!
//! A date is `i32` days since 1970-01-01, as Arrow's date32; a period runs from its first to its last day, both of
//! which count. Operations are spread over years and quarters by these days (domain.md sections 4 and 5).

use super::NoValue;

/// The most calendar years that [`year_days`] divides a period into.
pub const MOST_YEARS: i64 = 1000;

/// Days from the first of January of year 1 to that of 1970.
const BEFORE_1970: i64 = 719_162;

/// The number of days that lie in both periods; 0 if they do not meet.
///
/// # Errors
/// `Reversed` if a period ends before it begins.
pub fn day_overlap(a_start: i32, a_end: i32, b_start: i32, b_end: i32) -> Result<i64, NoValue> {
    duration_days(a_start, a_end)?;
    duration_days(b_start, b_end)?;
    Ok((i64::from(a_end.min(b_end)) - i64::from(a_start.max(b_start)) + 1).max(0))
}

/// The length of a period in days, both ends included: one day if it begins and ends on the same.
///
/// # Errors
/// `Reversed` if the period ends before it begins.
pub fn duration_days(start: i32, end: i32) -> Result<i64, NoValue> {
    if end < start {
        Err(NoValue::Reversed)
    } else {
        Ok(i64::from(end) - i64::from(start) + 1)
    }
}

/// The days of a period in each of the calendar years that it touches, from the first year to the last; together they are
/// its length.
///
/// # Errors
/// `Reversed` if the period ends before it begins; `Overflow` if it touches more than [`MOST_YEARS`] years.
pub fn year_days(start: i32, end: i32) -> Result<Vec<i64>, NoValue> {
    let length = duration_days(start, end)?;
    let (first, last) = (year_of(start), year_of(end));
    if last - first >= MOST_YEARS {
        return Err(NoValue::Overflow);
    }
    let before = |year: i64| (new_year(year) - i64::from(start)).clamp(0, length);
    Ok((first..=last)
        .map(|year| before(year + 1) - before(year))
        .collect())
}

/// The calendar year of a day.
fn year_of(day: i32) -> i64 {
    let day = i64::from(day);
    // 400 years have 146 097 days: by their mean, this is the year or one beside it.
    let near = ((day + BEFORE_1970) * 400).div_euclid(146_097) + 1;
    if day < new_year(near) {
        near - 1
    } else if day >= new_year(near + 1) {
        near + 1
    } else {
        near
    }
}

/// The first of January of a year, by the Gregorian calendar also where it was not in use yet.
fn new_year(year: i64) -> i64 {
    let past = year - 1;
    365 * past + past.div_euclid(4) - past.div_euclid(100) + past.div_euclid(400) - BEFORE_1970
}

#[cfg(test)]
mod tests {
    use super::*;

    // 2005-07-01, 2008-03-31; 2018-02-01, 2019-12-31; 2021-02-01, 2022-12-31.
    const S0: (i32, i32) = (12_965, 13_969);
    const S2: (i32, i32) = (17_563, 18_261);
    const S4: (i32, i32) = (18_659, 19_357);

    /// domain.md section 5, row "duration".
    #[test]
    fn the_durations_are_those_in_print() {
        assert_eq!(duration_days(S0.0, S0.1), Ok(1005));
        assert_eq!(duration_days(S2.0, S2.1), Ok(699));
        assert_eq!(duration_days(S4.0, S4.1), Ok(699));
    }

    #[test]
    fn the_years_of_an_operation_share_out_its_days() {
        // 2021 and 2022 begin on days 18 628 and 18 993, 2023 on 19 358.
        assert_eq!(day_overlap(S4.0, S4.1, 18_628, 18_992), Ok(334));
        assert_eq!(day_overlap(S4.0, S4.1, 18_993, 19_357), Ok(365));
        assert_eq!(day_overlap(S4.0, S4.1, 19_358, 19_722), Ok(0));
    }

    #[test]
    fn the_last_day_of_one_and_the_first_of_the_other_is_shared() {
        assert_eq!(day_overlap(1, 5, 5, 9), Ok(1));
        assert_eq!(day_overlap(5, 9, 1, 5), Ok(1));
        assert_eq!(day_overlap(1, 5, 6, 9), Ok(0));
        assert_eq!(day_overlap(-3, 3, -1, 0), Ok(2));
    }

    #[test]
    fn all_of_time_has_a_length() {
        assert_eq!(duration_days(i32::MIN, i32::MAX), Ok(1 << 32));
        assert_eq!(day_overlap(i32::MIN, i32::MIN, i32::MAX, i32::MAX), Ok(0));
    }

    #[test]
    fn a_year_begins_where_the_one_before_it_ends() {
        assert_eq!((new_year(1970), new_year(2021)), (0, 18_628));
        for year in -500..2500 {
            let leaps = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
            assert_eq!(new_year(year + 1) - new_year(year), 365 + i64::from(leaps));
            let first = i32::try_from(new_year(year)).unwrap();
            assert_eq!((year_of(first - 1), year_of(first)), (year - 1, year));
        }
        for day in [i32::MIN, i32::MAX] {
            let year = year_of(day);
            assert!((new_year(year)..new_year(year + 1)).contains(&i64::from(day)));
        }
    }

    #[test]
    fn a_period_is_the_sum_of_its_years() {
        assert_eq!(year_days(S4.0, S4.1), Ok(vec![334, 365]));
        // 2005 and 2008 in part, the years between as a whole.
        assert_eq!(year_days(S0.0, S0.1), Ok(vec![184, 365, 365, 91]));
        // One day; the last day of 2020 and the first of 2021; 2020, which has a day more.
        assert_eq!(year_days(18_627, 18_627), Ok(vec![1]));
        assert_eq!(year_days(18_627, 18_628), Ok(vec![1, 1]));
        assert_eq!(year_days(18_262, 18_627), Ok(vec![366]));
        // Around the year 0, which has 366 days here.
        let zero = i32::try_from(new_year(0)).unwrap();
        assert_eq!(year_days(zero - 1, zero + 366), Ok(vec![1, 366, 1]));
    }

    #[test]
    fn a_period_of_very_many_years_is_not_divided() {
        let from = i32::try_from(new_year(1001)).unwrap();
        let most = i32::try_from(new_year(2001)).unwrap() - 1;
        let years = year_days(from, most).unwrap();
        assert_eq!((years.len(), years.iter().sum::<i64>()), (1000, 365_243));
        assert_eq!(year_days(from, most + 1), Err(NoValue::Overflow));
        assert_eq!(year_days(i32::MIN, i32::MAX), Err(NoValue::Overflow));
    }

    #[test]
    fn a_reversed_period_has_a_reason() {
        assert_eq!(year_days(2, 1), Err(NoValue::Reversed));
        assert_eq!(duration_days(2, 1), Err(NoValue::Reversed));
        assert_eq!(day_overlap(2, 1, 0, 9), Err(NoValue::Reversed));
        assert_eq!(day_overlap(0, 9, 2, 1), Err(NoValue::Reversed));
    }
}
