//! From staged rows to typed fields: where the table stands, what its columns mean, how its values are written, and
//! which of its rows are data.
//!
//! Owns one file at a time: `map_file` has the steps in their order, each a module. Does not know other files, ids,
//! organisations or regions: that is `merge`. Invariants:
//! every row of the sheet is loaded, quarantined or ignored with a reason; a value that does not fit the conventions of
//! its file is null and has a finding; control totals are taken over all data rows as published.

mod again;
mod amount;
mod classify;
mod continued;
mod convention;
mod damage;
mod dated;
mod decimals;
mod delimiter;
mod error;
mod explain;
mod file;
mod frame;
mod function;
mod group;
mod header;
mod inferred;
mod label;
mod long;
mod lost;
mod midnight;
mod misfit;
mod nested;
mod other_sheet;
mod outside;
mod outside_unit;
mod part;
mod place;
pub(crate) mod plan;
mod published;
mod sheet;
mod shifted;
mod target;
#[cfg(test)]
mod tests;
mod total;
mod unit_column;

use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, Int64Array, StringBuilder};
use esf_schemas::Vocabulary;

pub(crate) use amount::CURRENCY_UNKNOWN;
pub use amount::{AmountColumn, CurrencyOf};
pub use convention::FileConventions;
pub(crate) use dated::DATES;
pub use dated::Dated;
pub use error::MapError;
pub use explain::{Explained, explain_row};
pub use file::{FileInput, Issue, Mapped};
pub use frame::{Column, Frame, Sheet};
pub use function::functions;
pub use header::{How, Labels, Meaning};
pub use label::Label;
pub(crate) use lost::{SMALL, UNREAD};
pub(crate) use outside::{days, published_in, published_in_name, with_column};
pub(crate) use outside_unit::UNCLEAR as UNIT_UNCLEAR;
pub(crate) use place::Places;
pub use plan::Step;
pub use sheet::{Table, choose_sheet};
pub(crate) use total::is_sum;

use crate::check::Account;
use crate::read::Limits;

/// Makes ready what the first file would otherwise wait for: the vocabulary and the session of the mapping plans.
pub(crate) fn warm_up() {
    Vocabulary::standard();
    std::sync::LazyLock::force(&plan::CONTEXT);
}

/// Reads and maps one file.
pub fn map_file(
    file: &FileInput,
    vocabulary: &Vocabulary,
    limits: &Limits,
) -> Result<Mapped, MapError> {
    let too_large = |what| MapError::Declared { what };
    file.source.check_patterns().map_err(too_large)?;
    let labels = Labels::new(&file.source, vocabulary);
    let source = &file.source.source_id;
    let reading = tracing::info_span!("read", source);
    let table = reading.in_scope(|| sheet::choose_sheet(file, &labels, limits))?;
    let _mapping = tracing::info_span!("map", source).entered();
    sheet::check_columns(file, &table.frame)?;
    let (sheet, frame) = (&table.sheet, &table.frame);
    let later_headers = again::later_headers(sheet, frame, &labels)?;
    let columns = amount::value_columns(frame, vocabulary);
    let conventions = FileConventions::of(&file.source, sheet, frame.data_start(), &columns)?;
    decimals::refuse_thousandths(sheet, frame, conventions.numbers)?;
    let steps = plan::steps(&file.source, sheet, frame, &conventions);
    let mut rows = plan::run(sheet, frame.data_start(), &steps)?;

    let outside = outside::Outside::new(file, sheet, frame);
    let (mut amounts, contradicted) =
        amount::amount_columns(file, sheet, frame, &conventions, &rows);
    let nulls = conventions.amount_nulls();
    let mut classes = classify::classify(sheet, frame, &rows, &amounts, &nulls, &later_headers);
    let long = long::rows(sheet, frame);
    long::refuse(sheet, frame, &classes, &long)?;
    classes.reject_long(&long);
    classes.reject(&shifted::rows(sheet, frame));
    let places = Places::new(sheet, frame);
    let mut account = Account {
        read: table.rows_read,
        ..Account::default()
    };
    account.ignore("preamble", frame.header.start as u64);
    account.ignore("header", frame.header.len() as u64);
    account.ignore("other_sheet", table.other_sheets);
    for (reason, n) in classes.ignored() {
        account.ignore(reason, n);
    }
    let mut quarantine = classes.quarantine(&places, frame);
    misfit::name_currencies(&mut quarantine, &contradicted, &places);
    lost::refuse_without_operations(&classes, rows.num_rows(), quarantine.len())?;
    account.quarantined = quarantine.len() as u64;
    let totals = amount::control_totals(&amounts, &classes, frame);
    let published = file.published.or(outside.published);
    let published_totals =
        published::published_totals(file, published, &conventions, &amounts, &classes, &places);

    let keep = classes.kept();
    let money = lost::money_unread(sheet, frame, &keep);
    lost::refuse_without_amounts(sheet, frame, &amounts, &keep, &money.doubts)?;
    let unvalued = lost::formulas_without_value(&table.formulas, &amounts, &keep, &places)?;
    let mut findings = table.findings;
    findings.extend(part::told(sheet, &totals, limits));
    findings.extend(money.doubts);
    findings.extend(inferred::inferred_findings(&conventions, frame));
    findings.extend(sheet::columns_left_out(sheet, frame));
    findings.extend(outside_unit::told(sheet, frame, &classes, &places));
    findings.extend(midnight::told(sheet, frame, &places));
    findings.extend(damage::short_rows(sheet, frame, &keep, &places));
    findings.extend(damage::encoded_twice(sheet, frame, &keep, &places));
    findings.extend(continued::places_alone(sheet, frame, &classes, &places));
    findings.extend(continued::beneficiaries_blank(sheet, frame, &keep, &places));
    let misfits = misfit::misfits(
        &file.source,
        frame,
        &conventions,
        &rows,
        &amounts,
        &keep,
        &places,
    )?;
    let currencies = misfit::currencies(&contradicted, &keep, &places);
    account.amounts_unreadable =
        misfits.amounts + currencies.len() as u64 + unvalued + money.amounts;
    findings.extend(misfits.doubts);
    findings.extend(currencies);
    findings.extend(total::told(classes.doubtful(), &amounts, &keep, &places));
    findings.extend(misfit::contradictions(&rows, &amounts, &keep, &places));
    let row_positions: Vec<usize> = (0..rows.num_rows())
        .filter(|row| keep.value(*row))
        .collect();
    rows = file::kept(rows, &keep)?;
    for amount in &mut amounts {
        *amount = amount.filter(&keep)?;
    }
    account.loaded = rows.num_rows() as u64;
    outside.fill_constants(file, &mut rows, &mut amounts)?;
    findings.extend(amount::without_currency(&amounts));
    let (rows, is_aggregate) = classify::mark_aggregates(file, rows)?;
    let summaries = plan::columns_of(frame, "summary");
    let says_its_own = |row: usize| {
        let at = frame.data_start() + row_positions[row];
        let mut columns = summaries.iter();
        columns.all(|column| sheet.published_row(at, *column) == at)
    };
    let (rows, target_certainty) = amount::planned_participants(rows, says_its_own)?;
    let contact_present = rows.column_by_name("contact_present").map_or_else(
        || Arc::new(BooleanArray::from(vec![false; rows.num_rows()])) as ArrayRef,
        Arc::clone,
    );
    let mut locations = StringBuilder::with_capacity(row_positions.len(), row_positions.len() * 24);
    for row in &row_positions {
        // Writing to a builder cannot fail.
        let _ = places.write(frame.data_start() + row, &mut locations);
        locations.append_value("");
    }
    let numbers: Int64Array = row_positions
        .iter()
        .map(|row| Some(i64::from(places.number(frame.data_start() + row))))
        .collect();
    Ok(Mapped {
        locations: Arc::new(locations.finish()),
        row_numbers: Arc::new(numbers),
        contact_present,
        is_aggregate,
        target_certainty,
        dated: dated::dated(&rows),
        rows,
        behind_amounts: lost::behind_amounts(&amounts),
        amounts,
        account,
        quarantine,
        findings,
        totals,
        published_totals,
        published,
        sheet: sheet.info.name.clone(),
        frame: table.frame,
        conventions,
    })
}
