//! Controls of the numbers of one file: shares that may not be too large or too small, and, of a new one, rows, totals and regions
//! that may not be too far from those of the file before it.
//!
//! Owns the bounds and their messages. Does not own which file is the one before, nor what is known of it (`before`).

use std::collections::BTreeMap;

use super::before::Before;
use super::{ControlReport, own_totals};
use crate::check::kind_in;
use crate::map::{DATES, Dated};
use crate::merge::{Change, FileReport};
use crate::source::Control;

/// Name of the control of operations with a region.
pub(super) const REGION_COVERAGE: &str = "region_coverage";

/// Name of the control of rows with an amount, and of figures with a value.
const AMOUNT_COVERAGE: &str = "amount_coverage";

/// The controls of a file's numbers: those of shares by themselves, the others where there is a file before it. `unknown` is the
/// number of its values that no code list or lookup knows.
pub(super) fn compare(
    declared: &Control,
    report: &FileReport,
    before: Option<&Before>,
    unknown: u64,
) -> Vec<ControlReport> {
    let mut controls = shares(declared, report, unknown);
    controls.extend(amounts_end(declared, report));
    controls.extend(dates_end(declared, report));
    controls.extend(own_totals(&report.published_totals));
    let change = before.and(report.change.as_ref());
    controls.extend(value_coverage(declared, report, change));
    if let Some(before) = before {
        controls.push(rows(declared, report, before));
        controls.extend(totals(declared, report, before));
        controls.extend(multiples(report, before));
        controls.extend(region_coverage(declared, report, before));
        controls.extend(amount_coverage(declared, report, before));
        controls.extend(date_coverage(declared, report, before));
    }
    controls
}

/// Fewer rows than these say nothing about their file.
const JUDGED: u64 = 10;

/// The share of rows behind the last one with an amount; nothing where they are few.
fn amounts_end(declared: &Control, report: &FileReport) -> Option<ControlReport> {
    let behind @ JUDGED.. = report.behind_amounts else {
        return None;
    };
    let rows = report.account.data_rows().max(behind);
    let control = ControlReport::new("amounts_end", behind as f64 / rows as f64);
    let control = control.at_most(declared.amount_coverage);
    Some(control.or_say(|| {
        format!("the last {behind} of its {rows} rows have no amount: it may be cut short, or have lost cells")
    }))
}

/// The share of rows with an amount, in the column that most rows have one in; nothing where one of the files has few rows, or the
/// one before no amounts.
fn amount_coverage(
    declared: &Control,
    report: &FileReport,
    before: &Before,
) -> Option<ControlReport> {
    let (old_with @ 1.., old_all @ JUDGED..) = before.amounts else {
        return None;
    };
    let account = &report.account;
    let all @ JUDGED.. = account.data_rows().saturating_sub(account.quarantined) else {
        return None;
    };
    let mut columns: BTreeMap<&str, i64> = BTreeMap::new();
    for total in &report.totals {
        *columns.entry(total.location.as_str()).or_default() += total.n;
    }
    let with = columns.into_values().max().unwrap_or(0);
    let (found, old) = (with as f64 / all as f64, old_with as f64 / old_all as f64);
    let coverage = ControlReport::new(AMOUNT_COVERAGE, found)
        .beside(old)
        .at_least(old - declared.amount_coverage);
    Some(coverage.or_say(|| {
        let (found, old) = (found * 100.0, old * 100.0);
        let name = &before.file_name;
        format!("{found:.1} % of its rows have an amount, of {name} before it {old:.1} %")
    }))
}

/// Least share of figures with a value: a table of which hardly one has any is empty, or its figures are written in another way.
const LEAST_VALUES: f64 = 0.05;

/// The share of figures with a value, beside that of the file that it takes the place of, where there is one; nothing where the file
/// has few figures.
fn value_coverage(
    declared: &Control,
    report: &FileReport,
    change: Option<&Change>,
) -> Option<ControlReport> {
    let share = |(with, all): (u64, u64)| (all >= JUDGED).then(|| with as f64 / all as f64);
    let found = share(report.with_value?)?;
    let control = ControlReport::new(AMOUNT_COVERAGE, found);
    let told = format!("{:.1} % of its figures have a value", found * 100.0);
    let before = change.and_then(|change| Some((&change.before, share(change.with_value?)?)));
    let Some((name, old)) = before else {
        let control = control.at_least(LEAST_VALUES);
        let least = LEAST_VALUES * 100.0;
        return Some(control.or_say(|| format!("{told}, at least {least:.1} % pass")));
    };
    let least = old - declared.amount_coverage;
    // Where hardly any had one before, that was taken.
    let least = if old < LEAST_VALUES {
        least
    } else {
        least.max(LEAST_VALUES)
    };
    let control = control.beside(old).at_least(least);
    Some(control.or_say(|| format!("{told}, of {name} before it {:.1} %", old * 100.0)))
}

/// The share of operations behind the last one with a start, or with an end; nothing where they are few, or others before them
/// have none either.
fn dates_end(declared: &Control, report: &FileReport) -> Vec<ControlReport> {
    let kinds = DATES.into_iter().zip(&report.dated);
    let controls = kinds.filter_map(|(kind, dated)| {
        let &Dated { with, all, behind } = dated;
        let before = all.saturating_sub(behind).max(1);
        let filled = with as f64 / before as f64 >= 1.0 - declared.date_coverage;
        if behind < JUDGED || !filled {
            return None;
        }
        let control = ControlReport::new("dates_end", behind as f64 / all as f64).of(kind);
        let control = control.at_most(declared.date_coverage);
        Some(control.or_say(|| {
            format!("the last {behind} of its {all} operations have no value for {kind}: it may be cut short, or have lost cells")
        }))
    });
    controls.collect()
}

/// The share of operations with a start, and with an end; nothing where one of the files has few operations, or the one before no
/// such dates.
fn date_coverage(declared: &Control, report: &FileReport, before: &Before) -> Vec<ControlReport> {
    let both = report.dated.iter().zip(&before.dated);
    let controls = DATES.into_iter().zip(both).filter_map(|(kind, (new, old))| {
        let &(old_with @ 1.., old_all @ JUDGED..) = old else {
            return None;
        };
        let &Dated { with, all: all @ JUDGED.., .. } = new else {
            return None;
        };
        let (found, old) = (with as f64 / all as f64, old_with as f64 / old_all as f64);
        let control = ControlReport::new("date_coverage", found)
            .of(kind)
            .beside(old)
            .at_least(old - declared.date_coverage);
        Some(control.or_say(|| {
            let (found, old) = (found * 100.0, old * 100.0);
            let name = &before.file_name;
            format!("{found:.1} % of its operations have a value for {kind}, of {name} before it {old:.1} %")
        }))
    });
    controls.collect()
}

/// How many rows cannot be loaded, and how many values are unknown, for each row.
fn shares(declared: &Control, report: &FileReport, unknown: u64) -> Vec<ControlReport> {
    let rows = report.account.data_rows().max(1);
    let share = |part: u64| part as f64 / rows as f64;
    let (found, most) = (share(report.account.quarantined), declared.quarantined);
    let quarantined = ControlReport::new("quarantined", found).at_most(most);
    let quarantined = quarantined.or_say(|| {
        let (found, most) = (found * 100.0, most * 100.0);
        format!("{found:.1} % of its rows cannot be loaded, at most {most:.1} % pass")
    });
    let (found, most) = (share(unknown), declared.unknown_values);
    let unknown_values = ControlReport::new("unknown_values", found).at_most(most);
    let unknown_values = unknown_values.or_say(|| {
        let (found, most) = (found * 100.0, most * 100.0);
        format!("{found:.1} unknown codes or values for each hundred rows, at most {most:.1} pass")
    });
    vec![quarantined, unknown_values]
}

/// The number of rows beside that of the file before.
fn rows(declared: &Control, report: &FileReport, before: &Before) -> ControlReport {
    let control = ControlReport::new("rows", report.account.data_rows() as f64);
    let name = &before.file_name;
    within(control, before.rows as f64, declared.rows, |found, old| {
        format!("it has {found} rows, {name} before it had {old}")
    })
}

/// What the file has of each sum by amount kind and currency that the file before has, and what that one has, in hundredths.
fn sums<'a>(
    report: &'a FileReport,
    before: &'a Before,
) -> impl Iterator<Item = (String, i128, i128)> + 'a {
    before.totals.iter().map(move |((kind, currency), old)| {
        let of = kind_in(kind, currency.as_deref());
        let found = report
            .totals
            .iter()
            .filter(|t| t.amount_kind == *kind && t.currency == *currency)
            .map(|t| t.total)
            .sum::<i128>();
        (of, found, *old)
    })
}

/// The sums by amount kind and currency that the file before has, in units of the currency.
fn totals(declared: &Control, report: &FileReport, before: &Before) -> Vec<ControlReport> {
    let name = &before.file_name;
    let compared = sums(report, before).map(|(of, found, old)| {
        let control = ControlReport::new("total", found as f64 / 100.0).of(&of);
        within(
            control,
            old as f64 / 100.0,
            declared.totals,
            |found, old| {
                format!("its {of} add up to {found:.2}, those of {name} before it to {old:.2}")
            },
        )
    });
    compared.collect()
}

/// Rows that the file before needs for its sums to say something.
const FEW: u64 = 4;

/// Sums that are exactly twice or three times what they were, of rows that are not: money that stands in rows and in their sums
/// counts so often, however wide the bounds of totals are.
fn multiples(report: &FileReport, before: &Before) -> Vec<ControlReport> {
    let name = &before.file_name;
    let rows = report.account.data_rows() as f64;
    let compared = sums(report, before).filter_map(|(of, found, old)| {
        let is_exact = |times: &i128| {
            let whole = times * old;
            let more_rows = rows >= *times as f64 * before.rows as f64 * NEARLY;
            old > 0 && 1000 * (found - whole).abs() < whole && !more_rows
        };
        let times = [2, 3].into_iter().find(is_exact)?;
        let [found, old] = [found, old].map(|cents| cents as f64 / 100.0);
        let control = ControlReport::new("total_multiple", found)
            .of(&of)
            .beside(old)
            .at_most(old * times as f64 * ALMOST);
        Some(control.or_say(|| {
            format!(
                "its {of} add up to {found:.2}, exactly {times} times the {old:.2} of {name} before it, with {rows} rows for {}: sums may stand among its operations",
                before.rows
            )
        }))
    });
    if before.rows < FEW {
        return Vec::new();
    }
    compared.collect()
}

/// So many times as many rows are about as many times as many.
const NEARLY: f64 = 0.95;

/// Less than any sum that counts as exactly so many times another one: those are within a thousandth of it.
const ALMOST: f64 = 0.999;

/// The share of operations with a region; nothing where one of the files has no operations.
fn region_coverage(
    declared: &Control,
    report: &FileReport,
    before: &Before,
) -> Option<ControlReport> {
    coverage(
        declared,
        report.with_region?,
        before.regions,
        |found, old| {
            let name = &before.file_name;
            format!("{found:.1} % of its operations have a region, of {name} before it {old:.1} %")
        },
    )
}

/// The control of a share of operations with a region; both sides are those with one, and all. Nothing where one has no operations.
/// `message` says the shares, in percent.
pub(super) fn coverage(
    declared: &Control,
    found: (u64, u64),
    before: (u64, u64),
    message: impl FnOnce(f64, f64) -> String,
) -> Option<ControlReport> {
    let ((with, all @ 1..), (old_with, old_all @ 1..)) = (found, before) else {
        return None;
    };
    let (found, old) = (with as f64 / all as f64, old_with as f64 / old_all as f64);
    let coverage = ControlReport::new(REGION_COVERAGE, found)
        .beside(old)
        .at_least(old - declared.region_coverage);
    Some(coverage.or_say(|| message(found * 100.0, old * 100.0)))
}

/// A control of a number that may be at least and at most so many times what it was; `message` says what it is and what it was.
pub(super) fn within(
    control: ControlReport,
    before: f64,
    [least, most]: [f64; 2],
    message: impl FnOnce(f64, f64) -> String,
) -> ControlReport {
    let found = control.found;
    let control = control.beside(before);
    // Of nothing nothing follows, and a sum of corrections has no size.
    if before <= 0.0 {
        return control;
    }
    let control = control.at_least(before * least).at_most(before * most);
    control.or_say(|| {
        let factor = found / before;
        format!("{} ({factor:.2} times as much)", message(found, before))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::{Account, ControlTotal};
    use crate::run::control::{TOLD, refusal, wrong};

    fn report(rows: u64, quarantined: u64, total: i128) -> FileReport {
        FileReport {
            source_id: "s".into(),
            list_id: "l".into(),
            file_name: "new.csv".into(),
            sha256: "0".into(),
            account: Account {
                read: rows + quarantined,
                loaded: rows,
                quarantined,
                ..Account::default()
            },
            totals: vec![ControlTotal {
                amount_kind: "granted".into(),
                currency: Some("EUR".into()),
                location: "C".into(),
                n: rows as i64,
                total,
            }],
            totals_once: None,
            published_totals: Vec::new(),
            with_region: Some((rows / 2, rows)),
            with_value: None,
            inside: None,
            findings: 0,
            expected_quarantine: 0,
            expected_unreadable_amounts: 0,
            behind_amounts: 0,
            dated: [Dated::default(); 2],
            unread: Vec::new(),
            published: None,
            rendition_of: None,
            contradiction: None,
            twins: None,
            change: None,
        }
    }

    fn before() -> Before {
        Before {
            file_name: "old.csv".into(),
            rows: 1000,
            totals: BTreeMap::from([(("granted".into(), Some("EUR".into())), 1_000_000)]),
            regions: (480, 1000),
            inside: (0, 0),
            amounts: (990, 1000),
            dated: [(0, 0); 2],
        }
    }

    fn failed(controls: &[ControlReport]) -> Vec<&str> {
        let failed = controls.iter().filter(|c| !c.passed);
        failed.map(|c| c.control.as_str()).collect()
    }

    #[test]
    fn a_file_like_the_one_before_passes() {
        let controls = compare(
            &Control::default(),
            &report(1100, 3, 1_200_000),
            Some(&before()),
            5,
        );
        assert_eq!(failed(&controls), Vec::<&str>::new());
        assert_eq!(controls.len(), 6);
        assert_eq!(refusal("s", &controls), None);
    }

    #[test]
    fn of_many_controls_that_fail_the_first_are_told_and_the_others_counted() {
        let one = compare(
            &Control::default(),
            &report(90, 0, 1_000),
            Some(&before()),
            0,
        );
        let rows = one.iter().find(|control| !control.passed).unwrap();
        let failing = |n: usize| vec![rows.clone(); n];
        for few in [TOLD, TOLD + 1] {
            let told = wrong(&failing(few)).unwrap();
            assert_eq!(told.matches("it has 90 rows").count(), few);
            assert!(!told.contains("do not pass"), "{told}");
        }
        let told = wrong(&failing(TOLD + 3)).unwrap();
        assert_eq!(told.matches("it has 90 rows").count(), TOLD);
        assert!(told.ends_with("; 3 more controls do not pass"), "{told}");
    }

    #[test]
    fn a_file_cut_short_does_not() {
        let controls = compare(
            &Control::default(),
            &report(90, 0, 1_000),
            Some(&before()),
            0,
        );
        assert_eq!(failed(&controls), ["rows", "total"]);
        let message = refusal("s", &controls).unwrap();
        assert!(
            message.contains("it has 90 rows, old.csv before it had 1000"),
            "{message}"
        );
        assert!(
            message.contains("its granted EUR add up to 10.00"),
            "{message}"
        );
        assert!(message.ends_with("--accept s=REASON"), "{message}");
    }

    #[test]
    fn rows_that_cannot_be_loaded_and_regions_that_are_gone_are_told() {
        let mut new = report(700, 300, 1_000_000);
        new.with_region = Some((0, 700));
        let controls = compare(&Control::default(), &new, Some(&before()), 900);
        assert_eq!(
            failed(&controls),
            ["quarantined", "unknown_values", "region_coverage"]
        );
    }

    #[test]
    fn sums_that_are_exactly_twice_what_they_were_are_told_unless_there_are_twice_as_many_rows() {
        let of = |rows: u64, total: i128| {
            compare(
                &Control::default(),
                &report(rows, 0, total),
                Some(&before()),
                0,
            )
        };
        for (total, control) in [(2_000_000, "total_multiple"), (1_999_500, "total_multiple")] {
            let controls = of(1020, total);
            assert_eq!(failed(&controls), [control], "{total}");
            let message = refusal("s", &controls).unwrap();
            assert!(
                message.contains(
                    "exactly 2 times the 10000.00 of old.csv before it, with 1020 rows for 1000"
                ),
                "{message}"
            );
        }
        assert_eq!(failed(&of(1020, 3_000_000)), ["total", "total_multiple"]);
        for (rows, total) in [(2000, 2_000_000), (1020, 1_990_000)] {
            assert_eq!(failed(&of(rows, total)), Vec::<&str>::new(), "{total}");
        }
    }

    #[test]
    fn rows_that_have_no_amount_any_more_are_told() {
        let mut new = report(1000, 0, 1_000_000);
        for (with, failing) in [(900, vec![]), (660, vec!["amount_coverage"])] {
            new.totals[0].n = with;
            let controls = compare(&Control::default(), &new, Some(&before()), 0);
            assert_eq!(failed(&controls), failing, "{with}");
        }
        let controls = compare(&Control::default(), &new, Some(&before()), 0);
        let message = refusal("s", &controls).unwrap();
        assert!(
            message.starts_with("66.0 % of its rows have an amount, of old.csv before it 99.0 %"),
            "{message}"
        );
        // So is a first file whose last rows have none.
        for (behind, failing) in [(150, vec![]), (340, vec!["amounts_end"])] {
            new.behind_amounts = behind;
            let controls = compare(&Control::default(), &new, None, 0);
            assert_eq!(failed(&controls), failing, "{behind}");
        }
        new.behind_amounts = 0;
        // Another kind that most rows have says that there are amounts.
        let other = ControlTotal {
            amount_kind: "paid".into(),
            location: "D".into(),
            n: 1000,
            ..new.totals[0].clone()
        };
        new.totals.push(other);
        let controls = compare(&Control::default(), &new, Some(&before()), 0);
        assert_eq!(failed(&controls), Vec::<&str>::new());
    }

    /// A file of so many figures with a value, of all, in the place of one.
    fn of_figures(found: (u64, u64), before: Option<(u64, u64)>) -> FileReport {
        let change = |with_value| Change {
            before: "old.csv".into(),
            returning: None,
            ratios: Vec::new(),
            gone: None,
            with_value: Some(with_value),
            slips: Vec::new(),
            exchanges: Vec::new(),
            places: None,
        };
        FileReport {
            totals: Vec::new(),
            with_region: None,
            with_value: Some(found),
            change: before.map(change),
            ..report(1000, 0, 0)
        }
    }

    #[test]
    fn figures_that_have_no_value_any_more_are_told() {
        let none = Before {
            totals: BTreeMap::new(),
            amounts: (0, 1000),
            ..before()
        };
        for (found, old, passes) in [
            ((80, 100), (99, 100), true),
            ((78, 100), (99, 100), false),
            ((0, 100), (99, 100), false),
            // However few had one, some still have.
            ((6, 100), (15, 100), true),
            ((0, 100), (15, 100), false),
            // Where hardly any had one before, that was taken.
            ((0, 100), (4, 100), true),
            // Few figures say nothing.
            ((0, 9), (99, 100), true),
        ] {
            let new = of_figures(found, Some(old));
            let controls = compare(&Control::default(), &new, Some(&none), 0);
            let failing: &[&str] = if passes { &[] } else { &["amount_coverage"] };
            assert_eq!(failed(&controls), failing, "{found:?} {old:?}");
        }
        let new = of_figures((78, 100), Some((99, 100)));
        let controls = compare(&Control::default(), &new, Some(&none), 0);
        let message = refusal("s", &controls).unwrap();
        let told = "78.0 % of its figures have a value, of old.csv before it 99.0 %";
        assert!(message.starts_with(told), "{message}");
        let wider = Control {
            amount_coverage: 0.3,
            ..Control::default()
        };
        let controls = compare(&wider, &new, Some(&none), 0);
        assert_eq!(failed(&controls), Vec::<&str>::new());
    }

    #[test]
    fn a_first_table_of_hardly_any_values_is_told() {
        for (found, passes) in [((5, 100), true), ((4, 100), false), ((0, 9), true)] {
            let new = of_figures(found, None);
            let controls = compare(&Control::default(), &new, None, 0);
            let failing: &[&str] = if passes { &[] } else { &["amount_coverage"] };
            assert_eq!(failed(&controls), failing, "{found:?}");
        }
        // One that stands is compared with none before it.
        let standing = of_figures((50, 100), Some((99, 100)));
        let controls = compare(&Control::default(), &standing, None, 0);
        assert_eq!(failed(&controls), Vec::<&str>::new());
    }

    #[test]
    fn operations_that_have_no_dates_any_more_are_told() {
        let mut new = report(1000, 0, 1_000_000);
        let mut old = before();
        old.dated = [(1000, 1000), (700, 1000)];
        let dated = |with: u64, behind: u64| Dated {
            with,
            all: 1000,
            behind,
        };
        for (start, end, failing) in [
            (990, 510, vec![]),
            (790, 510, vec!["date_coverage"]),
            (1000, 0, vec!["date_coverage"]),
        ] {
            new.dated = [dated(start, 0), dated(end, 0)];
            let controls = compare(&Control::default(), &new, Some(&old), 0);
            assert_eq!(failed(&controls), failing, "{start} {end}");
        }
        let controls = compare(&Control::default(), &new, Some(&old), 0);
        let message = refusal("s", &controls).unwrap();
        let told = "0.0 % of its operations have a value for end_date, of old.csv before it 70.0 %";
        assert!(message.starts_with(told), "{message}");
        // A list that never had ends loses none, and few operations say nothing.
        old.dated[1] = (0, 1000);
        let controls = compare(&Control::default(), &new, Some(&old), 0);
        assert_eq!(failed(&controls), Vec::<&str>::new());
        old.dated = [(9, 9); 2];
        new.dated = [dated(0, 0); 2];
        let controls = compare(&Control::default(), &new, Some(&old), 0);
        assert_eq!(failed(&controls), Vec::<&str>::new());
        // So is a first file whose last rows have none, though nearly all before them have.
        for (with, behind, failing) in [
            (800, 200, vec![]),
            (660, 340, vec!["dates_end"]),
            (500, 340, vec![]),
        ] {
            new.dated = [dated(1000, 0), dated(with, behind)];
            let controls = compare(&Control::default(), &new, None, 0);
            assert_eq!(failed(&controls), failing, "{with} {behind}");
        }
    }

    #[test]
    fn the_first_file_is_compared_with_nothing() {
        let controls = compare(&Control::default(), &report(3, 0, 0), None, 0);
        assert_eq!(failed(&controls), Vec::<&str>::new());
    }
}
