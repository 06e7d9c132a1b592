//! Control of rows that stand several times in one new file: a file that was put together of itself, or whose table stands on
//! two sheets or pages, has every operation twice, and one into which a part of it was copied has those of that part. No ratio to
//! the file before shows it where there is none.

use super::ControlReport;
use crate::merge::{FileReport, Run, Twins, WITH_HEADER};
use crate::source::Control;

/// The controls of a file some of whose rows say the same as others of it.
pub(super) fn controls(declared: &Control, report: &FileReport) -> Vec<ControlReport> {
    let twins = report.twins.iter();
    twins.flat_map(|twins| of_twins(declared, twins)).collect()
}

/// How many rows are repeated and, where they pass, how many of them one behind the other.
pub(super) fn of_twins(declared: &Control, twins: &Twins) -> Vec<ControlReport> {
    let rows = of_rows(declared, twins);
    let run = twins.run.filter(|_| rows.passed);
    let run = run.map(|run| of_run(declared, &run));
    [rows].into_iter().chain(run).collect()
}

/// Identical rows are vouchers of their own in many lists: of the real ones less than a sixth of all rows. They have no header.
fn of_rows(declared: &Control, twins: &Twins) -> ControlReport {
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

/// Vouchers that are alike stand one below the other, or anywhere: in no real list do more than two different rows come again in
/// the same order.
fn of_run(declared: &Control, run: &Run) -> ControlReport {
    let control = ControlReport::new("repeated_run", run.distinct as f64);
    control.at_most(declared.repeated_run as f64).or_say(|| {
        format!(
            "{} of its rows, from row {} on, are those from row {} on once more, in the same order: a part of the list may stand \
             there more than once, and its operations and their money would count as often",
            run.rows, run.again, run.first
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn twins(rows: u64, distinct: u64, header_again: bool) -> Twins {
        Twins {
            rows,
            distinct,
            all: 100,
            header_again,
            run: None,
        }
    }

    fn passes(rows: u64, distinct: u64, header_again: bool) -> bool {
        let controls = of_twins(&Control::default(), &twins(rows, distinct, header_again));
        let [control] = controls.as_slice() else {
            panic!("{controls:?}");
        };
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

    #[test]
    fn a_part_that_comes_again_is_told_unless_all_of_the_list_does() {
        let with_run = |rows: u64, distinct: u64| {
            let run = Some(Run {
                rows: distinct + 1,
                distinct,
                first: 98,
                again: 220,
            });
            let twins = Twins {
                run,
                ..twins(rows, distinct, false)
            };
            of_twins(&Control::default(), &twins)
        };
        let failed = |controls: &[ControlReport]| {
            let failed = controls.iter().filter(|control| !control.passed);
            let names: Vec<String> = failed.map(|control| control.control.clone()).collect();
            names
        };
        assert_eq!(failed(&with_run(10, 4)), Vec::<String>::new());
        let part = with_run(44, 22);
        assert_eq!(failed(&part), ["repeated_run"]);
        let told = "23 of its rows, from row 220 on, are those from row 98 on once more, in the same order: a part";
        assert!(part[1].message.starts_with(told), "{part:?}");
        assert_eq!(failed(&with_run(98, 49)), ["repeated_rows"]);
    }
}
