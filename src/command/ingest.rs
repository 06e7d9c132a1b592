//! `esf ingest`: named sources, or one file, into the next release.

use esf_pipelines::run::FromFile;

use super::{report, work};
use crate::args::Ingest;
use crate::context::Context;
use crate::exit::Outcome;
use crate::running;

/// Ingests and publishes.
pub(super) async fn run(context: &Context, arguments: Ingest) -> Outcome {
    let mut options = work::options(context, &arguments.run);
    options.sources = arguments.sources;
    if let Some(path) = arguments.from {
        options.mirrors.clear();
        options.fetch = None;
        options.from = Some(FromFile {
            path,
            name: arguments.name,
            published: arguments.published,
        });
    }
    let run_id = options.run_id.clone().unwrap_or_default();
    let ingesting = async {
        let warehouse = context.warehouse()?;
        let done = work::ingest_to_its_end(context, &warehouse, &options).await?;
        report::print(context, &done, "")
    };
    running::within(&run_id, Box::pin(ingesting)).await
}
