//! Controls of a new file of a reference table: as many rows as its source declares and about as many as before, down to a whole
//! last record.
//!
//! Owns the bounds and their messages. Does not own reading the table, or what stands in its place (`run::reference`). Every list
//! is read with these tables, and a table that lost half of its rows leaves the places of the other half without a region.

use super::ControlReport;
use super::accepted::accept;
use super::compare::within;
use super::cut::{Ending, ended};
use crate::region::Extent;
use crate::run::inputs::InputFile;

/// The controls of a file, beside the one that stands, if there is one that can be read: its name and its extent.
pub(in crate::run) fn of_reference(
    file: &InputFile,
    found: Extent,
    before: Option<(&str, Extent)>,
) -> Vec<ControlReport> {
    let declared = &file.source.toml;
    let mut controls = Vec::new();
    controls.extend(
        declared
            .expected_rows
            .map(|[least, most]| expected(found.rows, least, most)),
    );
    if let Some((name, before)) = before {
        let control = ControlReport::new("rows", found.rows as f64);
        let bounds = declared.control.rows;
        controls.push(within(control, before.rows as f64, bounds, |found, old| {
            format!("it has {found} rows, {name} before it had {old}")
        }));
    }
    if found.is_cut {
        let habit = before.is_some_and(|(_, before)| before.is_cut);
        controls.push(ended(habit, &Ending::InRecord));
    }
    accept(&mut controls, file);
    controls
}

/// The number of rows within what the source declares.
fn expected(rows: u64, least: u64, most: u64) -> ControlReport {
    let control = ControlReport::new("expected_rows", rows as f64)
        .at_least(least as f64)
        .at_most(most as f64);
    control.or_say(|| {
        format!(
            "{rows} rows, where the source declares {least} to {most}: the file may be cut short or be another one"
        )
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::run::control::refusal;
    use crate::run::made;

    fn extent(rows: u64, is_cut: bool) -> Extent {
        Extent { rows, is_cut }
    }

    fn failed(controls: &[ControlReport]) -> Vec<&str> {
        let failed = controls.iter().filter(|control| !control.passed);
        failed.map(|control| control.control.as_str()).collect()
    }

    #[test]
    fn a_table_is_compared_with_its_declaration_and_with_the_file_before() {
        let declared = "kind = \"reference\"\nexpected_rows = [90, 200]\n";
        let source = Arc::new(made::source("places", declared));
        let mut file = made::file(&source, "new.csv", "00");
        let old = Some(("old.csv", extent(100, false)));
        let cut = Some(("old.csv", extent(100, true)));
        for (found, before, wrong) in [
            (extent(100, false), old, &[][..]),
            (extent(100, false), None, &[][..]),
            (extent(89, false), None, &["expected_rows"][..]),
            (extent(49, false), old, &["expected_rows", "rows"][..]),
            (extent(100, true), None, &["cut"][..]),
            (extent(100, true), old, &["cut"][..]),
            (extent(100, true), cut, &[][..]),
        ] {
            let controls = of_reference(&file, found, before);
            assert_eq!(failed(&controls), wrong, "{controls:?}");
        }
        let controls = of_reference(&file, extent(49, false), old);
        let told = refusal("places", &controls).unwrap();
        for part in [
            "49 rows, where the source declares 90 to 200",
            "it has 49 rows, old.csv before it had 100",
            "--accept places=REASON",
        ] {
            assert!(told.contains(part), "{part}: {told}");
        }
        file.accepted = Some("seen".to_owned());
        let controls = of_reference(&file, extent(49, true), old);
        assert_eq!(failed(&controls), Vec::<&str>::new());
        assert_eq!(refusal("places", &controls), None);
    }
}
