//! Rows of the core tables from synthetic operations and cells, in batches.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, Date32Array, Decimal128Array, Int64Array, RecordBatch, StringArray, StringBuilder,
};
use arrow::error::ArrowError;

use super::cell::{self, AGES, Cell, EDUCATIONS, INDICATORS, SEXES, STATUSES};
use super::operation::{FUNDS, Operation, PERIODS, day_number, organisation_id};
use super::region::{self, codes, is_swedish};
use super::{LIST_ID, Origin};
use crate::merge::rows::{RowsError, same, same_bool, table_rows};

/// Rows of a batch of cells.
const ROWS: usize = 8 * 1024;

/// Named columns.
pub(super) type Columns = Vec<(&'static str, ArrayRef)>;

/// A batch of a table: the columns and where they come from.
pub(super) fn rows(
    table: &str,
    origin: &Origin,
    numbers: Vec<i64>,
    mut columns: Columns,
) -> Result<RecordBatch, RowsError> {
    let n = numbers.len();
    columns.extend([
        ("source_id", same(Some(origin.source_id), n)),
        ("source_file", same(Some(&origin.source_file), n)),
        ("source_location", same(Some("recipe"), n)),
        (
            "source_row",
            Arc::new(Int64Array::from(numbers)) as ArrayRef,
        ),
    ]);
    table_rows(table, n, columns)
}

/// A column of texts.
pub(super) fn text<T: AsRef<str>>(values: impl IntoIterator<Item = T>) -> ArrayRef {
    Arc::new(StringArray::from_iter_values(values))
}

/// A column of decimals from their digits.
pub(super) fn decimal(
    digits: impl IntoIterator<Item = i128>,
    precision: u8,
    scale: i8,
) -> Result<ArrayRef, RowsError> {
    let values = Decimal128Array::from_iter_values(digits);
    let values = values.with_precision_and_scale(precision, scale);
    Ok(Arc::new(values.map_err(refused)?))
}

fn refused(cause: ArrowError) -> RowsError {
    RowsError::Arrow {
        table: "synthetic".to_owned(),
        cause,
    }
}

/// ISO code of the country of a region.
fn country(region: u16) -> &'static str {
    if is_swedish(region) { "SE" } else { "DE" }
}

/// Id of the programme of an operation.
pub(super) fn programme_id(country: &str, fund: &str, period: &str) -> String {
    format!("synthetic-{country}-{fund}-{period}")
}

/// Rows of `operation`.
pub(super) fn operations(origin: &Origin, all: &[Operation]) -> Result<RecordBatch, RowsError> {
    let n = all.len();
    let programmes = all
        .iter()
        .map(|o| programme_id(country(o.region), FUNDS[o.fund], PERIODS[o.period].0));
    let columns: Columns = vec![
        ("operation_id", text(all.iter().map(Operation::id))),
        ("id_basis", same(Some("natural_id"), n)),
        ("list_id", same(Some(LIST_ID), n)),
        ("natural_id", text(all.iter().map(|o| o.number.to_string()))),
        ("title", text(all.iter().map(Operation::title))),
        ("fund", text(all.iter().map(|o| FUNDS[o.fund]))),
        ("period", text(all.iter().map(|o| PERIODS[o.period].0))),
        ("programme_id", text(programmes)),
        ("country", text(all.iter().map(|o| country(o.region)))),
        (
            "nuts_code",
            text(all.iter().map(|o| &codes()[usize::from(o.region)])),
        ),
        (
            "start_date",
            Arc::new(Date32Array::from_iter_values(all.iter().map(|o| o.start))),
        ),
        ("start_precision", same(Some("day"), n)),
        (
            "end_date",
            Arc::new(Date32Array::from_iter_values(all.iter().map(|o| o.end))),
        ),
        ("end_precision", same(Some("day"), n)),
        (
            "union_rate",
            decimal(all.iter().map(|o| i128::from(o.rate) * 100), 9, 6)?,
        ),
        (
            "intervention_code",
            text(all.iter().map(|o| o.intervention.to_string())),
        ),
        ("intervention_list", same(Some("ESF_2014_20"), n)),
        ("is_aggregate", same_bool(false, n)),
        ("contact_present", same_bool(false, n)),
    ];
    rows("operation", origin, numbers(all), columns)
}

fn numbers(all: &[Operation]) -> Vec<i64> {
    all.iter().map(|o| o.number as i64).collect()
}

/// Rows of `operation_amount`: three amounts for each operation, in the order of their kinds.
pub(super) fn amounts(origin: &Origin, all: &[Operation]) -> Result<RecordBatch, RowsError> {
    let n = all.len() * 3;
    let cents = all.iter().flat_map(|o| [o.union, o.granted, o.total]);
    let currency = |o: &Operation| if is_swedish(o.region) { "SEK" } else { "EUR" };
    let columns: Columns = vec![
        (
            "operation_id",
            text(all.iter().flat_map(|o| thrice(o.id()))),
        ),
        (
            "amount_kind",
            text(all.iter().flat_map(|_| ["eu", "granted", "total_eligible"])),
        ),
        (
            "financing_source",
            text(all.iter().flat_map(|_| ["eu", "mixed", "mixed"])),
        ),
        ("amount", decimal(cents.map(i128::from), 18, 2)?),
        (
            "currency",
            text(all.iter().flat_map(|o| thrice(currency(o)))),
        ),
        ("currency_certainty", same(Some("stated"), n)),
        ("derived", same_bool(false, n)),
    ];
    rows(
        "operation_amount",
        origin,
        all.iter().flat_map(|o| thrice(o.number as i64)).collect(),
        columns,
    )
}

fn thrice<T: Clone>(value: T) -> [T; 3] {
    [value.clone(), value.clone(), value]
}

/// Rows of `operation_region`: the place of implementation of each operation.
pub(super) fn regions(origin: &Origin, all: &[Operation]) -> Result<RecordBatch, RowsError> {
    let n = all.len();
    let postcode = |o: &Operation| {
        format!(
            "{:05}",
            ((u64::from(o.region) * 20 + o.postcode) * 11 + 1000) % 100_000
        )
    };
    let columns: Columns = vec![
        ("operation_id", text(all.iter().map(Operation::id))),
        ("role", same(Some("implementation"), n)),
        (
            "nuts_code",
            text(all.iter().map(|o| &codes()[usize::from(o.region)])),
        ),
        ("nuts_version", same(Some(region::VERSION), n)),
        ("place", text(all.iter().map(postcode))),
        ("weight", decimal(all.iter().map(|_| 100_000_000), 9, 8)?),
        ("method", same(Some("stated code"), n)),
    ];
    rows("operation_region", origin, numbers(all), columns)
}

/// Rows of `operation_organisation`: the beneficiary of each operation.
pub(super) fn roles(origin: &Origin, all: &[Operation]) -> Result<RecordBatch, RowsError> {
    let n = all.len();
    let columns: Columns = vec![
        ("operation_id", text(all.iter().map(Operation::id))),
        (
            "organisation_id",
            text(all.iter().map(|o| organisation_id(o.organisation))),
        ),
        ("role", same(Some("beneficiary"), n)),
        ("certainty", same(Some("stated"), n)),
    ];
    rows("operation_organisation", origin, numbers(all), columns)
}

/// Rows of `organisation`, by their numbers.
pub(super) fn organisations(
    origin: &Origin,
    all: std::ops::Range<u64>,
) -> Result<RecordBatch, RowsError> {
    let n = all.clone().count();
    let columns: Columns = vec![
        ("organisation_id", text(all.clone().map(organisation_id))),
        (
            "name",
            text(
                all.clone()
                    .map(|i| format!("Synthetische Organisation {i}")),
            ),
        ),
        ("kind", same(Some("company"), n)),
        ("natural_person", same_bool(false, n)),
    ];
    rows(
        "organisation",
        origin,
        all.map(|i| i as i64).collect(),
        columns,
    )
}

/// Collects the cells of one indicator into batches of `participation`.
#[derive(Debug)]
pub(super) struct CellRows<'a> {
    origin: &'a Origin,
    /// Columns that are the same in every row.
    constant: Columns,
    operation_id: StringBuilder,
    nuts_code: StringBuilder,
    numbers: Vec<i64>,
    cells: Vec<Cell>,
    days: Vec<(i32, i32)>,
}

impl<'a> CellRows<'a> {
    pub(super) fn new(origin: &'a Origin, indicator: usize) -> Self {
        let same = |text| same(Some(text), ROWS);
        let days = (0..cell::quarters()).map(cell::quarter);
        Self {
            origin,
            constant: vec![
                ("indicator_code", same(INDICATORS[indicator].0)),
                ("indicator_list", same(LIST_ID)),
                ("is_total", same_bool(false, ROWS)),
                ("unit_of_count", same("persons")),
                ("estimation", same("full count")),
            ],
            operation_id: StringBuilder::new(),
            nuts_code: StringBuilder::new(),
            numbers: Vec::with_capacity(ROWS),
            cells: Vec::with_capacity(ROWS),
            days: days
                .map(|(first, last)| (day_number(first), day_number(last)))
                .collect(),
        }
    }

    /// Adds a cell; gives a batch when there are enough for one.
    pub(super) fn push(
        &mut self,
        id: &str,
        region: u16,
        number: u64,
        cell: Cell,
    ) -> Result<Option<RecordBatch>, RowsError> {
        self.operation_id.append_value(id);
        self.nuts_code.append_value(&codes()[usize::from(region)]);
        self.numbers.push(number as i64);
        self.cells.push(cell);
        if self.cells.len() == ROWS {
            self.batch().map(Some)
        } else {
            Ok(None)
        }
    }

    /// What there is.
    pub(super) fn batch(&mut self) -> Result<RecordBatch, RowsError> {
        let cells = std::mem::take(&mut self.cells);
        let n = cells.len();
        let day = |side: fn(&(i32, i32)) -> i32| {
            let of = |cell: &Cell| side(&self.days[cell.quarter as usize]);
            Arc::new(Date32Array::from_iter_values(cells.iter().map(of))) as ArrayRef
        };
        let named = |values: &[(&'static str, f64)], place: fn(&Cell) -> u8| {
            text(cells.iter().map(|cell| values[usize::from(place(cell))].0))
        };
        let mut columns: Columns = vec![
            (
                "operation_id",
                Arc::new(self.operation_id.finish()) as ArrayRef,
            ),
            ("nuts_code", Arc::new(self.nuts_code.finish())),
            ("period_start", day(|days| days.0)),
            ("period_end", day(|days| days.1)),
            ("sex", named(&SEXES, |cell| cell.sex)),
            ("age_group", named(&AGES, |cell| cell.age)),
            ("education", named(&EDUCATIONS, |cell| cell.education)),
            ("labour_status", named(&STATUSES, |cell| cell.status)),
            (
                "n",
                Arc::new(Int64Array::from_iter_values(
                    cells.iter().map(|cell| cell.n),
                )),
            ),
        ];
        columns.extend(
            self.constant
                .iter()
                .map(|(name, same)| (*name, same.slice(0, n))),
        );
        let batch = rows(
            "participation",
            self.origin,
            std::mem::take(&mut self.numbers),
            columns,
        );
        self.cells = cells;
        self.cells.clear();
        batch
    }
}

/// A column of whole numbers.
pub(super) fn int(values: impl IntoIterator<Item = i64>) -> ArrayRef {
    Arc::new(Int64Array::from_iter_values(values))
}

/// A column of days.
pub(super) fn days(values: impl IntoIterator<Item = i32>) -> ArrayRef {
    Arc::new(Date32Array::from_iter_values(values))
}

/// A column of texts that may be unknown.
pub(super) fn optional(values: impl IntoIterator<Item = Option<String>>) -> ArrayRef {
    Arc::new(values.into_iter().collect::<StringArray>())
}
