//! Control of amounts that changed places: those of one kind are what another kind was before, and the other way round, as where
//! the labels of two columns were exchanged. Their sums pass where both kinds are of about the same size.

use super::ControlReport;
use crate::merge::{Exchange, FileReport};

/// Least operations in each direction of which it follows that columns were exchanged. One that ends can have been granted and be
/// paid the same amount, and then only the other direction says something.
const LEAST: u64 = 5;

/// Most of those that changed which may have the amount of the other kind, as a share, in the direction that has fewer.
const MOST: f64 = 0.5;

/// The controls of a file whose operations stand already.
pub(super) fn controls(report: &FileReport) -> Vec<ControlReport> {
    let Some(change) = &report.change else {
        return Vec::new();
    };
    let exchanges = change.exchanges.iter();
    exchanges
        .filter_map(|exchange| of_exchange(&change.before, exchange))
        .collect()
}

fn of_exchange(before: &str, exchange: &Exchange) -> Option<ControlReport> {
    let Exchange {
        of: [one, other],
        left,
        exchanged,
    } = exchange;
    let fewer = exchanged[0].min(exchanged[1]);
    if fewer < LEAST {
        return None;
    }
    let share = |at: usize| exchanged[at] as f64 / left[at].max(1) as f64;
    let control = ControlReport::new("exchanged", share(0).min(share(1)));
    let control = control.of(&format!("{one}, {other}")).at_most(MOST);
    Some(control.or_say(|| {
        format!(
            "{} amounts that were {one} in {before} are {other} now, and {} the other way round: the labels or the cells of two \
             columns may have been exchanged",
            exchanged[0], exchanged[1]
        )
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passes(left: [u64; 2], exchanged: [u64; 2]) -> Option<bool> {
        let exchange = Exchange {
            of: ["granted EUR".into(), "paid EUR".into()],
            left,
            exchanged,
        };
        let control = of_exchange("old.csv", &exchange)?;
        let told = "amounts that were granted EUR in old.csv are paid EUR now, and ";
        assert_eq!(control.message.contains(told), !control.passed);
        Some(control.passed)
    }

    #[test]
    fn two_columns_that_were_exchanged_are_told_and_operations_that_ended_are_not() {
        assert_eq!(passes([40, 40], [40, 40]), Some(false));
        // Running ones had one of them, finished ones the other.
        assert_eq!(passes([6, 187], [6, 187]), Some(false));
        // They ended, and were paid what was granted; a few were opened again.
        assert_eq!(passes([40, 30], [40, 6]), Some(true));
        assert_eq!(passes([40, 4], [40, 4]), None);
        assert_eq!(passes([40, 40], [20, 40]), Some(true));
        assert_eq!(passes([40, 40], [21, 40]), Some(false));
    }
}
