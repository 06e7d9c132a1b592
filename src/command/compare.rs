//! `esf compare`: one metric side by side, as a table with bars, as data, or as a picture or page in a file.

use std::path::{Path, PathBuf};

use esf_engine::session::{Access, session};
use esf_queries::chart::{self, Comparison, Frame};
use esf_queries::{CompareError, Metrics, Question, compare};

use super::{shape, sql};
use crate::args::{Compare, Picture};
use crate::context::Context;
use crate::exit::{Exit, Failure, Outcome};
use crate::sql_error;

/// Answers one question.
pub(super) async fn run(context: &Context, arguments: Compare) -> Outcome {
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
        filter: arguments.filter.clone(),
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
        .map_err(failure)?;
    answer.comparison.as_of = format!("{:.0}", release.created_at);
    // A map has room for every region, and one that is cut off would look like one that nobody asked about.
    let whole = answer.comparison.clone();
    if arguments.limit > 0 {
        limit(&mut answer.comparison, arguments.limit);
    }
    let picture = context
        .output()
        .and_then(|path| Some((path, Drawn::of_file(path)?)));
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
            .map_err(|e| Failure::of(Exit::Internal, &e))?;
        context.printer.batch(&batch)?;
    }
    Ok(Exit::Done)
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

/// What a file name asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Drawn {
    Svg,
    Html,
}

impl Drawn {
    /// The endings of files that ask for a picture or a page.
    pub(super) const ENDINGS: [&str; 3] = ["svg", "html", "htm"];

    fn of_file(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "svg" => Some(Self::Svg),
            "html" | "htm" => Some(Self::Html),
            _ => None,
        }
    }
}

/// Draws all rows on a map, and those that are listed as bars and a table.
fn draw(
    whole: &Comparison,
    listed: &Comparison,
    drawn: Drawn,
    arguments: &Compare,
) -> Result<String, Failure> {
    let shapes = if arguments.shapes.is_empty() {
        None
    } else {
        Some(chart::shapes_of(whole, shape::read(&arguments.shapes)?))
    };
    let map = |frame| match &shapes {
        Some(shapes) => Some(chart::shape_map(whole, shapes, shape::ATTRIBUTION, frame)),
        None => chart::has_tiles(whole).then(|| chart::tile_map(whole, frame)),
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
        (Drawn::Svg, Some(Picture::Map)) => map(Frame::Standalone).ok_or_else(|| {
            Failure::usage("there is no map of these rows: a map needs regions")
                .next("use --by region, or --picture bars")
        }),
        (Drawn::Svg, None) => Ok(map(Frame::Standalone).unwrap_or_else(|| bars(Frame::Standalone))),
    }
}

/// Keeps the first rows, and says in a caveat that there are more.
fn limit(comparison: &mut Comparison, most: usize) {
    let rows = comparison.rows.len();
    if rows > most {
        comparison.rows.truncate(most);
        comparison.caveats.push(format!(
            "Bars and table have the first {most} of {rows} rows; --limit 0 shows all."
        ));
    }
}

fn failure(error: CompareError) -> Failure {
    match error {
        CompareError::Query(error) => sql_error::failure(error),
        CompareError::Arrow(error) => Failure::of(Exit::Internal, &error),
        CompareError::Metric(error) => Failure::of(Exit::Usage, &error),
        refusal => Failure::of(Exit::Usage, &refusal).explained(),
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
