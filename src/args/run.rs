//! What can be typed of runs: `nightly`, `ingest`, `generate`.

use std::path::PathBuf;

use clap::Args;

/// Where files come from and what a run may do; shared by `nightly` and `ingest`.
#[derive(Debug, Args)]
#[allow(clippy::struct_excessive_bools)] // each is a flag that can be typed
pub(crate) struct RunFlags {
    /// Folder of already downloaded files, searched with its subfolders; repeatable [env: ESF_MIRRORS]
    #[arg(long, value_name = "DIR")]
    pub(crate) mirror: Vec<PathBuf>,
    /// Load the bundled samples, into a demonstration warehouse only
    #[arg(long, conflicts_with = "mirror")]
    pub(crate) samples: bool,
    /// Ask publishers also for what no folder of --mirror has; without folders they are asked anyway
    #[arg(long, conflicts_with = "samples")]
    pub(crate) fetch: bool,
    /// Ask no publisher
    #[arg(long, conflicts_with = "fetch")]
    pub(crate) offline: bool,
    /// Do everything but publish
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Redo every step, also those whose inputs have not changed
    #[arg(long)]
    pub(crate) full: bool,
    /// Take the new files of a source that do not pass their control tonight, with the reason, which is kept; SOURCE:FILE=REASON
    /// takes one of several; repeatable
    #[arg(long, value_name = "SOURCE=REASON", value_parser = accepted)]
    pub(crate) accept: Vec<(String, String)>,
}

fn accepted(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((source, reason)) if !source.trim().is_empty() && !reason.trim().is_empty() => {
            Ok((source.trim().to_owned(), reason.trim().to_owned()))
        }
        _ => Err("write it as SOURCE=REASON, such as de_xx_list=\"confirmed by telephone\"".into()),
    }
}

/// `esf nightly`.
#[derive(Debug, Args)]
pub(crate) struct Nightly {
    #[command(flatten)]
    pub(crate) run: RunFlags,
    /// Make up for the night of this day: what was published later is left aside
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub(crate) date: Option<jiff::civil::Date>,
    /// Folder for the report of the run: JSON, a page, metrics, lineage [default: `folder` of [report] in esf.toml]
    #[arg(long, value_name = "DIR", env = "ESF_REPORT", hide_env_values = true)]
    pub(crate) report: Option<PathBuf>,
}

/// `esf ingest`.
#[derive(Debug, Args)]
pub(crate) struct Ingest {
    /// Sources to ingest; all, if none is named
    #[arg(id = "source_id", value_name = "SOURCE")]
    pub(crate) sources: Vec<String>,
    #[command(flatten)]
    pub(crate) run: RunFlags,
    /// Ingest this file
    #[arg(long, value_name = "FILE", conflicts_with_all = ["mirror", "samples"])]
    pub(crate) from: Option<PathBuf>,
    /// The source that the file of --from becomes
    #[arg(long = "as", value_name = "NAME", requires = "from")]
    pub(crate) name: Option<String>,
    /// The day on which the file of --from was published
    #[arg(long, value_name = "YYYY-MM-DD", requires = "from")]
    pub(crate) published: Option<jiff::civil::Date>,
}

/// `esf generate`.
#[derive(Debug, Args)]
pub(crate) struct Generate {
    /// How many operations, each with three amounts, a region and a beneficiary
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=1_000_000_000))]
    pub(crate) operations: u64,
    /// How many counts of participants, without disclosure control [default: 50 for each operation]
    #[arg(long, value_name = "M", value_parser = clap::value_parser!(u64).range(0..=100_000_000_000))]
    pub(crate) participations: Option<u64>,
    /// What all random numbers depend on: the same seed gives the same data
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub(crate) seed: u64,
}
