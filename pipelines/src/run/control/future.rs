//! Control of the day on which a new file says that it was published: one that is still to come is held.

use jiff::civil::Date;

use super::ControlReport;
use crate::map::days;

/// How many days after that of the run a file can have been published at the most.
pub(in crate::run) const LATEST: i32 = 1;

/// A file from a day that is still to come would stand before every file that is published until then, whatever its rows.
/// A day more passes: publishers sit east of the night's time zone, too. Counted in days after that of the run.
pub(super) fn in_future(published: Date, today: Date) -> ControlReport {
    let ahead = days(published) - days(today);
    ControlReport::new("published_in_future", f64::from(ahead))
        .at_most(f64::from(LATEST))
        .or_say(|| {
            format!(
                "it says that it was published on {published}, and today is {today}: a date that is still to come would \
                 keep out every file after it"
            )
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::control::refusal;

    #[test]
    fn a_file_of_a_day_that_is_still_to_come_is_held() {
        let today = jiff::civil::date(2026, 12, 7);
        for (day, passes) in [(6, true), (8, true), (9, false)] {
            let control = in_future(jiff::civil::date(2026, 12, day), today);
            assert_eq!(control.passed, passes, "{control:?}");
            assert_eq!(control.message.is_empty(), passes, "{control:?}");
        }
        let refusal = refusal("s", &[in_future(jiff::civil::date(2031, 12, 6), today)]).unwrap();
        assert!(
            refusal.contains("published on 2031-12-06, and today is 2026-12-07"),
            "{refusal}"
        );
        assert!(refusal.contains("--accept s=REASON"), "{refusal}");
    }
}
