//! A source begun from a file: its declarations, as far as the vocabulary understands what stands there.

use std::fmt::Write;
use std::path::Path;

use super::{input, sample_references};
use crate::map::{Column, FileConventions, Frame, Labels, Meaning, choose_sheet, map_file};
use crate::read::{Format, Limits, ReadError, sniff};
use crate::run::RunError;
use crate::snapshot;
use crate::source::{Catalogue, SourceKind};

/// `source.toml` and `mapping.toml` for a file, as far as the vocabulary understands it. Fails for a file that cannot be read, or
/// in which no table is found.
pub fn new_source(
    catalogue: &Catalogue,
    file: &Path,
    name: &str,
    limits: &Limits,
) -> Result<(String, String), RunError> {
    let bytes = snapshot::read_path(file)?;
    let file_name = file
        .file_name()
        .map(|n| n.to_string_lossy().into_owned())
        .unwrap_or_default();
    let generic = catalogue
        .iter()
        .find(|s| s.is_generic() && s.toml.kind == SourceKind::Operations);
    let Some(generic) = generic else {
        return Err(RunError::NeedsName {
            file: file_name,
            source_id: "none".into(),
        });
    };
    let format = sniff(&bytes, &file_name);
    let input = input(generic, &file_name, bytes);
    let references = sample_references(catalogue, limits)?;
    let reading = &references.reading;
    let labels = Labels::new(generic, reading.vocabulary);
    let table =
        choose_sheet(&input, &labels, &reading.limits).map_err(|e| RunError::Reference {
            source_id: name.into(),
            file: file_name.clone(),
            cause: e.to_string(),
        })?;
    // A text may be parted in another way than it seemed before its labels were known.
    let format = table.sheet.info.format.clone().map_or(format, Ok);
    let mapped = map_file(&input, reading.vocabulary, &reading.limits);
    let conventions = mapped.ok().map(|mapped| mapped.conventions);
    Ok((
        source_toml(name, &file_name, format, &table.frame),
        mapping_toml(conventions, &table.frame),
    ))
}

/// `source.toml` for a file with this table; what nobody can know from a file is left open.
fn source_toml(
    name: &str,
    file_name: &str,
    format: Result<Format, ReadError>,
    frame: &Frame,
) -> String {
    let has = |field: &&str| {
        let means = |c: &Column| matches!(&c.meaning, Meaning::Field { column, .. } if column.field == *field);
        frame.columns.iter().any(means)
    };
    let identity = ["beneficiary_name", "title", "start_date"];
    let identity: Vec<String> = identity.iter().copied().filter(has).map(quote).collect();
    let mut source = format!(
        "title = {}\npublisher = \"\"          # who publishes it\nlicence = \"none stated\"\nkind = \"operations\"\nfiles = [{}]\nlist_id = {}\nrendition_rank = 1\n# country = \"DE\"\n# period = \"2021-2027\"\n# fund = \"ESF+\"\n# language = \"de\"\nidentity = [{}]\n",
        quote(name),
        quote(file_name),
        quote(name),
        identity.join(", ")
    );
    // Writing to a string cannot fail, here and below.
    match format {
        Ok(format) => {
            let _ = writeln!(source, "\n[format]\nkind = {}", quote(format.kind.name()));
            if let Some(encoding) = format.encoding {
                let _ = writeln!(source, "encoding = {}", quote(encoding.name()));
            }
            if let Some(delimiter) = format.delimiter {
                let delimiter = char::from(delimiter).to_string();
                let _ = writeln!(source, "delimiter = {}", quote(&delimiter));
            }
        }
        Err(e) => {
            let _ = writeln!(source, "\n# [format] could not be found out: {e}");
        }
    }
    source
}

/// `mapping.toml` for a file with this table, with a line for each column of which somebody could say something.
fn mapping_toml(conventions: Option<FileConventions>, frame: &Frame) -> String {
    let mut mapping = String::from(
        "# Only what the shared vocabulary does not say, or says wrongly.\n\n[conventions]\n",
    );
    if let Some(conventions) = conventions {
        let numbers = conventions.numbers.to_string();
        let _ = writeln!(mapping, "numbers = {}", quote(&numbers));
        if let Some(dates) = conventions.dates {
            let patterns: Vec<String> = dates.patterns().iter().map(|p| quote(p)).collect();
            let _ = writeln!(mapping, "dates = [{}]", patterns.join(", "));
        }
    }
    mapping += "\n[columns]\n";
    for column in &frame.columns {
        // One line, whatever line breaks and marks the published label has.
        let label = quote(&column.label.line()).replace('\n', " ");
        match &column.meaning {
            Meaning::Unknown(nearest) => {
                let hint = nearest
                    .as_ref()
                    .map(|n| format!("   # nearest known label: {n}"))
                    .unwrap_or_default();
                let _ = writeln!(mapping, "# {label} = \"\"{hint}");
            }
            Meaning::Field { column, how, .. } => {
                let field = quote(&column.field);
                let _ = writeln!(mapping, "# {label} = {field}   # {how:?}, needs no line");
            }
            Meaning::Ignored(_) => {}
        }
    }
    mapping
}

/// A text as TOML writes it.
fn quote(text: &str) -> String {
    toml::Value::String(text.to_string()).to_string()
}
