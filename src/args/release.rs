//! What can be typed of releases and their rows: `diff`, `trace`, `quarantine`, `status`, `gc`, `rollback`, `redact`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

/// `esf diff`.
#[derive(Debug, Args)]
pub(crate) struct Diff {
    /// The earlier release: its number or a day
    #[arg(value_name = "A")]
    pub(crate) from: String,
    /// The later release: its number or a day
    #[arg(value_name = "B")]
    pub(crate) to: String,
}

/// `esf trace`.
#[derive(Debug, Args)]
pub(crate) struct Trace {
    /// The id of the row, such as an operation id
    #[arg(value_name = "ROW")]
    pub(crate) id: String,
    /// The table that holds the row
    #[arg(long, value_name = "TABLE", default_value = "operation")]
    pub(crate) table: String,
}

/// `esf quarantine`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Quarantine {
    #[command(subcommand)]
    pub(crate) action: Option<QuarantineAction>,
    /// Only rows of this source
    #[arg(long, value_name = "SOURCE")]
    pub(crate) source: Option<String>,
    /// Only rows quarantined by this rule
    #[arg(long, value_name = "RULE")]
    pub(crate) rule: Option<String>,
}

/// What to do about quarantined rows.
#[derive(Debug, Subcommand)]
pub(crate) enum QuarantineAction {
    /// Ingest a source again, after its mapping was mended
    Replay {
        /// Its name
        #[arg(value_name = "SOURCE")]
        source: String,
        /// Folder of already downloaded files, searched with its subfolders; repeatable [env: ESF_MIRRORS]
        #[arg(long, value_name = "DIR")]
        mirror: Vec<PathBuf>,
    },
}

/// `esf status`.
#[derive(Debug, Args)]
pub(crate) struct Status {
    /// End with code 4 if the last run, or when a source was last found sound, is more days ago
    #[arg(long, value_name = "DAYS")]
    pub(crate) max_age: Option<u32>,
}

/// `esf gc`.
#[derive(Debug, Args)]
pub(crate) struct Gc {
    /// How many of the newest releases stay
    #[arg(long, value_name = "N", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) keep: u64,
    /// Remove what is shown
    #[arg(long)]
    pub(crate) apply: bool,
}

/// `esf rollback`.
#[derive(Debug, Args)]
pub(crate) struct Rollback {
    /// The number of the release whose state is published again
    #[arg(value_name = "RELEASE")]
    pub(crate) release: u64,
    /// Why, for the record of the run
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: Option<String>,
}

/// `esf redact`.
#[derive(Debug, Args)]
#[command(group(clap::ArgGroup::new("whom").required(true).multiple(true).args(["text", "organisation", "operation"])))]
pub(crate) struct Redact {
    /// What is to go, such as a name, in any spelling of case and umlauts; - reads lines from standard input; repeatable
    #[arg(long, value_name = "TEXT")]
    pub(crate) text: Vec<String>,
    /// An organisation, whose names are to go; repeatable
    #[arg(long, value_name = "ID")]
    pub(crate) organisation: Vec<String>,
    /// An operation, of which the texts named by --column are to go; repeatable
    #[arg(long, value_name = "ID")]
    pub(crate) operation: Vec<String>,
    /// Which texts of the operation are to go; repeatable
    #[arg(
        long,
        value_name = "COLUMN",
        requires = "operation",
        default_value = "beneficiary"
    )]
    pub(crate) column: Vec<RedactColumn>,
    /// Why; it is kept, so name nobody
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: String,
    /// Take single words from all rows that hold them, also where others are meant
    #[arg(long)]
    pub(crate) everywhere: bool,
    /// Do what is shown
    #[arg(long)]
    pub(crate) apply: bool,
}

/// Texts of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum RedactColumn {
    /// The names of those who take part.
    Beneficiary,
    /// Its title.
    Title,
    /// Its summary.
    Summary,
}

impl From<RedactColumn> for esf_pipelines::redaction::Column {
    fn from(column: RedactColumn) -> Self {
        match column {
            RedactColumn::Beneficiary => Self::Beneficiary,
            RedactColumn::Title => Self::Title,
            RedactColumn::Summary => Self::Summary,
        }
    }
}
