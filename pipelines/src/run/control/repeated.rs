//! Control of rows that stand several times in one new file: a file that was put together of itself, or whose table stands on
//! two sheets or pages, has every operation twice, and no ratio to the file before shows it where there is none.

use super::ControlReport;
use crate::merge::{FileReport, Twins, WITH_HEADER};
use crate::source::Control;

/// The control of a file many of whose rows say the same as others of it.
pub(super) fn control(declared: &Control, report: &FileReport) -> Option<ControlReport> {
    Some(of_twins(declared, &report.twins?))
}

/// Identical rows are vouchers of their own in many lists: of the real ones less than a sixth of all rows. They have no header.
pub(super) fn of_twins(declared: &Control, twins: &Twins) -> ControlReport {
    let found = twins.rows as f64 / twins.all.max(1) as f64;
    let (most, header) = if twins.header_again {
        let most = declared.repeated_rows * WITH_HEADER;
        (most, ", and its header stands between them again")
    } else {
        (declared.repeated_rows, "")
    };
    let control = ControlReport::new("repeated_rows", found).at_most(most);
    control.or_say(|| {
        format!(
            "{} of its {} rows say the same as others of it, being {} different ones{header}: the list may stand there more \
             than once, and its operations and their money would count as often",
            twins.rows, twins.all, twins.distinct
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passes(rows: u64, distinct: u64, header_again: bool) -> bool {
        let twins = Twins {
            rows,
            distinct,
            all: 100,
            header_again,
        };
        let control = of_twins(&Control::default(), &twins);
        assert_eq!(control.message.is_empty(), control.passed, "{control:?}");
        control.passed
    }

    #[test]
    fn vouchers_pass_and_a_list_that_is_there_twice_does_not() {
        assert!(passes(16, 5, false));
        assert!(!passes(100, 50, false));
        assert!(!passes(98, 49, false));
        assert!(passes(40, 20, false));
        assert!(!passes(40, 20, true));
    }
}
