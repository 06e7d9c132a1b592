//! `esf completions`: what a shell needs to complete our words.

use std::io::Write;

use clap::CommandFactory;

use crate::args::{Cli, Completions};
use crate::exit::{Exit, Outcome};
use crate::print::PrintError;

/// Writes the completions to standard output.
pub(super) fn run(arguments: &Completions) -> Outcome {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Cli::command(), "esf", &mut script);
    let mut out = std::io::stdout().lock();
    out.write_all(&script)
        .and_then(|()| out.flush())
        .map_err(PrintError::Io)?;
    Ok(Exit::Done)
}
