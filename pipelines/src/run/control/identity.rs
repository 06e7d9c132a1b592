//! Control of the ids of a new file: are its operations those that stand?
//!
//! Rows and sums stay as they were where ids are written in another way (`00123` as `123`) or a column of the identity has other
//! values, and history would say that every operation is gone and a new one came in its place.

use super::ControlReport;
use crate::merge::{Change, FileReport, Returning};
use crate::source::Control;

/// Least operations of both lists of which something follows: of short lists all may change at once.
const LEAST: u64 = 30;

/// The control of a file that takes the place of another one.
pub(super) fn control(declared: &Control, report: &FileReport) -> Option<ControlReport> {
    let change = report.change.as_ref()?;
    of_change(declared, change, change.returning.as_ref()?)
}

/// Of the shorter list as many must stand in the other one: how far a list grew or shrank is a matter of its rows.
fn of_change(declared: &Control, change: &Change, returning: &Returning) -> Option<ControlReport> {
    let Returning { before, now, both } = *returning;
    let shorter = before.min(now);
    if shorter < LEAST {
        return None;
    }
    let control = ControlReport::new("identities", both as f64 / shorter as f64);
    Some(control.at_least(declared.identities).or_say(|| {
        format!(
            "{both} of its {now} operations are among the {before} of {}: most ids are others, as where a column of the ids is \
             written in another way, and its history would say that the rest was replaced",
            change.before
        )
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passes(before: u64, now: u64, both: u64) -> Option<bool> {
        let change = Change {
            before: "old.csv".into(),
            returning: None,
            ratios: Vec::new(),
            gone: None,
            with_value: None,
            slips: Vec::new(),
            exchanges: Vec::new(),
            places: None,
        };
        let returning = Returning { before, now, both };
        let control = of_change(&Control::default(), &change, &returning)?;
        assert_eq!(control.message.contains("old.csv"), !control.passed);
        Some(control.passed)
    }

    #[test]
    fn a_list_of_other_operations_is_held_however_it_grew() {
        assert_eq!(passes(40, 40, 0), Some(false));
        assert_eq!(passes(40, 40, 8), Some(true));
        assert_eq!(passes(40, 4000, 39), Some(true));
        assert_eq!(passes(4000, 40, 39), Some(true));
        assert_eq!(passes(29, 400, 0), None);
    }
}
