//! What of a warehouse would go, or went: files, cells by list and column, and what stays.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use arrow::record_batch::RecordBatch;
use esf_engine::redact::{Cells, Plan};

use crate::context::Context;
use crate::exit::{Exit, Failure, Outcome};
use crate::print::{Rows, grouped};

/// Sources of which cells are told one by one.
const MOST_SOURCES: usize = 20;

/// What is said of names of sources and lists.
const NAMES_STAY: &str = "stay, since they are names of sources or lists, by which rows and records are found (to be rid of one, \
    give its files another name in a new warehouse and remove this one):";

/// What is said of declarations.
const DECLARATIONS_STAY: &str = "stay, since they are declarations (take it out of your file; what is archived goes when \
    `esf gc --keep` has dropped the releases that were read with it):";

/// What becomes of a reference table.
const KEPT: &str = "kept: a reference table, names there are places or public figures";

/// How many rows hold what is to go, or ids made from it.
pub(super) fn rows(plan: &Plan) -> u64 {
    plan.hits.iter().map(|hit| hit.rows).sum()
}

/// Prints the files, where it stands in them, what stays, and a summary.
pub(super) fn tell(context: &Context, plan: &Plan, summary: &str) -> Outcome {
    let printer = context.report_printer();
    let text = format!("{}{summary}", details(plan));
    let has_no_rows = plan.hits.is_empty()
        && plan.raw.is_empty()
        && plan.kept.is_empty()
        && plan.unnamed.is_empty();
    match (has_no_rows, printer.for_people()) {
        (true, true) => printer.prose(&text)?,
        (false, true) => printer.framed("", &table(plan)?, &format!("\n{text}"))?,
        (_, false) => {
            printer.batch(&table(plan)?)?;
            if !context.quiet() {
                crate::say(text.trim_end());
            }
        }
    }
    Ok(Exit::Done)
}

/// One row for each file that is written anew, removed, or kept though it holds what is to go.
fn table(plan: &Plan) -> Result<RecordBatch, Failure> {
    let path = |hash: &String| format!("raw/{hash}");
    let raw: Vec<String> = (plan.raw.iter().map(path))
        .chain(plan.unnamed.iter().cloned())
        .chain(plan.kept.iter().map(path))
        .collect();
    let published_as = |path: &String| {
        let published = plan.published.get(path.strip_prefix("raw/")?)?;
        Some(published.as_str())
    };
    let removed = plan.raw.len() + plan.unnamed.len();
    let becomes = (0..raw.len()).map(|at| if at < removed { "removed" } else { KEPT });
    let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    let columns: Vec<String> = (plan.hits.iter())
        .map(|hit| hit.values.keys().cloned().collect::<Vec<_>>().join(", "))
        .collect();
    let hits = || plan.hits.iter();
    let none = || raw.iter().map(|_| None);
    let paths = hits().map(|hit| &hit.file.path).chain(&raw);
    let rows = Rows::default()
        .text("file", paths.map(|path| Some(path.as_str())))
        .text(
            "published_as",
            hits().map(|_| None).chain(raw.iter().map(published_as)),
        )
        .int(
            "rows",
            hits().map(|hit| Some(hit.rows as i64)).chain(none()),
        )
        .text(
            "columns",
            columns
                .iter()
                .map(|names| Some(names.as_str()))
                .chain(raw.iter().map(|_| None)),
        )
        .int(
            "releases",
            hits()
                .map(|hit| Some(count(hit.releases.len())))
                .chain(none()),
        )
        .text(
            "becomes",
            hits()
                .map(|_| Some("written anew"))
                .chain(becomes.map(Some)),
        );
    Ok(rows.batch()?)
}

/// How much was found.
pub(super) fn summary(plan: &Plan) -> String {
    let number = |n: usize| grouped(&n.to_string());
    if plan.is_empty() {
        let kept = [
            (plan.kept.len(), "reference tables"),
            (plan.names.len(), "names of sources or lists"),
            (plan.declarations.len(), "declarations"),
        ];
        let kept = kept.into_iter().filter(|(n, _)| *n > 0);
        let kept: Vec<String> = kept
            .map(|(n, what)| format!("{} {what}", number(n)))
            .collect();
        let kept = match kept.as_slice() {
            [] => String::new(),
            some => format!(" but in {}, which stay", some.join(" and ")),
        };
        return format!(
            "it was found nowhere{kept}: look whether the name is written as the lists write it, with each spelling a --text of its own"
        );
    }
    format!(
        "{} rows in {} files of {} releases, {} published files, {} records of runs",
        grouped(&rows(plan).to_string()),
        number(plan.hits.len()),
        number(plan.changed.len()),
        number(plan.raw.len()),
        number(plan.documents.len()),
    )
}

/// Where it stands in tables, which ids are replaced and what stays, a line each.
fn details(plan: &Plan) -> String {
    let mut text = String::new();
    let masked = by_source(plan, |cells| {
        let (newest, all) = (number(cells.newest), number(cells.all));
        (cells.all > 0).then(|| format!("{newest} ({all})"))
    });
    let cells = "cells of the newest release (and of all releases) that hold it:";
    section(&mut text, cells, &masked);
    let spared = by_source(plan, |cells| {
        (cells.spared > 0).then(|| number(cells.spared))
    });
    let spares = "cells of others that hold the word and keep it, also in later runs (--everywhere takes it from them):";
    section(&mut text, spares, &spared);
    let alone = plan.cells.values().map(|cells| cells.alone).sum::<u64>();
    if alone > 0 {
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "cells of the newest release where the surname stands alone, which keep it (--text SURNAME --everywhere takes it from all): {}",
            number(alone)
        );
    }
    if !plan.ids.is_empty() {
        let ids = number(plan.ids.len() as u64);
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "{ids} ids of operations and organisations are made from it and could be tried: others take their place"
        );
    }
    section(&mut text, NAMES_STAY, &lines(&plan.names));
    section(&mut text, DECLARATIONS_STAY, &lines(&plan.declarations));
    if !text.is_empty() {
        text.push('\n');
    }
    text
}

/// A line for each source that has something to tell, the first of them.
fn by_source(plan: &Plan, told: impl Fn(&Cells) -> Option<String>) -> Vec<String> {
    let mut sources: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (place, cells) in &plan.cells {
        if let Some(told) = told(cells) {
            let column = format!("{}.{} {told}", place.table, place.column);
            sources.entry(&place.source).or_default().push(column);
        }
    }
    let more = sources.len().saturating_sub(MOST_SOURCES);
    let line = |(source, columns): (&str, Vec<String>)| {
        let source = if source.is_empty() {
            "tables of all sources"
        } else {
            source
        };
        format!("{source}: {}", columns.join(", "))
    };
    let mut lines: Vec<String> = sources.into_iter().take(MOST_SOURCES).map(line).collect();
    if more > 0 {
        lines.push(format!("and {more} more sources"));
    }
    lines
}

fn lines<'a>(texts: impl IntoIterator<Item = &'a String>) -> Vec<String> {
    texts.into_iter().cloned().collect()
}

/// Lines under a heading; nothing where there are none.
fn section(text: &mut String, heading: &str, lines: &[String]) {
    if lines.is_empty() {
        return;
    }
    // Writing to a string cannot fail.
    let _ = writeln!(text, "{heading}");
    for line in lines {
        let _ = writeln!(text, "  {line}");
    }
}

fn number(n: u64) -> String {
    grouped(&n.to_string())
}
