//! Days that two periods share, ends included.
//!
//! A date is `i32` days since 1970-01-01, as Arrow's date32; a period runs from its first to its last day, both of
//! which count. Operations are spread over years and quarters by these days (domain.md sections 4 and 5).

use super::NoValue;

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
    fn a_reversed_period_has_a_reason() {
        assert_eq!(duration_days(2, 1), Err(NoValue::Reversed));
        assert_eq!(day_overlap(2, 1, 0, 9), Err(NoValue::Reversed));
        assert_eq!(day_overlap(0, 9, 2, 1), Err(NoValue::Reversed));
    }
}
