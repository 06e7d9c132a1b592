//! Control of the size of values that stand already: a file of which all are a hundred times what they were has another unit or
//! decimal mark, or says percent in place of a fraction.
//!
//! Owns comparing amounts of the same operations, and figures about the same, one by one. Does not own sums (`rows` and `total`),
//! which say nothing of figures.

use super::ControlReport;
use crate::merge::{FileReport, Ratios};
use crate::source::{Control, SourceKind};

/// Least values in common of which something follows.
const LEAST: u64 = 30;

/// Most of them that may differ by one power of ten, as a share.
const MOST: f64 = 0.5;

/// The controls of a file whose values stand in the vintage before as well; those of figures say also by what factor they differ
/// at the median, as their sums mean nothing. `public` is whether anybody may know how many values there are.
pub(super) fn controls(
    declared: &Control,
    kind: SourceKind,
    public: bool,
    report: &FileReport,
) -> Vec<ControlReport> {
    let Some(change) = &report.change else {
        return Vec::new();
    };
    let mut controls = Vec::new();
    for ratios in change.ratios.iter().filter(|r| r.common >= LEAST) {
        let scale = of_scale(&change.before, public, ratios);
        // What is scaled is far from the median of before as well, and one reason is enough.
        let is_figures = kind == SourceKind::Statistics && scale.passed;
        let values = is_figures.then(|| of_median(declared, &change.before, ratios));
        controls.push(scale);
        controls.extend(values);
    }
    controls
}

fn of_scale(before: &str, public: bool, ratios: &Ratios) -> ControlReport {
    let Ratios {
        of,
        common,
        power,
        scaled,
        ..
    } = ratios;
    let found = *scaled as f64 / (*common).max(1) as f64;
    let control = ControlReport::new("scale", found).of(of).at_most(MOST);
    control.or_say(|| {
        let factor = 10f64.powi(*power);
        let these = if public {
            format!("{scaled} of the {common} values of {of} that {before} has as well")
        } else {
            format!("most values of {of} that {before} has as well")
        };
        format!(
            "{these} are {factor} times what they are there: their unit, or how decimals are written, may have changed"
        )
    })
}

fn of_median(declared: &Control, before: &str, ratios: &Ratios) -> ControlReport {
    let [least, most] = declared.values;
    let (of, found) = (&ratios.of, ratios.median);
    let control = ControlReport::new("values", found).of(of);
    control.at_least(least).at_most(most).or_say(|| {
        format!(
            "its values of {of} that {before} has as well are {found:.2} times what they are there, at the median: they may be \
             figures of something else"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ratios(common: u64, power: i32, scaled: u64, median: f64) -> Ratios {
        Ratios {
            of: "rate".into(),
            common,
            power,
            scaled,
            median,
        }
    }

    #[test]
    fn values_that_differ_by_one_power_of_ten_are_told() {
        assert!(of_scale("old.csv", true, &ratios(40, 2, 20, 1.0)).passed);
        let wrong = ratios(40, -2, 39, 0.01);
        let told = of_scale("old.csv", true, &wrong);
        assert!(!told.passed, "{told:?}");
        let start = "39 of the 40 values of rate that old.csv has as well are 0.01 times";
        assert!(told.message.starts_with(start), "{told:?}");
        let told = of_scale("old.csv", false, &wrong).message;
        assert!(!told.contains("40"), "{told}");
    }

    #[test]
    fn figures_may_be_at_the_median_what_the_source_declares() {
        let declared = Control::default();
        for (median, passes) in [(1.0, true), (0.4, false), (2.5, false), (-1.0, false)] {
            let control = of_median(&declared, "old.csv", &ratios(40, 0, 0, median));
            assert_eq!(control.passed, passes, "{control:?}");
            assert_eq!(control.message.is_empty(), passes, "{control:?}");
        }
    }
}
