//! What the mart says is what the core tables say.

use super::*;
use crate::chart::Language;
use crate::compare::{Question, compare, cube};
use crate::dimension::{Dimension, Level};
use crate::metric::Metrics;
use crate::testing::{assert_given, session};
use datafusion::arrow::array::RecordBatch;
use datafusion::catalog::MemTable;
use futures::TryStreamExt;

/// The made-up release with its mart.
async fn with_mart() -> SessionContext {
    let ctx = session().await.unwrap();
    // An operation of three places, two of them in one Land, and one of two countries.
    for sql in [
        "INSERT INTO operation VALUES ('t', false, 'T', 'DE', 'DE', '2014-2020', 'ESF', 'P1', 'L', '102', NULL, 'l1', 0.5,
            DATE '2016-01-01', DATE '2016-12-31')",
        "INSERT INTO operation_amount VALUES ('t', 'total_eligible', 'unknown', 100.01, 'EUR', false, NULL)",
        "INSERT INTO operation_region VALUES ('t', 'implementation', 'DE21H', '2024', 0.33333333, 'equal'),
            ('t', 'implementation', 'DE212', '2024', 0.33333333, 'equal'), ('t', 'implementation', 'DE', '2024', 0.33333334, 'equal')",
        // One of a list that publishes no amounts.
        "INSERT INTO operation (operation_id, is_aggregate, country, period, fund, list_id)
            VALUES ('u', false, 'DE', '2007-2013', 'ESF', 'l9')",
    ] {
        ctx.sql(sql).await.unwrap().collect().await.unwrap();
    }
    for derivation in derivations() {
        for (name, rows) in derivation.derive(&ctx).await.unwrap() {
            let schema = rows.schema();
            let rows: Vec<RecordBatch> = rows.try_collect().await.unwrap();
            let table = MemTable::try_new(schema, vec![rows]).unwrap();
            let _ = ctx.deregister_table(name.as_str()).unwrap();
            ctx.register_table(name.as_str(), Arc::new(table)).unwrap();
        }
    }
    ctx
}

/// An answer with its numbers to the last digit.
fn shown(answer: &crate::Answer) -> Vec<String> {
    let about = &answer.comparison;
    let all = [about.overall, about.unallocated_share];
    let rows = about.rows.iter().map(|row| {
        let numbers = [row.value, row.lower, row.upper, row.coverage];
        format!(
            "{} {} {numbers:?} {:?} {:?} {:?} {:?}",
            row.key, row.label, row.n, row.rank, row.status, row.flags
        )
    });
    let caveats = about.caveats.iter().cloned();
    std::iter::once(format!("{all:?}"))
        .chain(caveats)
        .chain(rows)
        .collect()
}

#[tokio::test]
async fn a_cube_answers_as_the_operations_do() {
    let ctx = with_mart().await;
    let metrics = Metrics::bundled().unwrap();
    let (mut answered, mut told) = (0, 0);
    for metric in metrics.iter().filter(|metric| cube::holds(metric)) {
        let codes = [Dimension::Region, Dimension::Programme, Dimension::Year];
        for by in codes {
            for level in [Level::Comparable, Level::Nuts(3)] {
                if by != Dimension::Region && level != Level::Comparable {
                    continue;
                }
                for country in [Some("DE"), None] {
                    let question = |filter: Option<&str>| Question {
                        metric: metric.name.clone(),
                        by,
                        level,
                        country: country.map(str::to_owned),
                        period: None,
                        filter: filter.map(str::to_owned),
                        language: Language::En,
                        citation: String::new(),
                    };
                    // A condition keeps a question from the cube.
                    let cubed = compare(&ctx, &metrics, &question(None)).await;
                    let plain = compare(&ctx, &metrics, &question(Some("true"))).await;
                    match (cubed, plain) {
                        (Ok(cubed), Ok(plain)) => {
                            assert!(!plain.sql().contains(cube::TABLE));
                            answered += usize::from(cubed.sql().contains(cube::TABLE));
                            assert_eq!(shown(&cubed), shown(&plain), "{} {by}", metric.name);
                            assert_given(&ctx, &cubed).await;
                            let mut caveats = cubed.comparison.caveats.iter();
                            told +=
                                usize::from(caveats.any(|c| c.starts_with("1 of 5 operations")));
                        }
                        (Err(cubed), Err(plain)) => {
                            assert_eq!(cubed.to_string(), plain.to_string());
                        }
                        (cubed, plain) => panic!("{} {by}: {cubed:?} {plain:?}", metric.name),
                    }
                }
            }
        }
    }
    assert!(answered > 25 && told > 0, "{answered} {told}");
}

/// A question by region or country about Germany.
fn of_germany(metric: &str, by: Dimension, level: Level) -> Question {
    Question {
        metric: metric.to_owned(),
        by,
        level,
        country: Some("DE".into()),
        period: None,
        filter: None,
        language: Language::En,
        citation: String::new(),
    }
}

#[tokio::test]
async fn a_cube_has_the_whole_of_the_country_at_every_level() {
    let ctx = with_mart().await;
    let metrics = Metrics::bundled().unwrap();
    let levels = [1, 2, 3].map(|level| (Dimension::Region, Level::Nuts(level)));
    let of_country = [(Dimension::Country, Level::Comparable)];
    for (by, level) in levels.into_iter().chain(of_country) {
        let asked = of_germany("funding_per_unemployed", by, level);
        let answer = compare(&ctx, &metrics, &asked).await.unwrap();
        assert!(answer.sql().contains(cube::TABLE));
        // 400.50 and the 100.01 of t for 1,000 people; l1 has operations in three Länder and is about Germany.
        let overall = answer.comparison.overall.unwrap();
        assert!(
            (overall - 0.500_51).abs() < 1e-12,
            "{by} {level:?}: {overall}"
        );
        let years = "Years of the statistic whose stocks count: 2016.";
        assert_eq!(answer.comparison.caveats.last().unwrap(), years);
    }
}

#[tokio::test]
async fn where_nothing_in_a_cube_fits_the_operations_say_so() {
    let ctx = with_mart().await;
    let metrics = Metrics::bundled().unwrap();
    for by in [Dimension::Region, Dimension::Country] {
        let asked = Question {
            country: Some("FR".into()),
            ..of_germany("funding_total_eligible", by, Level::Comparable)
        };
        let refused = compare(&ctx, &metrics, &asked).await.unwrap_err();
        let refused = refused.to_string();
        assert!(
            refused.ends_with("this release has operations of DE, SE"),
            "{refused}"
        );
    }
}

/// The cube as a statement gives it, in its place.
async fn replace_cube(ctx: &SessionContext, columns: &str) {
    let cube = format!("SELECT {columns} FROM {}", cube::TABLE);
    let other = ctx.sql(&cube).await.unwrap();
    let (schema, rows) = (
        Arc::clone(other.schema().inner()),
        other.collect().await.unwrap(),
    );
    ctx.deregister_table(cube::TABLE).unwrap();
    let table = MemTable::try_new(schema, vec![rows]).unwrap();
    ctx.register_table(cube::TABLE, Arc::new(table)).unwrap();
}

#[tokio::test]
async fn a_cube_of_another_program_is_not_used() {
    // With other rows, or without a column that this program reads.
    for columns in ["* REPLACE ('other' AS program)", "* EXCEPT (fund)"] {
        let ctx = with_mart().await;
        replace_cube(&ctx, columns).await;
        let asked = of_germany(
            "funding_total_eligible",
            Dimension::Country,
            Level::Comparable,
        );
        let answer = compare(&ctx, &Metrics::bundled().unwrap(), &asked)
            .await
            .unwrap();
        assert!(!answer.sql().contains(cube::TABLE));
        assert!(answer.comparison.overall.is_some());
    }
}

#[tokio::test]
async fn a_costly_view_in_pieces_has_the_rows_of_the_whole() {
    let ctx = with_mart().await;
    let bounds = super::cube::bounds(&ctx, 3).await.unwrap();
    let mut divided = 0;
    for view in crate::view::views().iter().filter(|view| view.costly) {
        crate::view::register_named(&ctx, &view.sql).await.unwrap();
        let pieces = super::cube::pieces(&ctx, &view.sql, &bounds).await.unwrap();
        let (mut made, mut filled) = (Vec::new(), 0);
        for sql in &pieces {
            let rows = lines(&ctx, sql).await;
            filled += usize::from(!rows.is_empty());
            made.extend(rows);
        }
        let mut whole = lines(&ctx, &view.sql).await;
        made.sort();
        whole.sort();
        assert_eq!(made, whole, "{}", view.name);
        divided += usize::from(filled > 1);
    }
    assert!(divided > 0, "no view came in several pieces");
}

/// The rows of a statement, each as a line.
async fn lines(ctx: &SessionContext, sql: &str) -> Vec<String> {
    let mut lines = Vec::new();
    for batch in ctx.sql(sql).await.unwrap().collect().await.unwrap() {
        let table = datafusion::arrow::util::pretty::pretty_format_batches(&[batch]).unwrap();
        let table = table.to_string();
        // Frame and header stand above the rows, a frame below.
        let rows = table.lines().skip(3).filter(|line| !line.starts_with('+'));
        // Columns are as wide as the batch wants them.
        lines.extend(rows.map(|row| row.split_whitespace().collect::<Vec<_>>().join(" ")));
    }
    lines
}

#[test]
fn everything_that_is_stored_is_a_declared_table_that_repeats() {
    for derivation in derivations() {
        assert!(!derivation.inputs().is_empty(), "{}", derivation.name());
        for spec in derivation.outputs() {
            assert!(
                esf_schemas::table(&spec.name).unwrap().repeats,
                "{}",
                spec.name
            );
        }
        assert!(!derivation.outputs().is_empty(), "{}", derivation.name());
    }
}
