//! One question, answered: what a metric is for each region, programme or beneficiary, with bounds, cases, coverage, ranks
//! and doubts; or a refusal that says what cannot be put side by side and what can.
//!
//! The flow: `answerable` decides whether the question can be asked at all, in the words of `refusal`; `plan` writes it as SQL
//! over the metric's query, `steps` keeps what is read more than once, `answer` reads the rows and completes them with what is
//! `known` beside them: by `counted`, `doubt`, `list`, `place` and `stock`. `columns` are those of the answer as a table, `script`
//! hands its steps out.

mod answer;
mod answerable;
mod columns;
mod counted;
mod doubt;
mod known;
mod label;
mod list;
mod place;
mod plan;
mod rank;
mod reason;
mod refusal;
mod script;
pub(crate) mod steps;
mod stock;
#[cfg(test)]
mod tests;

use datafusion::arrow::array::{Array, AsArray, RecordBatch, StringArray};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::DataType;
use datafusion::arrow::error::ArrowError;
use datafusion::error::DataFusionError;
use datafusion::execution::context::SQLOptions;
use datafusion::logical_expr::LogicalPlan;
use datafusion::prelude::SessionContext;

use crate::chart::{Comparison, Language};
use crate::dimension::{Dimension, Level};
use crate::metric::{Metric, MetricError, Metrics, Rows};
pub(crate) use plan::cube;
use plan::{Plan, With};
pub use refusal::Refusal;
use steps::Steps;

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// The metric.
    pub metric: String,
    /// What the rows are.
    pub by: Dimension,
    /// How large regions are.
    pub level: Level,
    /// Only operations of this country.
    pub country: Option<String>,
    /// Only operations of this funding period.
    pub period: Option<Period>,
    /// A further condition in SQL over the columns of `operation_dimension`.
    pub filter: Option<String>,
    /// Language of titles and readings.
    pub language: Language,
    /// How to cite the release.
    pub citation: String,
}

/// A funding period such as 2014-2020.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Period(String);

impl std::str::FromStr for Period {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let year = |text: &str| text.len() == 4 && text.bytes().all(|b| b.is_ascii_digit());
        match text.split_once('-') {
            Some((first, last)) if year(first) && year(last) && first <= last => {
                Ok(Self(text.into()))
            }
            _ => Err(format!(
                "{text:?} is no funding period; write it as 2014-2020"
            )),
        }
    }
}

impl std::fmt::Display for Period {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// What is answered.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Everything that is shown.
    pub comparison: Comparison,
    /// The statements that give the rows, for those who want to go on from them: all but the last keep a view or a table in
    /// the session (`esf_engine::session::plan_statement`), the last gives `key` (`*` for all together), `value`, `lower`,
    /// `upper`, `n`, `coverage`, `unallocated_share` and `suppressed`, how many cells disclosure control hides. Regions without
    /// data, names, ranks and doubts are not in them.
    pub statements: Vec<String>,
}

impl Answer {
    /// [`Self::statements`] as a text that `esf sql -f` runs, and DuckDB over the Parquet files of the release as far as it has
    /// the functions.
    pub fn sql(&self) -> String {
        script::text(&self.comparison, &self.statements)
    }

    /// The rows as a table: key, label, value, lower, upper, n, coverage, unallocated_share, rank_best, rank_worst, status,
    /// reason, flags, unit, each with its meaning and unit in the metadata of its field. Shares, coverage and what no row could
    /// be given lie between 0 and 1; a row without a value has a status other than `ok`, and a reason.
    pub fn batch(&self) -> Result<RecordBatch, ArrowError> {
        columns::batch(&self.comparison)
    }
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum CompareError {
    /// No such metric, or one that is not as it must be.
    #[error(transparent)]
    Metric(#[from] MetricError),
    /// The question is refused; here in English.
    #[error("{}", .0.told(Language::En))]
    Refused(Refusal),
    /// The condition, or the metric's query, cannot be run.
    #[error(transparent)]
    Query(#[from] DataFusionError),
    /// Rows could not be put together.
    #[error(transparent)]
    Arrow(#[from] ArrowError),
}

impl From<Refusal> for CompareError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// A statement may read and nothing else: a condition of the user's stands in it.
fn reading() -> SQLOptions {
    SQLOptions::new()
        .with_allow_ddl(false)
        .with_allow_dml(false)
        .with_allow_statements(false)
}

async fn query(ctx: &SessionContext, sql: &str) -> Result<Vec<RecordBatch>, DataFusionError> {
    ctx.sql_with_options(sql, reading()).await?.collect().await
}

/// The rows of a statement over the views, as texts.
async fn texts(ctx: &SessionContext, sql: &str) -> Result<Vec<Vec<Option<String>>>, CompareError> {
    crate::view::register_named(ctx, sql).await?;
    let mut rows = Vec::new();
    for batch in &query(ctx, sql).await? {
        let mut columns: Vec<StringArray> = Vec::new();
        for column in batch.columns() {
            columns.push(cast(column, &DataType::Utf8)?.as_string::<i32>().clone());
        }
        let at = |row: usize| {
            let cells = columns.iter();
            cells.map(move |column| column.is_valid(row).then(|| column.value(row).to_owned()))
        };
        rows.extend((0..batch.num_rows()).map(|row| at(row).collect::<Vec<_>>()));
    }
    Ok(rows)
}

/// The answer from the cube of the release, if it has one that holds the question.
async fn from_cube(
    ctx: &SessionContext,
    metric: &Metric,
    question: &Question,
    steps: &Steps,
) -> Result<Option<Answer>, CompareError> {
    if !cube::answers(metric, question) || !cube::is_there(ctx).await? {
        return Ok(None);
    }
    let stored = cube::of_metric(metric);
    // Several statements read them; from the file each would be decoded anew.
    let of_metric = format!("SELECT * FROM {stored}");
    let (kept, rows) = steps.keep_rows("cube", &of_metric).await?;
    if rows == 0 {
        // Of another program: then the operations say so themselves.
        return Ok(None);
    }
    answerable::check_cube(ctx, metric, &kept).await?;
    let plan = cube::plan(metric, question, &cube::kept(&kept));
    let (fact, rows) = steps.keep_rows("cube_fact", &plan.fact).await?;
    if rows == 0 {
        return Ok(None);
    }
    answerable::check_countries(ctx, metric, question, &cube::Plan::countries(&fact)).await?;
    let comparison = answer::read(ctx, metric, question, &plan.statements(&fact)).await?;
    answerable::check_rows(ctx, metric, question, &comparison).await?;
    let script = cube::plan(metric, question, &stored).script();
    Ok(Some(Answer {
        statements: script.statements(comparison.overall.is_some()),
        comparison,
    }))
}

/// Whether a condition is one over operations: regions of operations have further columns, which are no part of a question.
async fn check_filter(
    ctx: &SessionContext,
    metric: &Metric,
    question: &Question,
) -> Result<(), CompareError> {
    if question.filter.is_some() && metric.definition.rows == Rows::Operation {
        let sql = format!(
            "SELECT true FROM operation_dimension WHERE {}",
            plan::condition(question)
        );
        crate::view::register_named(ctx, &sql).await?;
        let planned = ctx.sql_with_options(&sql, reading()).await?;
        let mut own = metric.definition.own.iter();
        if let Some(column) = own.find(|own| has_condition_on(planned.logical_plan(), own)) {
            return Err(Refusal::Condition {
                metric: metric.name.clone(),
                column: column.clone(),
            }
            .into());
        }
    }
    Ok(())
}

/// Whether the condition of a statement names a column. What stands below the condition is the view's.
fn has_condition_on(plan: &LogicalPlan, column: &str) -> bool {
    match plan {
        LogicalPlan::Projection(projection) => has_condition_on(&projection.input, column),
        LogicalPlan::Filter(filter) => {
            let columns = filter.predicate.column_refs();
            columns.iter().any(|found| found.name == column)
        }
        _ => false,
    }
}

/// Answers a question over the tables of a session.
///
/// Fails where the question is refused (see [`CompareError`]); a region without data is a row without a value, not a
/// failure.
pub async fn compare(
    ctx: &SessionContext,
    metrics: &Metrics,
    question: &Question,
) -> Result<Answer, CompareError> {
    let metric = metrics.get(&question.metric)?;
    // Codes of countries are written in capitals.
    let country = question.country.as_deref().map(str::to_ascii_uppercase);
    let question = &Question {
        country,
        ..question.clone()
    };
    if let Some(refusal) = answerable::forbidden(metric, question) {
        return Err(refusal.into());
    }
    answerable::check_tables(ctx, metric).await?;
    let steps = Steps::new(ctx);
    if let Some(answer) = from_cube(ctx, metric, question, &steps).await? {
        return Ok(answer);
    }
    answerable::check_statistics(ctx, metric).await?;
    let plan = plan::plan(metric, question);
    let script = plan.script();
    crate::view::register_named(ctx, &script.queries()).await?;
    check_filter(ctx, metric, question).await?;
    // Each step is run once, though several of the next may read it.
    let measured = steps.keep("measured", plan.measured()).await?;
    let with = With {
        tables: steps.keep_tables(&measured, &plan.between).await?,
        counted: match &plan.counted {
            Some(counted) => Some(steps.keep_tables(&measured, &counted.between).await?),
            None => None,
        },
    };
    answerable::check_countries(ctx, metric, question, &Plan::countries(metric, &with)).await?;
    let fact = steps.keep("fact", &plan.fact(&with)).await?;
    let whole = match plan.whole(&with, &fact) {
        Some(whole) => Some(steps.keep("whole", &whole).await?),
        None => None,
    };
    let statements = plan.statements(metric, question.by, &with, &fact, whole.as_deref());
    let comparison = answer::read(ctx, metric, question, &statements).await?;
    answerable::check_rows(ctx, metric, question, &comparison).await?;
    Ok(Answer {
        statements: script.statements(comparison.overall.is_some()),
        comparison,
    })
}
