//! `esf source`: the declared sources, tried on their samples, begun from a file.

use std::fmt::Write;
use std::path::Path;

use esf_pipelines::run::{
    CheckedColumn, ControlReport, SourceCheck, SourceReport, check_source, new_source,
};
use esf_pipelines::{Catalogue, SourceError, SourceKind};

use super::work::limits;
use crate::args::{Source, SourceNew};
use crate::context::Context;
use crate::exit::{Exit, Failure, Outcome};
use crate::print::{Rows, grouped, visible};

/// Does what was asked about sources.
pub(super) fn run(context: &Context, action: Source) -> Outcome {
    match action {
        Source::List => list(context),
        Source::Show { name } => show(context, &name),
        Source::Check(arguments) => {
            let catalogue = catalogue(context)?;
            match arguments.name {
                Some(name) => check(context, &catalogue, &name, arguments.file.as_deref()),
                None => check_all(context, &catalogue),
            }
        }
        Source::New(arguments) => new(context, &arguments),
        Source::Fields => super::fields::run(context),
    }
}

/// The sources of the program and those of `--sources`.
pub(super) fn catalogue(context: &Context) -> Result<Catalogue, Failure> {
    let mut catalogue = Catalogue::embedded()?;
    for folder in context.source_folders() {
        catalogue.add_dir(&folder)?;
    }
    Ok(catalogue)
}

fn list(context: &Context) -> Outcome {
    let catalogue = catalogue(context)?;
    let all = || catalogue.iter();
    let rows = Rows::default()
        .text(
            "source",
            all().map(|source| Some(source.source_id.as_str())),
        )
        .text("kind", all().map(|source| Some(kind(source.toml.kind))))
        .text(
            "country",
            all().map(|source| source.toml.country.as_deref()),
        )
        .text("fund", all().map(|source| source.toml.fund.as_deref()))
        .text("period", all().map(|source| source.toml.period.as_deref()))
        .text(
            "title",
            all().map(|source| Some(source.toml.title.as_str())),
        );
    context.printer.batch(&rows.batch()?)?;
    Ok(Exit::Done)
}

fn show(context: &Context, name: &str) -> Outcome {
    let catalogue = catalogue(context)?;
    let source = catalogue.get(name)?;
    let toml = &source.toml;
    let samples: Vec<&str> = catalogue
        .samples(name)
        .map(|sample| sample.name.as_str())
        .collect();
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let said = [
        ("source", some(name)),
        ("title", some(&toml.title)),
        ("publisher", some(&toml.publisher)),
        ("licence", toml.licence.clone()),
        ("url", toml.url.clone()),
        ("description", toml.description.clone()),
        ("kind", some(kind(toml.kind))),
        ("files", some(&toml.files.join(", "))),
        ("list", toml.list_id.clone()),
        ("rendition rank", some(&toml.rendition_rank.to_string())),
        ("country", toml.country.clone()),
        ("region", toml.nuts_code.clone()),
        ("period", toml.period.clone()),
        ("fund", toml.fund.clone()),
        ("programme", toml.programme_id.clone()),
        ("language", toml.language.clone()),
        ("cadence", toml.cadence.clone()),
        (
            "expected rows",
            toml.expected_rows
                .map(|[least, most]| format!("{least} to {most}")),
        ),
        (
            "expected quarantine",
            some(&toml.expected_quarantine.to_string()),
        ),
        (
            "expected unreadable amounts",
            some(&toml.expected_unreadable_amounts.to_string()),
        ),
        ("identity", some(&toml.identity.join(", "))),
        ("samples", some(&samples.join(", "))),
        ("declaration hash", some(&source.declaration_hash)),
    ];
    let said: Vec<_> = said
        .into_iter()
        .filter_map(|(key, value)| Some((key, value?)))
        .collect();
    let rows = Rows::default()
        .text("declares", said.iter().map(|(key, _)| Some(*key)))
        .text("value", said.iter().map(|(_, value)| Some(value.trim())));
    context.printer.batch(&rows.batch()?)?;
    Ok(Exit::Done)
}

fn check(context: &Context, catalogue: &Catalogue, name: &str, file: Option<&Path>) -> Outcome {
    // An unknown name is a slip of the keyboard, not a fault of a source.
    catalogue.get(name)?;
    let checks = tried(catalogue, name, file)?;
    if checks.is_empty() {
        return Err(
            Failure::new(Exit::Check, format!("source {name} has no sample"))
                .next("put a small made-up file into its folder sample/, or name a file to check"),
        );
    }
    for found in &checks {
        explain(context, found)?;
        for problem in &found.problems {
            crate::complain(
                &Failure::new(
                    Exit::Check,
                    format!("{} on {}: {problem}", found.source_id, found.file_name),
                ),
                false,
            );
        }
    }
    Ok(if checks.iter().all(|found| found.passed) {
        Exit::Done
    } else {
        Exit::Check
    })
}

fn tried(
    catalogue: &Catalogue,
    name: &str,
    file: Option<&Path>,
) -> Result<Vec<SourceCheck>, Failure> {
    let tried = check_source(catalogue, name, file, &limits());
    tried.map_err(|error| Failure::of(Exit::Code(error.exit_code()), &error))
}

/// Column by column, what a file was understood as; then its conventions, rows and sums.
fn explain(context: &Context, found: &SourceCheck) -> Result<(), Failure> {
    let columns = || found.columns.iter();
    let how = |column: &CheckedColumn| match &column.nearest {
        Some(near) => format!("{}; nearest known: {near}", column.how),
        None => column.how.clone(),
    };
    let rows = Rows::default()
        .text(
            "published as",
            columns().map(|column| Some(column.label.as_str())),
        )
        .text(
            "understood as",
            columns().map(|column| column.field.as_deref()),
        )
        .text("by", columns().map(|column| Some(how(column))))
        .text("example", columns().map(|column| column.example.as_deref()));
    let above = format!("{} on {}\n\n", found.source_id, found.file_name);
    context
        .report_printer()
        .framed(&above, &rows.batch()?, &summary(found))
}

fn check_all(context: &Context, catalogue: &Catalogue) -> Outcome {
    let mut checks = Vec::new();
    for source in catalogue.iter() {
        checks.extend(tried(catalogue, &source.source_id, None)?);
    }
    let all = || checks.iter();
    let result = |found: &SourceCheck| result(catalogue, found);
    let counted = |count: fn(&SourceReport) -> u64| {
        all().map(move |found| found.report.as_ref().map(|report| count(report) as i64))
    };
    let rows = Rows::default()
        .text("source", all().map(|found| Some(found.source_id.as_str())))
        .int("rows", counted(|report| report.rows_read))
        .int("loaded", counted(|report| report.loaded))
        .int("quarantined", counted(|report| report.quarantined))
        .int("ignored", counted(|report| report.ignored))
        .text("result", all().map(|found| Some(result(found))))
        .text(
            "problem",
            all().map(|found| {
                let first = found.problems.first();
                first
                    .filter(|_| result(found) == FAILED)
                    .map(String::as_str)
            }),
        );
    context.report_printer().batch(&rows.batch()?)?;
    Ok(if all().any(|found| result(found) == FAILED) {
        Exit::Check
    } else {
        Exit::Done
    })
}

/// What is said of a source that is not understood as it should be.
const FAILED: &str = "failed";

/// How a source did. One for lists of any form has no form of its own that a sample could show, which is no fault.
fn result(catalogue: &Catalogue, found: &SourceCheck) -> &'static str {
    if catalogue.samples(&found.source_id).next().is_none() {
        return "no sample";
    }
    if found.passed { "passed" } else { FAILED }
}

fn summary(found: &SourceCheck) -> String {
    let mut text = String::from("\n");
    for (what, how) in &found.conventions {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{what}: {how}");
    }
    let Some(report) = &found.report else {
        return text;
    };
    let SourceReport {
        rows_read,
        loaded,
        quarantined,
        ignored,
        ..
    } = report;
    let _ = writeln!(
        text,
        "{rows_read} rows read = {loaded} loaded + {quarantined} quarantined + {ignored} ignored"
    );
    for total in found.totals() {
        let (sign, value) = if total.total_hundredths < 0 {
            ("-", -total.total_hundredths)
        } else {
            ("", total.total_hundredths)
        };
        let amount = grouped(&format!("{sign}{}.{:02}", value / 100, value % 100));
        let currency = total.currency.as_deref().unwrap_or("of unknown currency");
        let _ = writeln!(
            text,
            "{} amounts {}, {amount} {currency}",
            total.n, total.amount_kind
        );
    }
    for control in &report.controls {
        let _ = writeln!(text, "{}", visible(&compared(control)));
    }
    text
}

/// How a total that the publisher states compares with the rows.
fn compared(control: &ControlReport) -> String {
    let name = control.control.replace('_', " ");
    let of = control.of.as_deref().unwrap_or_default();
    if control.passed && control.message.is_empty() {
        format!("{name} of {of}: the rows add up to what is stated")
    } else {
        format!("{name} of {of}: {}", control.message)
    }
}

fn new(context: &Context, arguments: &SourceNew) -> Outcome {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
    if !arguments.name.chars().all(plain) || arguments.name.starts_with('.') {
        return Err(
            Failure::usage(format!("{:?} is no name of a source", arguments.name))
                .next("letters, digits, _ and - make one, as in de_bw_ministry_esf_2021_2027"),
        );
    }
    let folder = arguments.into.join(&arguments.name);
    if folder.exists() {
        return Err(
            Failure::usage(format!("{} is there already", folder.display()))
                .next("give another name, or remove the folder first"),
        );
    }
    let (from, name) = (&arguments.from, &arguments.name);
    let (source, mapping) = new_source(&catalogue(context)?, from, name, &limits())
        .map_err(|error| Failure::of(Exit::Code(error.exit_code()), &error))?;
    let write = || {
        std::fs::create_dir_all(folder.join("sample"))?;
        std::fs::write(folder.join("source.toml"), source)?;
        std::fs::write(folder.join("mapping.toml"), mapping)
    };
    write().map_err(|error| {
        Failure::usage(format!("cannot write {}: {error}", folder.display()))
            .next("name a folder that can be written with --into")
    })?;
    let (name, into, from) = (
        &arguments.name,
        arguments.into.display(),
        arguments.from.display(),
    );
    crate::say(&format!(
        "began {}. Fill in what is marked, then type:",
        folder.display()
    ));
    crate::say(&format!(
        "  esf --sources {into} source check {name} {from}"
    ));
    Ok(Exit::Done)
}

fn kind(kind: SourceKind) -> &'static str {
    match kind {
        SourceKind::Operations => "operations",
        SourceKind::Page => "page",
        SourceKind::Reference => "reference",
        SourceKind::Statistics => "statistics",
    }
}

impl From<SourceError> for Failure {
    fn from(error: SourceError) -> Self {
        Self::of(Exit::Usage, &error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_without_a_sample_is_no_fault() {
        let catalogue = Catalogue::embedded().unwrap();
        let one = |with_sample: bool| {
            let mut ids = catalogue.iter().map(|source| &source.source_id);
            ids.find(|id| catalogue.samples(id).next().is_some() == with_sample)
                .unwrap()
        };
        let mut checks = tried(&catalogue, one(false), None).unwrap();
        assert_eq!(checks.len(), 1);
        let check = &mut checks[0];
        assert_eq!(result(&catalogue, check), "no sample");
        check.source_id.clone_from(one(true));
        assert_eq!(result(&catalogue, check), FAILED);
        check.passed = true;
        assert_eq!(result(&catalogue, check), "passed");
    }
}
