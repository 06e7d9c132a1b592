//! Control of where the operations of a new file are: as many as before in the region that they had, and in that which their
//! source declares.
//!
//! Coverage says how many have a region, and not which: a column of codes that is filled with one of another Land moves a whole
//! list there. Operations of a list can honestly be elsewhere, so that a file is compared with the one before it, and the first
//! one is held only where nearly all of them are.

use super::ControlReport;
use super::before::Before;
use crate::merge::{FileReport, Places};
use crate::source::Control;

/// Least operations with a region of which something follows: those of a short list may all move at once.
const LEAST: u64 = 30;

/// Least of them that must be in the declared region, as a share, where no file before says how many are.
const FIRST: f64 = 1.0 / 3.0;

/// The controls of a file that takes the place of another one, and of the first one of its source. Where operations moved, it is
/// not said once more that they are elsewhere now.
pub(super) fn controls(
    declared: &Control,
    region: Option<&str>,
    report: &FileReport,
    before: Option<&Before>,
) -> Vec<ControlReport> {
    let change = report.change.as_ref();
    let places = change.and_then(|change| Some((change.before.as_str(), change.places?)));
    let moved = places.and_then(|(name, places)| moved(declared, name, places));
    if moved.as_ref().is_some_and(|moved| !moved.passed) {
        return moved.into_iter().collect();
    }
    let found = region.zip(report.inside);
    let inside = found.and_then(|(region, found)| inside(declared, region, found, before));
    moved.into_iter().chain(inside).collect()
}

/// The share of operations that are in another region than before.
fn moved(declared: &Control, before: &str, places: Places) -> Option<ControlReport> {
    let Places { both, moved } = places;
    if both < LEAST {
        return None;
    }
    let control = ControlReport::new("region_moved", moved as f64 / both as f64);
    let control = control.at_most(declared.region_coverage);
    Some(control.or_say(|| {
        format!(
            "{moved} of its {both} operations that have a region in {before} as well are in another one now: a column that says \
             where they are may have other values, or have moved to other operations"
        )
    }))
}

/// The share of operations in the region that the source declares.
fn inside(
    declared: &Control,
    region: &str,
    (inside, all): (u64, u64),
    before: Option<&Before>,
) -> Option<ControlReport> {
    if all < LEAST {
        return None;
    }
    let found = inside as f64 / all as f64;
    let control = ControlReport::new("region_inside", found);
    let outside = all - inside;
    let elsewhere = format!(
        "{outside} of its {all} operations with a region are outside of {region}, which its source declares"
    );
    let reason = "a column that says where they are may have other values, or the file may be that of another list";
    match before.map(|before| (&before.file_name, before.inside)) {
        Some((name, (old_inside, old_all @ LEAST..))) => {
            let old = old_inside as f64 / old_all as f64;
            let control = control.beside(old).at_least(old - declared.region_coverage);
            Some(control.or_say(|| {
                let before = old_all - old_inside;
                format!("{elsewhere}, of {name} before it {before} of {old_all}: {reason}")
            }))
        }
        _ => Some(
            control
                .at_least(FIRST)
                .or_say(|| format!("{elsewhere}: {reason}")),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn before(inside: u64, all: u64) -> Before {
        Before {
            file_name: "old.csv".into(),
            inside: (inside, all),
            ..Before::default()
        }
    }

    #[test]
    fn operations_that_are_in_other_regions_than_before_are_told() {
        for (both, elsewhere, passes) in [
            (336, 336, Some(false)),
            (336, 67, Some(true)),
            (336, 68, Some(false)),
            (29, 29, None),
        ] {
            let places = Places {
                both,
                moved: elsewhere,
            };
            let control = moved(&Control::default(), "old.csv", places);
            assert_eq!(control.as_ref().map(|c| c.passed), passes, "{control:?}");
        }
        let places = Places {
            both: 40,
            moved: 30,
        };
        let told = moved(&Control::default(), "old.csv", places).unwrap();
        let start =
            "30 of its 40 operations that have a region in old.csv as well are in another one now:";
        assert!(told.message.starts_with(start), "{told:?}");
    }

    #[test]
    fn operations_outside_of_the_declared_region_are_compared_with_those_before() {
        let passes = |found: (u64, u64), before: Option<&Before>| {
            let control = inside(&Control::default(), "DE3", found, before)?;
            assert_eq!(control.message.is_empty(), control.passed, "{control:?}");
            Some(control.passed)
        };
        // Most were elsewhere before: of beneficiaries in other regions.
        let old = before(40, 100);
        assert_eq!(passes((21, 100), Some(&old)), Some(true));
        assert_eq!(passes((19, 100), Some(&old)), Some(false));
        let old = before(100, 100);
        assert_eq!(passes((79, 100), Some(&old)), Some(false));
        // A first file.
        assert_eq!(passes((34, 100), None), Some(true));
        assert_eq!(passes((33, 100), None), Some(false));
        // Too few to say something, now or before.
        assert_eq!(passes((0, 29), None), None);
        assert_eq!(passes((34, 100), Some(&before(29, 29))), Some(true));
        let told = inside(&Control::default(), "DE3", (0, 40), Some(&before(40, 40))).unwrap();
        let start = "40 of its 40 operations with a region are outside of DE3, which its source declares, of old.csv before it \
                     0 of 40: ";
        assert!(told.message.starts_with(start), "{told:?}");
    }
}
