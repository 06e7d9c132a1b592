//! Control of new files before they are published: is what came in about as large as what it takes the place of?
//!
//! Owns the comparison of one new file with the file before it, with what its source declares, with what the publisher
//! says that it adds up to (`published`), with the bytes of other lists (`same_bytes`), and with how files of its source end
//! (`cut`); which of its rows repeat each other (`repeated`), whether its operations are those before it (`identity`) and its
//! values of the same size (`scale`); and what is asked of a file that stands when it is read again (`standing`). Does not own
//! what becomes of a file that fails: it is treated like one that cannot be read, so its source stays at its previous state.
//! Somebody who knows better takes a new file with `--accept SOURCE=REASON`; the reason is kept with the file in every later
//! release (`accepted`).

mod accepted;
mod cut;
mod identity;
mod published;
mod rejected;
mod repeated;
mod scale;
mod standing;

use std::collections::BTreeMap;

use arrow::array::{AsArray, RecordBatch};
use arrow::datatypes::{Date32Type, Decimal128Type, Int64Type};
use datafusion::common::ScalarValue;
use datafusion::prelude::{SessionContext, col, lit};
use esf_engine::release::{Release, SourceFileState};
use jiff::civil::Date;
use serde::Serialize;

use accepted::accept;
pub(super) use accepted::{forget_needless, told_accepted};
pub(super) use standing::{of_standing, refusal_of_standing};

use super::RunError;
use super::inputs::InputFile;
use super::same_bytes::Elsewhere;
use crate::check::{ELSEWHERE, PublishedTotal};
use crate::map::days;
use crate::merge::{FileReport, ListOutput};
use crate::source::{Control, Source, SourceKind, Vintage};

/// What one control found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ControlReport {
    /// Name of the control: rows, total, region_coverage, quarantined, unknown_values, published_total,
    /// published_subtotals, stated_total, published_in_future, same_bytes, cut, repeated_rows, identities, scale, values.
    pub control: String,
    /// Amount kind and currency, for totals; for values also what is measured.
    pub of: Option<String>,
    /// What the new file has.
    pub found: f64,
    /// What the file before has, where it is compared.
    pub before: Option<f64>,
    /// Least that passes.
    pub least: Option<f64>,
    /// Most that passes.
    pub most: Option<f64>,
    /// Whether it passed, or was accepted.
    pub passed: bool,
    /// Why it was taken though it did not pass.
    pub accepted: Option<String>,
    /// What is wrong, or what was not compared and why, in words; empty otherwise.
    pub message: String,
}

/// Most days after that of the run on which a file can have been published.
pub(super) const LATEST: i32 = 1;

/// What is known of a file of an earlier release.
#[derive(Debug, Clone, Default)]
pub(super) struct Before {
    file_name: String,
    rows: u64,
    totals: BTreeMap<(String, Option<String>), i128>,
    /// Operations with a region below the country, and all.
    regions: (u64, u64),
}

/// What comparing the publisher's own totals with the rows of a file found, as controls.
pub(super) fn own_totals(totals: &[PublishedTotal]) -> Vec<ControlReport> {
    published::controls(totals)
}

/// The control of rows that a file says more than once; none where they are few.
pub(super) fn repeated_rows(declared: &Control, report: &FileReport) -> Option<ControlReport> {
    repeated::control(declared, report)
}

/// Controls new files of one list; gives the controls by file. `previous` is the release before, `today` the day of the run in
/// the time zone of its night, `elsewhere` tells which of its files other lists have.
pub(super) async fn control(
    session: Option<&SessionContext>,
    previous: Option<&Release>,
    files: &[&InputFile],
    output: &ListOutput,
    today: Date,
    elsewhere: &Elsewhere,
) -> Result<BTreeMap<String, Vec<ControlReport>>, RunError> {
    let mut controls = BTreeMap::new();
    for file in files {
        let Some(report) = report_of(output, file) else {
            continue;
        };
        let published = report.published.map(|day| in_future(day, today));
        let of_bytes = elsewhere.control(file);
        let mut of_file: Vec<ControlReport> = published.into_iter().chain(of_bytes).collect();
        if is_list(&file.source) && cut::is_cut(output, &file.sha256) {
            of_file.push(cut::control(session, previous, &file.source).await?);
        }
        let declared = &file.source.toml.control;
        if is_list(&file.source) {
            of_file.extend(repeated_rows(declared, report));
            let (kind, public) = (file.source.toml.kind, file.source.is_public());
            of_file.extend(scale::controls(declared, kind, public, report));
        }
        if is_controlled(&file.source) {
            let before = match (session, previous) {
                (Some(session), Some(previous)) => {
                    let until = report.published.map(days);
                    before(session, previous, &file.source, until).await?
                }
                _ => None,
            };
            let unknown = unknown_values(output, &file.sha256);
            let mut compared = compare(declared, report, before.as_ref(), unknown);
            rejected::explain(&mut compared, output, &file.sha256);
            of_file.extend(compared);
            of_file.extend(identity::control(declared, report));
        }
        accept(&mut of_file, file);
        controls.insert(file.sha256.clone(), of_file);
    }
    Ok(controls)
}

fn report_of<'o>(output: &'o ListOutput, file: &InputFile) -> Option<&'o FileReport> {
    let mut reports = output.reports.iter();
    reports.find(|r| r.sha256 == file.sha256 && r.source_id == file.source.source_id)
}

/// Pages are of any size, and so is what one delivery of a growing list adds.
fn is_controlled(source: &Source) -> bool {
    is_list(source) && source.toml.vintage == Vintage::Replace
}

fn is_list(source: &Source) -> bool {
    matches!(
        source.toml.kind,
        SourceKind::Operations | SourceKind::Statistics
    )
}

/// What does not pass, in one message.
pub(super) fn refusal(source_id: &str, controls: &[ControlReport]) -> Option<String> {
    let wrong = wrong(controls)?;
    Some(format!(
        "{wrong}. Look at the file; if it is right, take it with --accept {source_id}=REASON"
    ))
}

/// The messages of what does not pass; nothing where all does.
fn wrong(controls: &[ControlReport]) -> Option<String> {
    let failed: Vec<&str> = controls
        .iter()
        .filter(|control| !control.passed)
        .map(|control| control.message.as_str())
        .collect();
    (!failed.is_empty()).then(|| failed.join("; "))
}

/// A file from a day that is still to come would stand before every file that is published until then, whatever its rows.
/// A day more passes: publishers sit east of the night's time zone, too. Counted in days after that of the run.
fn in_future(published: Date, today: Date) -> ControlReport {
    let found = days(published) - days(today);
    let passed = found <= LATEST;
    ControlReport {
        control: "published_in_future".into(),
        of: None,
        found: f64::from(found),
        before: None,
        least: None,
        most: Some(f64::from(LATEST)),
        passed,
        accepted: None,
        message: if passed {
            String::new()
        } else {
            format!(
                "it says that it was published on {published}, and today is {today}: a date that is still to come would \
                 keep out every file after it"
            )
        },
    }
}

fn compare(
    declared: &Control,
    report: &FileReport,
    before: Option<&Before>,
    unknown: u64,
) -> Vec<ControlReport> {
    let mut controls = Vec::new();
    let rows = report.account.data_rows();
    let share = |part: u64| part as f64 / (rows.max(1)) as f64;
    controls.push(at_most(
        "quarantined",
        share(report.account.quarantined),
        declared.quarantined,
        |found, most| {
            format!("{found:.1} % of its rows cannot be loaded, at most {most:.1} % pass")
        },
    ));
    controls.push(at_most(
        "unknown_values",
        share(unknown),
        declared.unknown_values,
        |found, most| {
            format!(
                "{found:.1} unknown codes or values for each hundred rows, at most {most:.1} pass"
            )
        },
    ));
    controls.extend(own_totals(&report.published_totals));
    let Some(before) = before else {
        return controls;
    };
    let name = &before.file_name;
    controls.push(within(
        "rows",
        None,
        rows as f64,
        before.rows as f64,
        declared.rows,
        |found, old| format!("it has {found} rows, {name} before it had {old}"),
    ));
    for ((kind, currency), old) in &before.totals {
        let of = match currency {
            Some(currency) => format!("{kind} {currency}"),
            None => kind.clone(),
        };
        let found = report
            .totals
            .iter()
            .filter(|t| t.amount_kind == *kind && t.currency == *currency)
            .map(|t| t.total)
            .sum::<i128>();
        controls.push(within(
            "total",
            Some(&of),
            found as f64 / 100.0,
            *old as f64 / 100.0,
            declared.totals,
            |found, old| {
                format!("its {of} add up to {found:.2}, those of {name} before it to {old:.2}")
            },
        ));
    }
    if let (Some((with, all)), (old_with, old_all @ 1..)) = (report.with_region, before.regions)
        && all > 0
    {
        let (found, old) = (with as f64 / all as f64, old_with as f64 / old_all as f64);
        let least = old - declared.region_coverage;
        controls.push(ControlReport {
            control: "region_coverage".into(),
            of: None,
            found,
            before: Some(old),
            least: Some(least),
            most: None,
            passed: found >= least,
            accepted: None,
            message: if found >= least {
                String::new()
            } else {
                format!(
                    "{:.1} % of its operations have a region, of {name} before it {:.1} %",
                    found * 100.0,
                    old * 100.0
                )
            },
        });
    }
    controls
}

fn at_most(
    control: &str,
    found: f64,
    most: f64,
    message: impl Fn(f64, f64) -> String,
) -> ControlReport {
    let passed = found <= most;
    ControlReport {
        control: control.into(),
        of: None,
        found,
        before: None,
        least: None,
        most: Some(most),
        passed,
        accepted: None,
        message: if passed {
            String::new()
        } else {
            message(found * 100.0, most * 100.0)
        },
    }
}

/// A number that may be so many times what it was.
fn within(
    control: &str,
    of: Option<&str>,
    found: f64,
    before: f64,
    [least, most]: [f64; 2],
    message: impl Fn(f64, f64) -> String,
) -> ControlReport {
    // Of nothing nothing follows, and a sum of corrections has no size.
    let (least, most) = if before > 0.0 {
        (Some(before * least), Some(before * most))
    } else {
        (None, None)
    };
    let passed = least.is_none_or(|l| found >= l) && most.is_none_or(|m| found <= m);
    ControlReport {
        control: control.into(),
        of: of.map(str::to_owned),
        found,
        before: Some(before),
        least,
        most,
        passed,
        accepted: None,
        message: if passed {
            String::new()
        } else {
            let factor = found / before;
            format!("{} ({factor:.2} times as much)", message(found, before))
        },
    }
}

/// Findings of values that no code list or lookup knows.
fn unknown_values(output: &ListOutput, sha256: &str) -> u64 {
    findings(output, "finding", sha256, "value_unknown")
}

/// Findings of a rule in a file.
fn findings(output: &ListOutput, table: &str, sha256: &str, sought: &str) -> u64 {
    let batches = output.tables.get(table).into_iter().flatten();
    let counted = batches.map(|batch| {
        let column = |name: &str| batch.column_by_name(name)?.as_string_opt::<i32>();
        let (Some(files), Some(rules)) = (column("source_file"), column("rule")) else {
            return 0;
        };
        let of_file = files.iter().zip(rules.iter());
        of_file
            .filter(|(file, rule)| *file == Some(sha256) && *rule == Some(sought))
            .count() as u64
    });
    counted.sum()
}

/// The file of a source that was published last, of those behind a release that were not published after a day (in days since
/// 1970): a file is compared with the one before it also where a newer one stands, for it goes into the history of its list.
async fn newest<'r>(
    session: &SessionContext,
    previous: &'r Release,
    source: &Source,
    until: Option<i32>,
) -> Result<Option<&'r SourceFileState>, RunError> {
    let Some(state) = previous.sources.get(&source.source_id) else {
        return Ok(None);
    };
    let mut published: BTreeMap<String, Option<i32>> = BTreeMap::new();
    let rows = session.table("source_file").await?;
    let rows = rows.filter(col("source_id").eq(lit(source.source_id.as_str())))?;
    for batch in rows.collect().await? {
        let files = batch
            .column_by_name("source_file")
            .and_then(|c| c.as_string_opt::<i32>());
        let dates = batch
            .column_by_name("published_date")
            .and_then(|c| c.as_primitive_opt::<Date32Type>());
        if let (Some(files), Some(dates)) = (files, dates) {
            let both = files.iter().zip(dates.iter());
            published.extend(both.filter_map(|(file, date)| Some((file?.to_owned(), date))));
        }
    }
    let date = |file: &SourceFileState| published.get(&file.sha256).copied().flatten();
    let first_seen = |file: &SourceFileState| {
        let extra = file.extra.get("first_seen");
        extra.and_then(serde_json::Value::as_u64)
    };
    let is_before = |file: &&SourceFileState| is_before(date(file), until);
    let before = state.files.iter().filter(is_before);
    Ok(before.max_by_key(|file| (date(file), first_seen(file), &file.sha256)))
}

/// Whether what was published on one day, where that is known, can come before what was published on another.
fn is_before(day: Option<i32>, until: Option<i32>) -> bool {
    day.zip(until).is_none_or(|(day, until)| day <= until)
}

/// What is known of the newest file of a source in a release, of those until a day.
async fn before(
    session: &SessionContext,
    previous: &Release,
    source: &Source,
    until: Option<i32>,
) -> Result<Option<Before>, RunError> {
    let Some(newest) = newest(session, previous, source, until).await? else {
        return Ok(None);
    };
    let rows = |table: &'static str| {
        let of_file = col("source_file")
            .eq(lit(newest.sha256.as_str()))
            .and(col("source_id").eq(lit(source.source_id.as_str())));
        async move {
            if !previous.tables.contains_key(table) {
                return Ok::<Vec<RecordBatch>, RunError>(Vec::new());
            }
            Ok(session
                .table(table)
                .await?
                .filter(of_file)?
                .collect()
                .await?)
        }
    };
    let sum = |batches: &[RecordBatch], column: &str| -> u64 {
        let columns = batches.iter().filter_map(|b| b.column_by_name(column));
        let values = columns.filter_map(|c| c.as_primitive_opt::<Int64Type>());
        values.flat_map(|v| v.iter().flatten()).sum::<i64>() as u64
    };
    let mut files = rows("source_file").await?;
    files.extend(rows("restricted_source_file").await?);
    let mut before = Before {
        file_name: newest.file_name.clone(),
        rows: sum(&files, "rows_loaded") + sum(&files, "rows_quarantined"),
        ..Before::default()
    };
    let mut ignored = rows("ignored_rows").await?;
    ignored.extend(rows("restricted_ignored_rows").await?);
    for batch in ignored {
        let reasons = batch
            .column_by_name("reason")
            .and_then(|c| c.as_string_opt::<i32>());
        let counts = batch
            .column_by_name("n")
            .and_then(|c| c.as_primitive_opt::<Int64Type>());
        if let (Some(reasons), Some(counts)) = (reasons, counts) {
            let both = reasons.iter().zip(counts.iter());
            before.rows += both
                .filter(|(reason, _)| reason.is_some_and(|r| ELSEWHERE.contains(&r)))
                .filter_map(|(_, n)| n)
                .sum::<i64>() as u64;
        }
    }
    for batch in rows("control_total").await? {
        for row in 0..batch.num_rows() {
            let text = |name: &str| {
                let value = ScalarValue::try_from_array(batch.column_by_name(name)?, row).ok()?;
                match value {
                    ScalarValue::Utf8(text) => text,
                    _ => None,
                }
            };
            let total = batch
                .column_by_name("total")
                .and_then(|c| c.as_primitive_opt::<Decimal128Type>())
                .map_or(0, |c| c.value(row));
            if let Some(kind) = text("amount_kind") {
                *before.totals.entry((kind, text("currency"))).or_default() += total;
            }
        }
    }
    for batch in rows("operation").await? {
        let codes = batch
            .column_by_name("nuts_code")
            .and_then(|c| c.as_string_opt::<i32>());
        if let Some(codes) = codes {
            let below = codes.iter().flatten().filter(|code| code.len() > 2).count();
            before.regions.0 += below as u64;
            before.regions.1 += batch.num_rows() as u64;
        }
    }
    Ok(Some(before))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::{Account, ControlTotal};

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
            findings: 0,
            expected_quarantine: 0,
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
        assert_eq!(controls.len(), 5);
        assert_eq!(refusal("s", &controls), None);
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
    fn a_file_is_compared_with_none_that_was_published_after_it() {
        assert!(is_before(Some(31), Some(32)));
        assert!(is_before(Some(31), Some(31)));
        assert!(!is_before(Some(31), Some(30)));
        assert!(is_before(None, Some(30)));
        assert!(is_before(Some(31), None));
    }

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

    #[test]
    fn the_first_file_is_compared_with_nothing() {
        let controls = compare(&Control::default(), &report(3, 0, 0), None, 0);
        assert_eq!(failed(&controls), Vec::<&str>::new());
    }
}
