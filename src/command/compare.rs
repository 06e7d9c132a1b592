//! `esf compare`: one metric side by side, as a table with bars, as data, or as a picture, a page or statements in a file.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::BooleanArray;
use arrow::datatypes::{DataType, Field, Schema};
use arrow::error::ArrowError;
use arrow::record_batch::RecordBatch;
use arrow::util::display::array_value_to_string;
use datafusion::prelude::SessionContext;
use esf_engine::session::{Access, session};
use esf_queries::chart::{self, Comparison, Condition, Frame, Language, Shape};
use esf_queries::{CompareError, Dimension, Metrics, Question, compare};

use super::{condition, shape, sql};
use crate::args::{Compare, Picture};
use crate::context::Context;
use crate::exit::{Exit, Failure, Outcome};
use crate::memory::{Patience, keep_freed};
use crate::sql_error;

/// Rows that people get, where nobody says how many.
const SHOWN: usize = 50;

/// Answers one question.
pub(super) async fn run(context: &Context, arguments: Compare) -> Outcome {
    keep_freed(Patience::Always);
    if let Some(filter) = &arguments.filter {
        condition::check(filter)?;
    }
    let metrics = metrics(context)?;
    let warehouse = context.warehouse()?;
    let release = context.release(&warehouse).await?;
    let session = session(&warehouse, &release, Access::Public, &sql::options(context))?;
    let question = Question {
        metric: arguments.metric.clone(),
        by: arguments
            .by
            .unwrap_or_else(|| metrics.usual_dimension(&arguments.metric)),
        level: arguments.level,
        country: arguments.country.clone(),
        period: arguments.period.clone(),
        // A comment at its end must not hide what follows it in the statement.
        filter: arguments
            .filter
            .as_ref()
            .map(|filter| format!("{filter}\n")),
        language: arguments
            .language
            .map_or_else(crate::args::Language::of_environment, Into::into),
        citation: format!(
            "release {}, {}",
            release.number,
            release
                .content_hash
                .get(..12)
                .unwrap_or(&release.content_hash)
        ),
    };
    let mut answer = compare(&session, &metrics, &question)
        .await
        .map_err(|error| failure(error, question.language))?;
    let made = release.created_at.strftime("%Y-%m-%d").to_string();
    let dated = dated(&session).await;
    let dated = dated
        .as_ref()
        .map(|(first, last)| (first.as_str(), last.as_str()));
    answer.comparison.as_of = question.language.state(release.number, &made, dated);
    answer.comparison.conditions = conditions(context, &arguments);
    answer.comparison.demonstration = release.demonstration;
    if let Some(path) = context.output().filter(|path| has_ending(path, SCRIPT)) {
        context.printer.prose(&answer.sql())?;
        crate::say(&format!("wrote {}", path.display()));
        return Ok(Exit::Done);
    }
    let picture = context
        .output()
        .and_then(|path| Some((path, Drawn::of_file(path)?)));
    let is_data = picture.is_none() && !context.printer.for_people();
    // A map has room for every region, and one that is cut off would look like one that nobody asked about.
    let whole = answer.comparison.clone();
    answer.comparison = whole.first(arguments.limit.unwrap_or(if is_data { 0 } else { SHOWN }));
    let (listed, all) = (answer.comparison.rows.len(), whole.rows.len());
    let is_map = picture
        .as_ref()
        .is_some_and(|(_, drawn)| is_map(&whole, *drawn, &arguments));
    if listed < all && !is_map {
        crate::say(&format!(
            "the first {listed} of {all} rows; --limit 0 gives all"
        ));
    }
    if let Some((path, drawn)) = picture {
        let text = draw(&whole, &answer.comparison, drawn, &arguments)?;
        context.printer.prose(&text)?;
        crate::say(&format!("wrote {}", path.display()));
        return Ok(Exit::Done);
    }
    if context.printer.for_people() {
        let style = context.printer.style;
        let width = style.width.unwrap_or(100);
        let text = chart::terminal_bars(&answer.comparison, width, style.colour);
        context.printer.prose(&text)?;
    } else {
        let batch = answer
            .batch()
            .and_then(|batch| marked(&batch, release.demonstration))
            .map_err(|e| Failure::of(Exit::Internal, &e))?;
        context.printer.batch(&batch)?;
        if release.demonstration && !context.quiet() {
            crate::say("Demonstration: made-up data");
        }
        // Rows have the share of what is in none of them; here it is said of what.
        if let Some(left) = whole.left_over().filter(|_| !context.quiet()) {
            crate::say(&left);
        }
    }
    Ok(Exit::Done)
}

/// What the question leaves out, to be shown with its answer.
fn conditions(context: &Context, arguments: &Compare) -> Vec<Condition> {
    let country = arguments.country.clone().map(Condition::Country);
    let period = arguments.period.as_ref();
    let period = period.map(|period| Condition::Period(period.to_string()));
    let filter = arguments.filter.clone().map(Condition::Where);
    let as_of = context.as_of().map(|time| Condition::AsOf(time.to_owned()));
    [country, period, filter, as_of]
        .into_iter()
        .flatten()
        .collect()
}

/// The first and last day that the files of the release are dated by; `None` where no file is, or an early release does not
/// tell.
async fn dated(session: &SessionContext) -> Option<(String, String)> {
    let sql = "SELECT min(published_date), max(published_date) FROM source_file WHERE published_date IS NOT NULL";
    let batches = session.sql(sql).await.ok()?.collect().await.ok()?;
    let batch = batches.iter().find(|batch| batch.num_rows() > 0)?;
    let day = |column: usize| {
        let day = array_value_to_string(batch.column(column), 0).ok()?;
        (!day.is_empty()).then_some(day)
    };
    day(0).zip(day(1))
}

/// The rows with a column that says whether the data are made up: rows may leave their file, and what stands around it.
fn marked(batch: &RecordBatch, demonstration: bool) -> Result<RecordBatch, ArrowError> {
    let mut fields = batch.schema().fields().to_vec();
    fields.push(Arc::new(Field::new(
        "demonstration",
        DataType::Boolean,
        false,
    )));
    let mut columns = batch.columns().to_vec();
    let mark = BooleanArray::from(vec![demonstration; batch.num_rows()]);
    columns.push(Arc::new(mark));
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)
}

/// The bundled metrics and those of folders.
pub(crate) fn metrics(context: &Context) -> Result<Metrics, Failure> {
    let usage = |e: esf_queries::MetricError| Failure::of(Exit::Usage, &e);
    let mut metrics = Metrics::bundled().map_err(usage)?;
    for folder in context.metric_folders() {
        metrics.read(&folder).map_err(usage)?;
    }
    Ok(metrics)
}

/// The ending of a file that asks for the statements that give the rows.
const SCRIPT: &str = "sql";

/// The endings of files that ask for something else than data.
pub(super) const ENDINGS: [&str; 4] = ["svg", "html", "htm", SCRIPT];

/// Whether the name of a file has this ending, in whatever letters.
fn has_ending(path: &Path, ending: &str) -> bool {
    path.extension()
        .is_some_and(|found| found.eq_ignore_ascii_case(ending))
}

/// What a file name asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Drawn {
    Svg,
    Html,
}

impl Drawn {
    fn of_file(path: &Path) -> Option<Self> {
        if has_ending(path, "svg") {
            Some(Self::Svg)
        } else if has_ending(path, "html") || has_ending(path, "htm") {
            Some(Self::Html)
        } else {
            None
        }
    }
}

/// Whether a file is a map alone, which has all rows.
fn is_map(comparison: &Comparison, drawn: Drawn, arguments: &Compare) -> bool {
    let has_map = !arguments.shapes.is_empty() || chart::has_tiles(comparison);
    drawn == Drawn::Svg && has_map && !matches!(arguments.picture, Some(Picture::Bars))
}

/// Draws all rows on a map, and those that are listed as bars and a table.
fn draw(
    whole: &Comparison,
    listed: &Comparison,
    drawn: Drawn,
    arguments: &Compare,
) -> Result<String, Failure> {
    let shapes = shapes(whole, arguments)?;
    let has_map = shapes.is_some() || chart::has_tiles(whole);
    let is_of_regions = whole.by == Dimension::Region.name();
    if !has_map && is_of_regions && arguments.picture.is_none() {
        crate::say(
            "few of these regions have a tile, so that there are bars and no map; --shapes FILE draws one",
        );
    }
    let map = |frame| match &shapes {
        Some(shapes) => Some(chart::shape_map(whole, shapes, shape::ATTRIBUTION, frame)),
        None => has_map.then(|| chart::tile_map(whole, frame)),
    };
    let bars = |frame| chart::bar_chart(listed, frame);
    match (drawn, arguments.picture) {
        (Drawn::Html, _) => {
            let pictures: Vec<String> = map(Frame::Inline)
                .into_iter()
                .chain([bars(Frame::Inline)])
                .collect();
            Ok(chart::page(listed, &pictures))
        }
        (Drawn::Svg, Some(Picture::Bars)) => Ok(bars(Frame::Standalone)),
        (Drawn::Svg, Some(Picture::Map)) => {
            map(Frame::Standalone).ok_or_else(|| no_map(is_of_regions))
        }
        (Drawn::Svg, None) => Ok(map(Frame::Standalone).unwrap_or_else(|| bars(Frame::Standalone))),
    }
}

/// The boundaries of a map, if any are given. Fails where they are for no row.
fn shapes(comparison: &Comparison, arguments: &Compare) -> Result<Option<Vec<Shape>>, Failure> {
    if arguments.shapes.is_empty() {
        return Ok(None);
    }
    let places = [Dimension::Region, Dimension::Country].map(Dimension::name);
    if !places.contains(&comparison.by.as_str()) {
        return Err(no_map(false));
    }
    let shapes = shape::read(&arguments.shapes)?;
    shape::check(comparison, &shapes)?;
    Ok(Some(chart::shapes_of(comparison, shapes)))
}

/// Why there is no map, and what to do.
fn no_map(is_of_regions: bool) -> Failure {
    if is_of_regions {
        Failure::usage("there is no map of these rows: few of these regions have a tile")
            .next("give their boundaries with --shapes FILE, or use --picture bars")
    } else {
        Failure::usage("there is no map of these rows: a map needs regions")
            .next("use --by region, or --picture bars")
    }
}

/// The failure of a comparison; a refusal is told in the language of the question.
fn failure(error: CompareError, language: Language) -> Failure {
    match error {
        CompareError::Query(error) => sql_error::failure(error),
        CompareError::Arrow(error) => Failure::of(Exit::Internal, &error),
        CompareError::Metric(error) => Failure::of(Exit::Usage, &error),
        CompareError::Refused(refusal) => {
            Failure::usage(refusal.told(language)).explained_by(refusal.code())
        }
    }
}

/// Where `--output` goes.
impl Context {
    fn output(&self) -> Option<&PathBuf> {
        match &self.printer.destination {
            crate::print::Destination::File(path) => Some(path),
            crate::print::Destination::Stdout => None,
        }
    }
}
