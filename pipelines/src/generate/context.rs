//! What synthetic operations stand in: regions, statistics of the labour market, exchange rates, programmes, and the
//! recipe itself as the file that all of it comes from.

use arrow::array::RecordBatch;
use jiff::civil::date;

use super::cell::{FIRST_YEAR, LAST_YEAR};
use super::operation::{FUNDS, PERIODS, day_number};
use super::random::{Purpose, Random};
use super::region::{Regions, VERSION, codes};
use super::rows::{Columns, days, decimal, int, optional, programme_id, rows, text};
use super::{LIST_ID, Origin, Recipe};
use crate::merge::rows::{RowsError, same, table_rows};

/// Kronor for one euro by year, near what they were.
const KRONOR: [f64; 21] = [
    9.25, 9.62, 10.62, 9.54, 9.03, 8.70, 8.65, 9.10, 9.35, 9.47, 9.63, 10.26, 10.59, 10.48, 10.15,
    10.63, 11.48, 11.43, 11.10, 11.00, 11.00,
];

/// The statistics of a region and year.
const STATISTICS: [&str; 3] = ["long_term_unemployed", "population", "unemployed"];

fn numbers(n: usize) -> Vec<i64> {
    (1..=n as i64).collect()
}

/// Rows of `region`: countries and NUTS 1 to 3.
pub(super) fn regions(origin: &Origin) -> Result<RecordBatch, RowsError> {
    let prefixes = codes()
        .iter()
        .flat_map(|code| (2..=code.len()).map(|n| code[..n].to_owned()));
    let mut all: Vec<String> = prefixes.collect();
    all.sort();
    all.dedup();
    let parent = |code: &String| (code.len() > 2).then(|| code[..code.len() - 1].to_owned());
    let n = all.len();
    let columns: Columns = vec![
        ("nuts_code", text(&all)),
        ("nuts_version", same(Some(VERSION), n)),
        ("level", int(all.iter().map(|code| code.len() as i64 - 2))),
        (
            "name",
            text(all.iter().map(|code| format!("Region {code} (synthetic)"))),
        ),
        ("parent_nuts_code", optional(all.iter().map(parent))),
        ("country", text(all.iter().map(|code| &code[..2]))),
        ("basis", same(Some("published"), n)),
    ];
    rows("region", origin, numbers(n), columns)
}

/// Rows of `region_statistic`: unemployed, long-term unemployed and inhabitants of each NUTS 3 region and year.
pub(super) fn statistics(
    origin: &Origin,
    recipe: &Recipe,
    regions: &Regions,
) -> Result<RecordBatch, RowsError> {
    let mut random = Random::new(recipe.seed, Purpose::Region as u64, 1);
    let mut values: Vec<(&str, &str, i16, i128)> = Vec::new();
    for (code, base) in codes().iter().zip(&regions.unemployed) {
        for year in FIRST_YEAR..=LAST_YEAR {
            let unemployed = (base * random.between(0.7, 1.3)).floor();
            let long_term = (unemployed * random.between(0.25, 0.5)).floor();
            let population = (unemployed * random.between(20.0, 40.0)).floor();
            let of_year = [long_term, population, unemployed];
            values.extend(
                STATISTICS
                    .iter()
                    .zip(of_year)
                    .map(|(s, v)| (*s, code.as_str(), year, v as i128)),
            );
        }
    }
    let n = values.len();
    let columns: Columns = vec![
        ("statistic", text(values.iter().map(|v| v.0))),
        ("nuts_code", text(values.iter().map(|v| v.1))),
        ("nuts_version", same(Some(VERSION), n)),
        ("region_code", text(values.iter().map(|v| v.1))),
        ("population_group", same(Some("total"), n)),
        (
            "period_start",
            days(values.iter().map(|v| day_number(date(v.2, 1, 1)))),
        ),
        (
            "period_end",
            days(values.iter().map(|v| day_number(date(v.2, 12, 31)))),
        ),
        ("sex", same(Some("total"), n)),
        ("age_group", same(Some("total"), n)),
        (
            "value",
            decimal(values.iter().map(|v| v.3 * 1_000_000), 18, 6)?,
        ),
        ("value_status", same(Some("ok"), n)),
        ("unit", same(Some("persons"), n)),
    ];
    rows("region_statistic", origin, numbers(n), columns)
}

/// Rows of `exchange_rate`: kronor for the euro on the first of each month.
pub(super) fn rates(origin: &Origin) -> Result<RecordBatch, RowsError> {
    let months = (FIRST_YEAR..=LAST_YEAR)
        .zip(KRONOR)
        .flat_map(|(year, rate)| {
            // Up and down a little within the year, so that a mean is more than one value.
            (1_i8..=12).map(move |month| {
                let millionths =
                    (rate * 1e6).round() as i128 + (i128::from(month) * 2 - 13) * 1_000;
                (day_number(date(year, month, 1)), millionths)
            })
        });
    let all: Vec<(i32, i128)> = months.collect();
    let n = all.len();
    let columns: Columns = vec![
        ("currency", same(Some("SEK"), n)),
        ("rate_date", days(all.iter().map(|rate| rate.0))),
        ("rate", decimal(all.iter().map(|rate| rate.1), 18, 6)?),
    ];
    rows("exchange_rate", origin, numbers(n), columns)
}

/// Rows of `programme`: one for each country, fund and period that operations have.
pub(super) fn programmes(origin: &Origin) -> Result<RecordBatch, RowsError> {
    let mut all = Vec::new();
    for country in ["DE", "SE"] {
        for (period, ..) in PERIODS {
            let funds = FUNDS.iter().filter(|fund| match **fund {
                "ESF" => period != "2021-2027",
                "ERDF" => true,
                _ => period == "2021-2027",
            });
            all.extend(funds.map(|fund| (country, *fund, period)));
        }
    }
    let columns: Columns = vec![
        (
            "programme_id",
            text(all.iter().map(|(c, f, p)| programme_id(c, f, p))),
        ),
        (
            "name",
            text(
                all.iter()
                    .map(|(c, f, p)| format!("Synthetic programme {f} {c} {p}")),
            ),
        ),
        ("fund", text(all.iter().map(|p| p.1))),
        ("period", text(all.iter().map(|p| p.2))),
        ("country", text(all.iter().map(|p| p.0))),
    ];
    rows("programme", origin, numbers(all.len()), columns)
}

/// The row of `source_file` that says what was made, and of what.
pub(super) fn source_file(
    origin: &Origin,
    recipe: &Recipe,
    bytes: usize,
) -> Result<RecordBatch, RowsError> {
    let count = |n: u64| int([n as i64]);
    let rows = recipe.operations + recipe.participations;
    let columns: Columns = vec![
        ("list_id", same(Some(LIST_ID), 1)),
        ("file_name", same(Some("recipe.json"), 1)),
        ("bytes", count(bytes as u64)),
        ("rows_read", count(rows)),
        ("rows_loaded", count(rows)),
        ("rows_quarantined", count(0)),
        ("rows_ignored", count(0)),
        (
            "publisher",
            same(Some("synthetic: made by esf generate"), 1),
        ),
        ("source_id", same(Some(origin.source_id), 1)),
        ("source_file", same(Some(&origin.source_file), 1)),
        ("source_location", same(Some("recipe"), 1)),
    ];
    table_rows("source_file", 1, columns)
}
