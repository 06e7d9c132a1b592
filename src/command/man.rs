//! `esf man`: manual pages, one a subcommand.

use clap::CommandFactory;

use crate::args::{Cli, Man};
use crate::exit::{Exit, Failure, Outcome};

/// Writes the pages into a folder.
pub(super) fn run(arguments: &Man) -> Outcome {
    let into = &arguments.into;
    let pages =
        std::fs::create_dir_all(into).and_then(|()| clap_mangen::generate_to(Cli::command(), into));
    pages.map_err(|error| {
        Failure::usage(format!(
            "cannot write the pages into {}: {error}",
            into.display()
        ))
        .next("name a folder that can be written")
    })?;
    tracing::info!(
        "manual pages are in {}; read one with `man -l`",
        into.display()
    );
    Ok(Exit::Done)
}
