//! Control of single amounts and rates that slipped: some are exactly ten, a hundred … times what they were, or a column of them moved by a
//! row. Too few for their sums or for all of them together to show it (`compare`, `scale`).

use super::ControlReport;
use crate::merge::{FileReport, Slips};
use crate::source::Control;

/// Least amounts that changed of which it follows that their column moved.
const LEAST: u64 = 10;

/// By how much more of those that changed may be what the operation above had before than what that below had, or the other way
/// round, as a share: where neighbours have the same amounts, what is new is often that of both.
const MOVED: f64 = 0.5;

/// The controls of a file whose operations stand already. `others` are its controls so far: where the amounts of a kind are
/// scaled, each of them is tenfold.
pub(super) fn controls(
    declared: &Control,
    report: &FileReport,
    others: &[ControlReport],
) -> Vec<ControlReport> {
    let Some(change) = &report.change else {
        return Vec::new();
    };
    let is_scaled = |of: &str| {
        let mut failed = others.iter().filter(|c| c.control == "scale" && !c.passed);
        failed.any(|c| c.of.as_deref() == Some(of))
    };
    let slips = change.slips.iter().filter(|slips| !is_scaled(&slips.of));
    slips
        .flat_map(|slips| {
            let tenfold = tenfold(declared, &change.before, slips);
            std::iter::once(tenfold).chain(moved(&change.before, slips))
        })
        .collect()
}

fn tenfold(declared: &Control, before: &str, slips: &Slips) -> ControlReport {
    let control = ControlReport::new("tenfold", slips.tenfold as f64).of(&slips.of);
    control.at_most(declared.tenfold as f64).or_say(|| {
        let first = slips.first.as_deref().unwrap_or_default();
        format!(
            "{} values of {} are exactly ten, a hundred or more times what {before} says of the same operations, or that part \
             of it, the first is {first}: a decimal mark may have slipped, or some may be in another unit",
            slips.tenfold, slips.of
        )
    })
}

fn moved(before: &str, slips: &Slips) -> Option<ControlReport> {
    if slips.changed < LEAST {
        return None;
    }
    let (n, place) = if slips.from_below >= slips.from_above {
        (slips.from_below, "below")
    } else {
        (slips.from_above, "above")
    };
    let more = slips.from_below.abs_diff(slips.from_above);
    let control = ControlReport::new("moved", more as f64 / slips.changed as f64).of(&slips.of);
    Some(control.at_most(MOVED).or_say(|| {
        format!(
            "{n} of the {} values of {} that are others than in {before} are those of the operation {place} there: the column \
             may have moved by a row, so that amounts stand at other operations",
            slips.changed, slips.of
        )
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slips(changed: u64, tenfold: u64, from_below: u64, from_above: u64) -> Slips {
        Slips {
            of: "granted EUR".into(),
            changed,
            tenfold,
            first: (tenfold > 0).then(|| "12.00 at line 7, where it was 1200.00".into()),
            from_below,
            from_above,
        }
    }

    #[test]
    fn a_few_amounts_that_are_tenfold_pass_and_more_do_not() {
        let of = |n| tenfold(&Control::default(), "old.csv", &slips(9, n, 0, 0));
        assert!(of(2).passed && of(2).message.is_empty());
        let told = of(3);
        assert!(!told.passed, "{told:?}");
        for part in [
            "3 values of granted EUR are exactly ten, a hundred or more times what old.csv",
            "the first is 12.00 at line 7, where it was 1200.00: a decimal mark",
        ] {
            assert!(told.message.contains(part), "{told:?}");
        }
    }

    #[test]
    fn a_column_that_moved_by_a_row_is_told_and_amounts_that_are_new_are_not() {
        for (changed, below, above, passes) in [
            (9, 9, 0, None),
            (40, 20, 0, Some(true)),
            (40, 21, 0, Some(false)),
            (40, 2, 39, Some(false)),
            // They are all alike.
            (40, 30, 28, Some(true)),
            (40_000, 12, 9, Some(true)),
        ] {
            let found = moved("old.csv", &slips(changed, 0, below, above));
            assert_eq!(found.as_ref().map(|c| c.passed), passes, "{found:?}");
        }
        let told = moved("old.csv", &slips(40, 0, 2, 39)).unwrap().message;
        assert!(
            told.contains("are those of the operation above there"),
            "{told}"
        );
    }
}
