//! Reading a file and choosing the table in it.

use std::collections::BTreeSet;

use arrow::array::RecordBatch;
use arrow::compute::concat_batches;

use esf_schemas::FieldKind;

use super::frame::{Frame, Sheet, find_frame, row_text};
use super::header::{Labels, Meaning};
use super::label::Label;
use super::{FileInput, MapError};
use crate::check::{Doubt, Severity};
use crate::read::{Collected, Limits, read, sniff};

/// The table of a file.
pub struct Table {
    /// The sheet it stands in.
    pub sheet: Sheet,
    /// Where it stands there.
    pub frame: Frame,
    /// Rows of all sheets.
    pub rows_read: u64,
    /// Rows of sheets that were not chosen.
    pub other_sheets: u64,
    /// Doubts of the reader and about other sheets.
    pub findings: Vec<Doubt>,
}

/// Reads the file and takes the declared sheet, else the visible one whose header is understood best.
pub fn choose_sheet(
    file: &FileInput,
    labels: &Labels<'_>,
    limits: &Limits,
) -> Result<Table, MapError> {
    let format = match &file.source.toml.format {
        Some(format) => format.clone(),
        None => sniff(&file.bytes, &file.file_name)?,
    };
    let mut collected = Collected::default();
    read(&file.bytes, &format, limits, &mut collected)?;
    let mut findings: Vec<Doubt> = collected
        .problems
        .iter()
        .map(|p| Doubt {
            location: p.place.to_string(),
            ..Doubt::of_file(p.rule, Severity::Warning, p.message.clone())
        })
        .collect();
    let rows_read = collected.rows() as u64;
    let names: Vec<String> = collected
        .sheets
        .iter()
        .filter_map(|(info, _)| info.name.clone())
        .collect();
    let mut sheets = Vec::new();
    for (info, batches) in collected.sheets {
        let Some(first) = batches.first() else {
            continue;
        };
        let rows: RecordBatch = if batches.len() == 1 {
            first.clone()
        } else {
            concat_batches(&first.schema(), &batches)?
        };
        sheets.push(Sheet { info, rows });
    }
    if let Some(wanted) = &format.sheet
        && !names.is_empty()
    {
        // Blanks at the ends of sheet names are invisible to those who declare them.
        let is_wanted = |s: &Sheet| {
            s.info
                .name
                .as_deref()
                .is_some_and(|n| n.trim() == wanted.trim())
        };
        let others: u64 = sheets
            .iter()
            .filter(|s| !is_wanted(s))
            .map(|s| s.rows.num_rows() as u64)
            .sum();
        let Some(sheet) = sheets.into_iter().find(is_wanted) else {
            return Err(MapError::NoSheet {
                wanted: wanted.clone(),
                found: names.join(", "),
            });
        };
        let frame = find_frame(&sheet, labels).ok_or_else(|| no_header(&sheet, labels))?;
        return Ok(Table {
            sheet,
            frame,
            rows_read,
            other_sheets: others,
            findings,
        });
    }
    let mut best: Option<(usize, usize, usize)> = None;
    for (index, sheet) in sheets.iter().enumerate() {
        if let Some(frame) = find_frame(sheet, labels) {
            let score = (
                frame.fields() + if sheet.info.hidden { 0 } else { 1000 },
                sheet.rows.num_rows(),
                index,
            );
            if best.is_none_or(|b| (score.0, score.1) > (b.0, b.1)) {
                best = Some(score);
            }
        }
    }
    let Some((_, _, chosen)) = best else {
        return Err(sheets.first().map_or(
            MapError::NoHeader {
                nearest: "the file has no rows".into(),
            },
            |s| no_header(s, labels),
        ));
    };
    let sheet = sheets.swap_remove(chosen);
    let Some(frame) = find_frame(&sheet, labels) else {
        return Err(no_header(&sheet, labels));
    };
    for other in sheets
        .iter()
        .filter(|s| find_frame(s, labels).is_some_and(|f| f.fields() * 2 >= frame.fields()))
    {
        findings.push(Doubt {
            location: other.info.name.clone().unwrap_or_else(|| "another table".into()),
            ..Doubt::of_file("other_sheet", Severity::Warning, format!(
                "looks like a list too ({} rows) and is not read; declare [format].sheet if it is the right one",
                other.rows.num_rows()
            ))
        });
    }
    let other_sheets = sheets.iter().map(|s| s.rows.num_rows() as u64).sum();
    Ok(Table {
        sheet,
        frame,
        rows_read,
        other_sheets,
        findings,
    })
}

fn no_header(sheet: &Sheet, labels: &Labels<'_>) -> MapError {
    let first = (0..sheet.rows.num_rows().min(20))
        .map(|row| row_text(sheet, row))
        .find(|text| !text.is_empty());
    let hint = (0..sheet.rows.num_rows().min(20))
        .flat_map(|row| sheet.filled(row).map(|(_, text)| text).collect::<Vec<_>>())
        .find_map(|text| match labels.find(text) {
            Meaning::Unknown(Some(near)) => Some(format!("{near:?}")),
            _ => None,
        });
    let nearest = match (hint, first) {
        (Some(hint), _) => hint,
        (None, Some(_)) => "nothing known in the first 20 rows".into(),
        (None, None) => "the first 20 rows are blank".into(),
    };
    MapError::NoHeader { nearest }
}

/// A declared source understands every column, holds every column it declares, and means each amount once.
pub(super) fn check_columns(file: &FileInput, frame: &Frame) -> Result<(), MapError> {
    let generic = file.source.is_generic();
    // Field, label and stated currency of the amounts so far.
    let mut amounts: Vec<(&str, &Label, Option<&str>)> = Vec::new();
    let vocabulary = esf_schemas::Vocabulary::standard();
    for column in &frame.columns {
        match &column.meaning {
            Meaning::Unknown(nearest) if !generic && !column.label.is_empty() => {
                return Err(MapError::UnknownColumn {
                    column: crate::read::column_letters(column.index as u32 + 1),
                    label: short(&column.label),
                    hint: nearest
                        .as_ref()
                        .map(|n| format!("; the nearest known label is {n:?}"))
                        .unwrap_or_default(),
                });
            }
            Meaning::Field {
                column: mapping,
                stated_currency,
                ..
            } if vocabulary
                .field(&mapping.field)
                .is_some_and(|f| f.kind == esf_schemas::FieldKind::Amount) =>
            {
                // Two columns of one kind are told apart by their currency or by who pays.
                let currency = mapping.currency.as_deref().or(stated_currency.as_deref());
                let twin = |(field, _, other): &&(&str, &Label, Option<&str>)| {
                    *field == mapping.field && *other == currency
                };
                let first = amounts
                    .iter()
                    .find(twin)
                    .filter(|_| mapping.financing_source.is_none());
                if let Some((_, first, _)) = first {
                    return Err(MapError::TwiceMeant {
                        field: mapping.field.clone(),
                        first: short(first),
                        second: short(&column.label),
                    });
                }
                amounts.push((&mapping.field, &column.label, currency));
            }
            _ => {}
        }
    }
    if generic {
        return Ok(());
    }
    for (label, mapping) in &file.source.mapping.columns {
        let there = frame.columns.iter().any(
            |c| matches!(&c.meaning, Meaning::Field { column, .. } if column.field == mapping.field),
        );
        if !there {
            return Err(missing(
                frame,
                &mapping.field,
                format!(" (declared as {label:?})"),
            ));
        }
    }
    for field in &file.source.toml.identity {
        let there = !super::plan::columns_of(frame, field).is_empty()
            || (field.ends_with("_date") && !super::plan::columns_of(frame, "duration").is_empty());
        if !there {
            return Err(missing(frame, field, String::new()));
        }
    }
    if amounts.is_empty() {
        return Err(missing(frame, "an amount", String::new()));
    }
    for field in sample_fields(file) {
        if super::plan::columns_of(frame, &field).is_empty() {
            return Err(missing(
                frame,
                &field,
                " (the sample of the source has it)".into(),
            ));
        }
    }
    Ok(())
}

/// Amounts and dates that the source's sample has: a sound file has them too.
fn sample_fields(file: &FileInput) -> BTreeSet<String> {
    let vocabulary = esf_schemas::Vocabulary::standard();
    let labels = Labels::new(&file.source, vocabulary);
    let mut fields = BTreeSet::new();
    for sample in &file.source.samples {
        let input = FileInput {
            file_name: sample.name.clone(),
            bytes: sample.bytes.clone(),
            ..file.clone()
        };
        let Ok(table) = choose_sheet(&input, &labels, &Limits::default()) else {
            continue;
        };
        for column in &table.frame.columns {
            if let Meaning::Field {
                column: mapping, ..
            } = &column.meaning
            {
                let kind = vocabulary.field(&mapping.field).map(|f| f.kind);
                if matches!(kind, Some(FieldKind::Amount | FieldKind::Date))
                    && mapping.field != "last_update"
                {
                    fields.insert(mapping.field.clone());
                }
            }
        }
    }
    fields
}

fn missing(frame: &Frame, field: &str, label: String) -> MapError {
    let found: Vec<String> = frame
        .columns
        .iter()
        .map(|c| format!("{:?}", short(&c.label)))
        .collect();
    MapError::MissingColumn {
        field: field.into(),
        label,
        found: found.join(", "),
    }
}

fn short(label: &Label) -> String {
    let line = label.line();
    if line.chars().count() > 80 {
        line.chars().take(80).chain(['…']).collect()
    } else {
        line
    }
}
