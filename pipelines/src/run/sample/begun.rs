//! A source begun from a file: its declarations, as far as the vocabulary understands what stands there.

use std::fmt::Write;
use std::path::Path;

use super::{input, sample_references};
use crate::map::{Labels, Meaning, choose_sheet};
use crate::read::{Limits, sniff};
use crate::run::RunError;
use crate::snapshot;
use crate::source::{Catalogue, SourceKind};

/// `source.toml` and `mapping.toml` for a file, as far as the vocabulary understands it.
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
    let labels = Labels::new(generic, references.reading.vocabulary);
    let quote = |text: &str| toml::Value::String(text.to_string()).to_string();
    let table = choose_sheet(&input, &labels, &references.reading.limits).map_err(|e| {
        RunError::Reference {
            source_id: name.into(),
            file: file_name.clone(),
            cause: e.to_string(),
        }
    })?;
    let has = |field: &&str| {
        let means = |c: &crate::map::Column| matches!(&c.meaning, Meaning::Field { column, .. } if column.field == *field);
        table.frame.columns.iter().any(means)
    };
    let identity = ["beneficiary_name", "title", "start_date"];
    let identity: Vec<String> = identity.iter().copied().filter(has).map(quote).collect();
    let mut source = format!(
        "title = {}\npublisher = \"\"          # who publishes it\nlicence = \"none stated\"\nkind = \"operations\"\nfiles = [{}]\nlist_id = {}\nrendition_rank = 1\n# country = \"DE\"\n# period = \"2021-2027\"\n# fund = \"ESF+\"\n# language = \"de\"\nidentity = [{}]\n",
        quote(name),
        quote(&file_name),
        quote(name),
        identity.join(", ")
    );
    match format {
        Ok(format) => {
            let _ = writeln!(source, "\n[format]\nkind = {}", quote(format.kind.name()));
            if let Some(encoding) = format.encoding {
                let _ = writeln!(source, "encoding = {}", quote(encoding.name()));
            }
            if let Some(delimiter) = format.delimiter {
                let _ = writeln!(
                    source,
                    "delimiter = {}",
                    quote(&char::from(delimiter).to_string())
                );
            }
        }
        Err(e) => {
            let _ = writeln!(source, "\n# [format] could not be found out: {e}");
        }
    }
    let mut mapping = String::from(
        "# Only what the shared vocabulary does not say, or says wrongly.\n\n[conventions]\n",
    );
    if let Ok(mapped) = crate::map::map_file(
        &input,
        references.reading.vocabulary,
        &references.reading.limits,
    ) {
        let _ = writeln!(
            mapping,
            "numbers = {}",
            quote(&mapped.conventions.numbers.to_string())
        );
        if let Some(dates) = mapped.conventions.dates {
            let patterns: Vec<String> = dates.patterns().iter().map(|p| quote(p)).collect();
            let _ = writeln!(mapping, "dates = [{}]", patterns.join(", "));
        }
    }
    mapping += "\n[columns]\n";
    for column in &table.frame.columns {
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
                let _ = writeln!(
                    mapping,
                    "# {label} = {}   # {how:?}, needs no line",
                    quote(&column.field)
                );
            }
            Meaning::Ignored(_) => {}
        }
    }
    Ok((source, mapping))
}
