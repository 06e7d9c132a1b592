//! Reading a file and choosing the table in it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use arrow::array::RecordBatch;
use arrow::compute::concat_batches;

use esf_schemas::FieldKind;

use super::frame::{Frame, Sheet, find_frame, row_text};
use super::header::{How, Labels, Meaning};
use super::label::Label;
use super::{FileInput, MapError, delimiter, other_sheet, outside_unit, unit_column};
use crate::check::{Doubt, Severity};
use crate::named;
use crate::read::{Collected, Limits, Place, SheetInfo};
use crate::source::ColumnMapping;
use crate::spanning;

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
    /// Cells that are formulas whose value the file does not have; of very many the first.
    pub formulas: Vec<Place>,
}

/// Of the visible sheets that are understood at least half as well as the best one, that with the most cells under known
/// labels: a summary of three rows is not the list, however well its labels are known.
fn best_sheet(sheets: &[Sheet], frames: &[Option<Frame>]) -> Option<usize> {
    let fields = |at: usize| frames[at].as_ref().map_or(0, Frame::fields);
    let tables: Vec<usize> = (0..sheets.len())
        .filter(|at| frames[*at].is_some())
        .collect();
    let shown = tables.iter().any(|at| !sheets[*at].info.hidden);
    let candidates = || {
        let of_kind = tables.iter().copied();
        of_kind.filter(move |at| !(shown && sheets[*at].info.hidden))
    };
    let most = candidates().map(fields).max()?;
    let cells = |at: usize| {
        let start = frames[at].as_ref().map_or(0, Frame::data_start);
        fields(at) * sheets[at].rows.num_rows().saturating_sub(start)
    };
    // The first of equal ones.
    candidates()
        .filter(|at| fields(*at) * 2 >= most)
        .max_by_key(|at| (cells(*at), std::cmp::Reverse(*at)))
}

/// Reads the file and takes the declared sheet, else the visible one whose header is understood best. Merged cells have
/// their value in every row, and amounts the unit that a column gives their row.
pub fn choose_sheet(
    file: &FileInput,
    labels: &Labels<'_>,
    limits: &Limits,
) -> Result<Table, MapError> {
    let mut table = find_table(file, labels, limits)?;
    let doubts = fill_merged(&mut table.sheet, &table.frame)?;
    table.findings.extend(doubts);
    let doubts = unit_column::apply(&mut table.sheet, &mut table.frame)?;
    table.findings.extend(doubts);
    table.frame.units = outside_unit::unit_labels(&table.sheet, &table.frame);
    Ok(table)
}

/// The table of a file. Text that nobody declared and in which no header is found is parted as its labels say.
fn find_table(file: &FileInput, labels: &Labels<'_>, limits: &Limits) -> Result<Table, MapError> {
    let collected = file.tables(limits)?;
    let others = if file.source.toml.format.is_none() {
        delimiter::others(&collected)
    } else {
        Vec::new()
    };
    match table_of(file, labels, limits, collected) {
        Err(error @ MapError::NoHeader { .. }) => {
            let Some(format) = delimiter::understood(file, labels, limits, others) else {
                return Err(error);
            };
            let collected = file.tables_as(Some(&format), limits)?;
            table_of(file, labels, limits, collected)
        }
        found => found,
    }
}

/// The table among those that a file was read as.
fn table_of(
    file: &FileInput,
    labels: &Labels<'_>,
    limits: &Limits,
    collected: Collected,
) -> Result<Table, MapError> {
    let declared = file.source.toml.format.as_ref();
    let mut findings: Vec<Doubt> = collected
        .problems
        .iter()
        .map(|p| Doubt {
            location: p.place.to_string(),
            column: p.place.column.and_then(|column| key_of(&collected, column)),
            ..Doubt::named(&p.rule, Severity::Warning, p.message.clone())
        })
        .collect();
    let unvalued = (collected.problems.iter()).filter(|p| p.rule == "formula_without_value");
    let formulas: Vec<Place> = unvalued.map(|p| p.place.clone()).collect();
    let rows_read = collected.rows() as u64;
    let names: Vec<String> = collected
        .sheets
        .iter()
        .filter_map(|(info, _)| info.name.clone())
        .collect();
    let mut sheets = sheets_of(collected.sheets)?;
    if let Some(wanted) = declared.and_then(|format| format.sheet.as_ref())
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
            let names: Vec<String> = names.iter().map(|name| named::short(name)).collect();
            return Err(MapError::NoSheet {
                wanted: wanted.clone(),
                found: named::first(&names, named::OF_FILE),
            });
        };
        let frame = find_frame(&sheet, labels).ok_or_else(|| no_header(&sheet, labels))?;
        let (more, doubts) = beside(file, limits, &sheet, &frame, labels)?;
        findings.extend(doubts);
        return Ok(Table {
            sheet,
            frame,
            rows_read: rows_read + more,
            other_sheets: others + more,
            findings,
            formulas,
        });
    }
    let frames: Vec<Option<Frame>> = sheets.iter().map(|s| find_frame(s, labels)).collect();
    let Some(chosen) = best_sheet(&sheets, &frames) else {
        return Err(sheets.first().map_or(
            MapError::NoHeader {
                nearest: "the file has no rows".into(),
            },
            |s| no_header(s, labels),
        ));
    };
    let mut frames = frames;
    let sheet = sheets.swap_remove(chosen);
    let Some(frame) = frames.swap_remove(chosen) else {
        return Err(no_header(&sheet, labels));
    };
    for (other, of_other) in sheets.iter().zip(&frames) {
        findings.extend(other_sheet::compare(
            &sheet,
            &frame,
            other,
            of_other.as_ref(),
        )?);
    }
    let other_sheets = sheets.iter().map(|s| s.rows.num_rows() as u64).sum();
    Ok(Table {
        sheet,
        frame,
        rows_read,
        other_sheets,
        findings,
        formulas,
    })
}

/// The sheets of a file that have rows.
fn sheets_of(collected: Vec<(SheetInfo, Vec<RecordBatch>)>) -> Result<Vec<Sheet>, MapError> {
    let mut sheets = Vec::new();
    for (info, batches) in collected {
        let Some(first) = batches.first() else {
            continue;
        };
        let rows: RecordBatch = if batches.len() == 1 {
            first.clone()
        } else {
            concat_batches(&first.schema(), &batches)?
        };
        sheets.push(Sheet::new(info, rows));
    }
    Ok(sheets)
}

/// The rows of the sheets beside the declared one, and what is to be said of them. What cannot be read there is told: it does
/// not touch the list.
fn beside(
    file: &FileInput,
    limits: &Limits,
    sheet: &Sheet,
    frame: &Frame,
    labels: &Labels<'_>,
) -> Result<(u64, Vec<Doubt>), MapError> {
    let collected = match file.other_tables(limits) {
        None => return Ok((0, Vec::new())),
        Some(Ok(collected)) => collected,
        Some(Err(error)) => {
            let message = format!(
                "the sheets beside the declared one cannot be read, and nobody knows what stands there: {error}"
            );
            let doubt = Doubt::of_file("other_sheets_unread", Severity::Warning, message);
            return Ok((0, vec![doubt]));
        }
    };
    let rows = collected.rows() as u64;
    let mut doubts = Vec::new();
    for other in sheets_of(collected.sheets)? {
        let of_other = find_frame(&other, labels);
        doubts.extend(other_sheet::compare(
            sheet,
            frame,
            &other,
            of_other.as_ref(),
        )?);
    }
    Ok((rows, doubts))
}

/// The label of a column (from 1) of a list whose format names them.
fn key_of(collected: &Collected, column: u32) -> Option<String> {
    let (info, _) = collected.sheets.first()?;
    let key = info.keys.as_ref()?.get(column.checked_sub(1)? as usize)?;
    Some(Label::new(key.clone()).shown().into_owned())
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
        (_, Some(_)) if sheet.info.width == 1 => {
            "nothing, because there is one column only: this is no table, or its cells are parted in another way".into()
        }
        (Some(hint), _) => hint,
        (None, Some(_)) => "nothing known in the first 20 rows".into(),
        (None, None) => "the first 20 rows are blank".into(),
    };
    MapError::NoHeader { nearest }
}

/// A declared source understands every column, holds every column it declares, and means each amount once.
pub(super) fn check_columns(file: &FileInput, frame: &Frame) -> Result<(), MapError> {
    let generic = file.source.is_generic();
    // Mapping, label and stated currency of the amounts so far.
    let mut amounts: Vec<(&ColumnMapping, &Label, Option<&str>)> = Vec::new();
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
                how,
                ..
            } if vocabulary
                .field(&mapping.field)
                .is_some_and(|f| f.kind == esf_schemas::FieldKind::Amount) =>
            {
                // Two columns of one kind are told apart by their currency or by who pays.
                let currency = mapping.currency.as_deref().or(stated_currency.as_deref());
                let payer = &mapping.financing_source;
                // Beside what all pay stands what one of them pays, unless somebody declared that it does not.
                let is_parted = |other: &ColumnMapping| {
                    payer.is_some()
                        && (*how == How::Declared
                            || (other.financing_source.is_some()
                                && other.financing_source != *payer))
                };
                let twin = |(other, _, stated): &&(&ColumnMapping, &Label, Option<&str>)| {
                    other.field == mapping.field && *stated == currency && !is_parted(other)
                };
                if let Some((_, first, _)) = amounts.iter().find(twin) {
                    return Err(MapError::TwiceMeant {
                        field: mapping.field.clone(),
                        first: short(first),
                        second: short(&column.label),
                    });
                }
                amounts.push((mapping, &column.label, currency));
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
            content: sample.bytes.clone().into(),
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
        found: named::first(&found, named::OF_FILE),
    }
}

/// A label on one line, cut for messages.
pub(super) fn short(label: &Label) -> String {
    let line = label.line();
    if line.chars().count() > 80 {
        line.chars().take(80).chain(['…']).collect()
    } else {
        line
    }
}

/// Fields that are read from one column only.
const SINGLE: [FieldKind; 3] = [FieldKind::Date, FieldKind::Rate, FieldKind::Period];

/// Columns of values that are understood and still not read, and cells under no label at all.
pub(super) fn columns_left_out(sheet: &Sheet, frame: &Frame) -> Vec<Doubt> {
    let vocabulary = esf_schemas::Vocabulary::standard();
    let mut first: BTreeMap<&str, String> = BTreeMap::new();
    let mut doubts = Vec::new();
    for column in &frame.columns {
        let of = |rule: &str, message: String| Doubt {
            location: column.place(),
            column: Some(column.label.shown().into_owned()),
            ..Doubt::named(rule, Severity::Warning, message)
        };
        match &column.meaning {
            Meaning::Field {
                column: mapping, ..
            } => {
                let kind = vocabulary.field(&mapping.field).map(|f| f.kind);
                if !kind.is_some_and(|kind| SINGLE.contains(&kind)) {
                    continue;
                }
                let read_apart = |field: &str| !super::plan::columns_of(frame, field).is_empty();
                if mapping.field == "duration" && read_apart("start_date") && read_apart("end_date")
                {
                    doubts.push(of(
                        "field_twice",
                        "is not read, because the first and the last day have columns of their own"
                            .into(),
                    ));
                    continue;
                }
                if let Some(other) = first.get(mapping.field.as_str()) {
                    doubts.push(of(
                        "field_twice",
                        format!(
                            "means {} as {other:?} does, and only that is read; say under [columns] or [ignore] in mapping.toml which is which",
                            mapping.field
                        ),
                    ));
                } else {
                    first.insert(&mapping.field, column.label.shown().into_owned());
                }
            }
            Meaning::Unknown(_) if column.label.is_empty() => {
                let rows = frame.data_start()..sheet.rows.num_rows();
                let n = rows
                    .filter(|row| sheet.cell(*row, column.index).is_some())
                    .count();
                doubts.push(of(
                    "cells_without_label",
                    format!(
                        "{n} rows have a cell in column {}, which has no label; a value that holds the delimiter without quotes moves what follows it",
                        crate::read::column_letters(column.index as u32 + 1)
                    ),
                ));
            }
            _ => {}
        }
    }
    doubts
}

/// Gives every row of a merged cell its value where it holds for each of them; an amount for several rows is left to the
/// first.
fn fill_merged(sheet: &mut Sheet, frame: &Frame) -> Result<Vec<Doubt>, MapError> {
    let mut doubts = Vec::new();
    let numbers = sheet.rows.column_by_name("row").map(|c| {
        let numbers = c.as_any().downcast_ref::<arrow::array::UInt32Array>();
        numbers.map_or_else(Vec::new, |n| n.values().to_vec())
    });
    let numbers = numbers.unwrap_or_default();
    // A sheet may claim any number of merged cells, so each is looked at once.
    let mut by_column: HashMap<u32, Vec<(u32, u32)>> = HashMap::new();
    for merged in &sheet.info.merged {
        if merged.first_column == merged.last_column && merged.last_row > merged.first_row {
            let rows = (merged.first_row, merged.last_row);
            by_column.entry(merged.first_column).or_default().push(rows);
        }
    }
    for (column, mapping) in frame.mapped() {
        let Some(ranges) = by_column.get(&(column.index as u32 + 1)) else {
            continue;
        };
        // Rows of the data that each range covers; a row that is not there has no cell to fill.
        let covered: Vec<(usize, usize)> = ranges
            .iter()
            .map(|(first, last)| {
                (
                    numbers
                        .partition_point(|n| n < first)
                        .max(frame.data_start()),
                    numbers.partition_point(|n| n <= last),
                )
            })
            .filter(|(first, end)| end.saturating_sub(*first) > 1)
            .collect();
        if covered.is_empty() {
            continue;
        }
        if !spanning::holds_for_each(&mapping.field) {
            doubts.push(Doubt {
                location: column.place(),
                column: Some(column.label.shown().into_owned()),
                ..Doubt::named(
                    spanning::RULE,
                    Severity::Warning,
                    spanning::told(covered.len()),
                )
            });
            continue;
        }
        sheet.fill(column.index, &covered)?;
    }
    Ok(doubts)
}
