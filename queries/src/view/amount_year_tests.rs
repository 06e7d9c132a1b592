//! `amount_year` against a plain restatement of what it says, over made-up amounts and dates.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::iter::repeat_n;

use datafusion::arrow::array::{Array, AsArray};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Int64Type};
use datafusion::error::Result;

use super::register_named;
use crate::testing::session;

/// Days from the first of January 1970 to that of 2000, from which days are counted here.
const BEFORE_2000: i64 = 10_957;

/// An operation with one amount.
#[derive(Debug)]
struct Made {
    start: Option<i64>,
    end: Option<i64>,
    amount_date: Option<i64>,
    cents: i64,
}

/// Year, days and cents of a row of the view.
type Row = (Option<i64>, i64, i64);

/// The year of each day, by going through the calendar.
fn calendar() -> Vec<i64> {
    let days = |year: i64| if year % 4 == 0 { 366 } else { 365 };
    (2000..2100)
        .flat_map(|year| repeat_n(year, days(year)))
        .collect()
}

/// How the years of an operation are found, and its rows.
fn expected(made: &Made, calendar: &[i64]) -> (&'static str, Vec<Row>) {
    let undivided = vec![(None, 1, made.cents)];
    let (first, last, method) = match (made.start, made.end, made.amount_date) {
        (Some(start), Some(end), _) if start <= end => (start, end, "days"),
        (_, _, Some(day)) => (day, day, "year of the amount"),
        (Some(_), Some(_), None) => return ("the operation ends before it begins", undivided),
        _ => return ("no dates", undivided),
    };
    let mut years: BTreeMap<i64, i64> = BTreeMap::new();
    for year in &calendar[first as usize..=last as usize] {
        *years.entry(*year).or_default() += 1;
    }
    if calendar[last as usize] - calendar[first as usize] > 40 {
        return (method, undivided);
    }
    // Whole cents first, then one each by the largest remainder, of equal ones to the first year.
    let (size, length) = (i128::from(made.cents.abs()), i128::from(last - first + 1));
    let share = |days: &i64| size * i128::from(*days);
    let mut order: Vec<i64> = years.keys().copied().collect();
    order.sort_by_key(|year| (Reverse(share(&years[year]) % length), *year));
    let whole: i128 = years.values().map(|days| share(days) / length).sum();
    let with_a_cent: BTreeSet<i64> = order.into_iter().take((size - whole) as usize).collect();
    let rows = years.iter().map(|(year, days)| {
        let part = share(days) / length + i128::from(with_a_cent.contains(year));
        (Some(*year), *days, part as i64 * made.cents.signum())
    });
    (method, rows.collect())
}

/// Operations of a day, of two, around the turn of a year, of 40 years and more, without dates and with wrong ones; with
/// amounts of fewer cents than years, and below 0.
fn made(calendar: &[i64]) -> Vec<Made> {
    let mut state = 1_u64;
    let mut next = move |below: i64| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as i64 % below
    };
    (0..600)
        .map(|_| {
            let start = if next(3) == 0 {
                let year = 2001 + next(40);
                calendar.partition_point(|of_day| *of_day < year) as i64 - next(2)
            } else {
                100 + next(15_000)
            };
            let end = start
                + match next(8) {
                    0 => 0,
                    1 => 1,
                    2 => next(400),
                    3 => 14_500 + next(500),
                    4 => 16_000,
                    5 => -1 - next(50),
                    _ => next(3000),
                };
            let cents = match next(4) {
                0 => next(9) - 4,
                1 => -next(10_000_000),
                2 => next(1 << 31) * next(100_000),
                _ => next(10_000_000),
            };
            Made {
                start: (next(10) > 0).then_some(start),
                end: (next(10) > 0).then_some(end),
                amount_date: (next(2) > 0).then_some(100 + next(15_000)),
                cents,
            }
        })
        .collect()
}

/// What the view has of each operation, by its place among them: how its years were found, and its rows.
async fn found(made: &[Made]) -> Result<BTreeMap<i64, (String, Vec<Row>)>> {
    let day = |day: Option<i64>| {
        let day = day.map_or("NULL".to_owned(), |day| (BEFORE_2000 + day).to_string());
        format!("CAST(CAST({day} AS INT) AS DATE)")
    };
    let (mut operations, mut amounts) = (Vec::new(), Vec::new());
    for (place, made) in made.iter().enumerate() {
        operations.push(format!(
            "('made {place}', false, 'DE', 'l1', {}, {})",
            day(made.start),
            day(made.end)
        ));
        let sign = if made.cents < 0 { "-" } else { "" };
        let (whole, cents) = (made.cents.abs() / 100, made.cents.abs() % 100);
        amounts.push(format!(
            "('made {place}', 'paid', 'eu', CAST('{sign}{whole}.{cents:02}' AS DECIMAL(18, 2)), 'EUR', false, {})",
            day(made.amount_date)
        ));
    }
    let question =
        "SELECT CAST(substr(operation_id, 6) AS BIGINT), year, days, CAST(amount * 100 AS BIGINT), year_method
        FROM amount_year WHERE operation_id LIKE 'made %' ORDER BY 1, 2";
    let ctx = session().await?;
    for sql in [
        format!(
            "INSERT INTO operation (operation_id, is_aggregate, country, list_id, start_date, end_date) VALUES {}",
            operations.join(", ")
        ),
        format!("INSERT INTO operation_amount VALUES {}", amounts.join(", ")),
    ] {
        ctx.sql(&sql).await?.collect().await?;
    }
    register_named(&ctx, question).await?;
    let mut found: BTreeMap<i64, (String, Vec<Row>)> = BTreeMap::new();
    for batch in ctx.sql(question).await?.collect().await? {
        let numbers = |place: usize| batch.column(place).as_primitive::<Int64Type>().clone();
        let (operation, year, days, cents) = (numbers(0), numbers(1), numbers(2), numbers(3));
        let methods = cast(batch.column(4), &DataType::Utf8)?;
        for row in 0..batch.num_rows() {
            let method = methods.as_string::<i32>().value(row).to_owned();
            let rows = found.entry(operation.value(row)).or_default();
            rows.0 = method;
            let year = year.is_valid(row).then(|| year.value(row));
            rows.1.push((year, days.value(row), cents.value(row)));
        }
    }
    Ok(found)
}

#[tokio::test]
async fn amounts_are_spread_over_years_as_the_view_says() -> Result<()> {
    let calendar = calendar();
    let made = made(&calendar);
    let found = found(&made).await?;
    assert_eq!(found.len(), made.len());
    let mut methods: BTreeMap<&str, usize> = BTreeMap::new();
    let (mut too_long, mut fewer_cents) = (0, 0);
    for ((place, (method, rows)), made) in found.iter().zip(&made) {
        let wanted = expected(made, &calendar);
        assert_eq!(
            (method.as_str(), rows),
            (wanted.0, &wanted.1),
            "{place}: {made:?}"
        );
        *methods.entry(wanted.0).or_default() += 1;
        too_long += usize::from(wanted.0 == "days" && rows[0].0.is_none());
        fewer_cents += usize::from(made.cents != 0 && made.cents.abs() < rows.len() as i64);
    }
    // Each case is among them more than once.
    assert_eq!(methods.len(), 4, "{methods:?}");
    assert!(
        methods.values().all(|operations| *operations > 5),
        "{methods:?}"
    );
    assert!(too_long > 5 && fewer_cents > 5, "{too_long} {fewer_cents}");
    Ok(())
}
