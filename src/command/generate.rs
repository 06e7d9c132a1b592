//! `esf generate`: a demonstration warehouse of synthetic data.

use esf_pipelines::generate::{Recipe, generate};

use crate::args::Generate;
use crate::context::Context;
use crate::exit::{Exit, Failure, Outcome};
use crate::print::{Rows, grouped};
use crate::progress::Bar;

/// Cells of participation for each operation, where nobody says how many.
const CELLS: u64 = 50;

/// Makes data and says what there is.
pub(super) async fn run(context: &Context, arguments: Generate) -> Outcome {
    let warehouse = context.warehouse()?;
    let operations = arguments.operations;
    let recipe = Recipe {
        operations,
        participations: arguments
            .participations
            .unwrap_or(operations.saturating_mul(CELLS)),
        seed: arguments.seed,
    };
    let bar = Bar::new(context.quiet());
    let made = generate(&warehouse, recipe, context.workers(), &bar).await;
    drop(bar);
    let made = made.map_err(|error| Failure::of(Exit::Code(error.exit_code()), &error))?;
    if context.quiet() {
        return Ok(Exit::Done);
    }
    let release = &made.release;
    let tables = || release.tables.iter().filter(|(_, table)| table.rows() > 0);
    let rows = Rows::default()
        .text("table", tables().map(|(name, _)| Some(name.as_str())))
        .int("rows", tables().map(|(_, table)| Some(table.rows() as i64)))
        .int(
            "bytes",
            tables().map(|(_, table)| Some(table.bytes() as i64)),
        )
        .int(
            "files",
            tables().map(|(_, table)| Some(table.files.len() as i64)),
        )
        .text(
            "visibility",
            tables().map(|(_, table)| Some(table.visibility.name())),
        );
    let state = if made.is_new {
        "published"
    } else {
        "unchanged"
    };
    let seed = grouped(&recipe.seed.to_string());
    let last = format!(
        "\nrelease {} of {} {state}: synthetic data of seed {seed}, a demonstration; content {}\n",
        release.number,
        warehouse.location(),
        &release.content_hash[..16.min(release.content_hash.len())],
    );
    context.report_printer().framed("", &rows.batch()?, &last)?;
    Ok(Exit::Done)
}
