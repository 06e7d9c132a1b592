//! What can be typed: the subcommands and flags.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::config::Memory;
use crate::print::Format;

/// A warehouse of labour-market programmes: published lists in, comparable numbers out.
#[derive(Debug, Parser)]
#[command(
    name = "esf",
    bin_name = "esf",
    version,
    arg_required_else_help = true,
    disable_help_subcommand = true,
    disable_help_flag = true,
    max_term_width = 100
)]
#[command(
    after_help = "Start with `esf nightly`: it loads the bundled samples into ./warehouse and says what to type next.\n\
Exit codes: 0 done, 1 internal error, 2 usage, 3 a check failed, 4 a source was held or is too old, 5 a source could not be \
reached, 75 another run published first, 130 and 143 interrupted."
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Flags of all subcommands.
#[derive(Debug, Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Global {
    /// Folder or URL of the warehouse [default: `warehouse` in esf.toml, then ./warehouse]
    #[arg(
        long,
        global = true,
        value_name = "DIR|URL",
        env = "ESF_WAREHOUSE",
        hide_env_values = true
    )]
    pub(crate) warehouse: Option<String>,
    /// Folder of further sources, one folder each; repeatable [env: ESF_SOURCES=]
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) sources: Vec<PathBuf>,
    /// Folder of further metrics, one folder each; repeatable [env: ESF_METRICS=]
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) metrics: Vec<PathBuf>,
    /// Read an earlier release: its number, or a day such as 2026-11-01
    #[arg(
        long,
        global = true,
        value_name = "RELEASE|DATE",
        env = "ESF_AS_OF",
        hide_env_values = true
    )]
    pub(crate) as_of: Option<String>,
    /// How data is printed [default: by the ending of --output; table on a terminal, csv in a pipe]
    #[arg(
        long,
        global = true,
        value_name = "FORMAT",
        env = "ESF_FORMAT",
        hide_env_values = true
    )]
    pub(crate) format: Option<Format>,
    /// Write data to this file instead of printing it
    #[arg(short, long, global = true, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Rows shown on a terminal before the rest is only counted; 0 shows all
    #[arg(long, global = true, value_name = "N", default_value_t = 500)]
    pub(crate) rows: usize,
    /// Colour: auto is on a terminal, unless NO_COLOR is set
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub(crate) color: When,
    /// Threads to use; 0 is one a core
    #[arg(
        long,
        global = true,
        value_name = "N",
        env = "ESF_THREADS",
        hide_env_values = true
    )]
    pub(crate) threads: Option<usize>,
    /// Memory to use before spilling to disk, such as 500MiB
    #[arg(
        long,
        global = true,
        value_name = "SIZE",
        env = "ESF_MEMORY",
        hide_env_values = true
    )]
    pub(crate) memory: Option<Memory>,
    /// Print no progress and no report, only data and what went wrong
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    /// Say more on standard error; twice for more still
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
    /// Print help
    #[arg(short, long, global = true, action = clap::ArgAction::HelpShort)]
    pub(crate) help: Option<bool>,
    /// How the log on standard error is written; ESF_LOG filters it, such as ESF_LOG=esf_pipelines=debug
    #[arg(
        long,
        global = true,
        value_name = "FORMAT",
        default_value = "text",
        env = "ESF_LOG_FORMAT",
        hide_env_values = true
    )]
    pub(crate) log_format: LogFormat,
}

/// When to use colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum When {
    /// On a terminal, unless NO_COLOR is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// The subcommands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Find, ingest, check, publish and report: the main job
    ///
    /// With nothing configured it loads the bundled samples into a demonstration warehouse in ./warehouse.
    Nightly(Nightly),
    /// Ingest named or all sources and publish a release
    Ingest(Ingest),
    /// Make synthetic data of any size, in a demonstration warehouse of their own
    Generate(Generate),
    /// The sources: list, show, try, begin
    #[command(subcommand)]
    Source(Source),
    /// Ask in SQL: one statement, a file, or an interactive shell
    Sql(Sql),
    /// One metric side by side: by region, country, programme, field of intervention, beneficiary
    ///
    /// On a terminal a table with bars; with --format data; with --output FILE.html a page with a map, with FILE.svg a
    /// picture. A question that would put different quantities side by side is refused, with what can be asked instead.
    Compare(Compare),
    /// The metrics: what can be compared, and what each number means
    #[command(subcommand)]
    Metric(Metric),
    /// The regions of a release
    #[command(subcommand)]
    Region(Region),
    /// The tables: what they hold, in which units
    #[command(subcommand)]
    Table(Table),
    /// The published releases
    Releases,
    /// What differs between two releases: operations added, gone and changed, field by field
    Diff(Diff),
    /// Check every file of a release against its record
    Verify,
    /// Derive a stored row again from the published bytes, step by step
    Trace(Trace),
    /// Rows that were not loaded, by source and rule
    Quarantine(Quarantine),
    /// What a message or an exit code means, and what to do about it
    Explain(Explain),
    /// How old every source is, and how the last run went
    Status(Status),
    /// Examine what a run stands on: stores, clock, space, sources, mirrors
    Doctor,
    /// What no kept release needs any more: shown, and removed with --apply
    ///
    /// Files younger than a day stay, so that a run at work loses nothing. Records of runs stay.
    Gc(Gc),
    /// Publish the state of an earlier release again, as a new release
    Rollback(Rollback),
    /// Take a person's data out of every release and raw: shown, and done with --apply
    ///
    /// Later runs keep it out. What is kept out is remembered by salted hashes, never in clear.
    Redact(Redact),
    /// Completions for a shell, on standard output
    Completions(Completions),
    /// Write the manual pages
    Man(Man),
}

impl Command {
    /// Whether it may start a run, which is what traces are made of.
    pub(crate) fn is_run(&self) -> bool {
        matches!(
            self,
            Self::Nightly(_) | Self::Ingest(_) | Self::Quarantine(_)
        )
    }
}

/// Where files come from and what a run may do; shared by `nightly` and `ingest`.
#[derive(Debug, Args)]
#[allow(clippy::struct_excessive_bools)] // each is a flag that can be typed
pub(crate) struct RunFlags {
    /// Folder of already downloaded files, searched with its subfolders; repeatable [env: ESF_MIRRORS=]
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
    /// Take the new file of a source though its control fails, with the reason, which is kept; repeatable
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

/// `esf source`.
#[derive(Debug, Subcommand)]
pub(crate) enum Source {
    /// All declared sources
    List,
    /// What a source declares
    Show {
        /// Its name
        #[arg(value_name = "SOURCE")]
        name: String,
    },
    /// Run a source on its sample, or on a file, and explain every column
    Check(SourceCheck),
    /// Begin a source from a file: writes its folder with what could be found out
    New(SourceNew),
    /// The fields that a published column can mean
    Fields,
}

/// `esf source check`.
#[derive(Debug, Args)]
pub(crate) struct SourceCheck {
    /// Its name
    #[arg(value_name = "SOURCE", required_unless_present = "all")]
    pub(crate) name: Option<String>,
    /// Check this file instead of the sample
    #[arg(value_name = "FILE", conflicts_with = "all")]
    pub(crate) file: Option<PathBuf>,
    /// Check every source on its sample
    #[arg(long, conflicts_with = "name")]
    pub(crate) all: bool,
}

/// `esf source new`.
#[derive(Debug, Args)]
pub(crate) struct SourceNew {
    /// Its name, such as de_bw_esf_2021-2027
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
    /// A published file
    #[arg(long, value_name = "FILE")]
    pub(crate) from: PathBuf,
    /// Folder in which the new folder is made
    #[arg(long, value_name = "DIR", default_value = "sources")]
    pub(crate) into: PathBuf,
}

/// `esf sql`.
#[derive(Debug, Args)]
pub(crate) struct Sql {
    /// One or more statements; without them and without -f, standard input is read, or a shell opens on a terminal
    #[arg(value_name = "QUERY")]
    pub(crate) query: Option<String>,
    /// Read the statements from this file
    #[arg(short, long, value_name = "FILE", conflicts_with = "query")]
    pub(crate) file: Option<PathBuf>,
    /// Which tables can be seen: the public ones, or also those for who runs the warehouse, or all
    #[arg(long, value_name = "WHO", default_value = "public")]
    pub(crate) access: Access,
    /// Run each statement N times, print its rows once, and tell the seconds of each run on standard error as JSON
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(crate) timed: Option<u32>,
}

/// Which tables a session sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Access {
    /// Public tables.
    Public,
    /// Also quarantine and runs.
    Operator,
    /// Also counts of people before disclosure control; in a demonstration only.
    Restricted,
}

impl Access {
    /// The widest visibility that is seen.
    pub(crate) fn visibility(self) -> esf_schemas::Visibility {
        match self {
            Self::Public => esf_schemas::Visibility::Public,
            Self::Operator => esf_schemas::Visibility::Operator,
            Self::Restricted => esf_schemas::Visibility::Restricted,
        }
    }
}

impl From<Access> for esf_engine::session::Access {
    fn from(access: Access) -> Self {
        match access {
            Access::Public => Self::Public,
            Access::Operator => Self::Operator,
            Access::Restricted => Self::Restricted,
        }
    }
}

/// `esf compare`.
#[derive(Debug, Args)]
pub(crate) struct Compare {
    /// The metric; `esf metric list` shows them
    #[arg(value_name = "METRIC")]
    pub(crate) metric: String,
    /// What the rows are: region, country, programme, intervention, instrument, beneficiary, period, fund, list or year
    /// [default: region, or the first that the metric is defined by]
    #[arg(long, value_name = "DIMENSION")]
    pub(crate) by: Option<esf_queries::Dimension>,
    /// Size of regions: comparable (German Länder with Swedish NUTS 2), nuts1, nuts2 or nuts3
    #[arg(long, value_name = "LEVEL", default_value = "comparable")]
    pub(crate) level: esf_queries::Level,
    /// Only operations of this country, such as DE
    #[arg(long, value_name = "CODE")]
    pub(crate) country: Option<String>,
    /// Only operations of this funding period, such as 2014-2020
    #[arg(long, value_name = "PERIOD")]
    pub(crate) period: Option<esf_queries::Period>,
    /// Only operations of which this SQL condition holds; columns are those of the view operation_dimension
    #[arg(long = "where", value_name = "CONDITION")]
    pub(crate) filter: Option<String>,
    /// Language of titles and sentences [default: that of the environment]
    #[arg(long, value_name = "LANGUAGE")]
    pub(crate) language: Option<Language>,
    /// Most rows; 0 shows all [default: 50 in tables and pictures for people, all in data]
    #[arg(long, value_name = "N")]
    pub(crate) limit: Option<usize>,
    /// What an .svg file shows: a map where there are regions, else bars
    #[arg(long, value_name = "PICTURE")]
    pub(crate) picture: Option<Picture>,
    /// Boundaries for the map, a GeoJSON file of GISCO (also gzipped) or a folder of them, instead of tiles; repeatable
    #[arg(long, value_name = "FILE|DIR")]
    pub(crate) shapes: Vec<PathBuf>,
}

/// What a picture shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Picture {
    /// A map of regions.
    Map,
    /// Bars with their intervals.
    Bars,
}

/// A language of titles and sentences.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Language {
    /// German.
    De,
    /// Swedish.
    Sv,
    /// English.
    En,
}

impl From<Language> for esf_queries::chart::Language {
    fn from(language: Language) -> Self {
        match language {
            Language::De => Self::De,
            Language::Sv => Self::Sv,
            Language::En => Self::En,
        }
    }
}

impl Language {
    /// The language that the environment asks for.
    pub(crate) fn of_environment() -> esf_queries::chart::Language {
        let set = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let locale = set("LC_ALL")
            .or_else(|| set("LC_MESSAGES"))
            .or_else(|| set("LANG"));
        match locale.as_deref().and_then(|locale| locale.get(..2)) {
            Some("de") => esf_queries::chart::Language::De,
            Some("sv") => esf_queries::chart::Language::Sv,
            _ => esf_queries::chart::Language::En,
        }
    }
}

/// `esf metric`.
#[derive(Debug, Subcommand)]
pub(crate) enum Metric {
    /// All metrics
    List,
    /// Definition, population, comparability, source and query of a metric
    Show {
        /// Its name
        #[arg(value_name = "METRIC")]
        name: String,
    },
}

/// `esf region`.
#[derive(Debug, Subcommand)]
pub(crate) enum Region {
    /// All regions of the newest NUTS version that the release holds
    List {
        /// Only this NUTS level, 0 to 3
        #[arg(long, value_name = "LEVEL", value_parser = clap::value_parser!(u8).range(0..=3))]
        level: Option<u8>,
    },
    /// A region, the regions in it, and how many operations are loaded for each
    Show {
        /// Its NUTS code
        #[arg(value_name = "CODE")]
        code: String,
    },
}

/// `esf table`.
#[derive(Debug, Subcommand)]
pub(crate) enum Table {
    /// All tables and views, and what a row of each stands for
    List,
    /// Columns, types, units and meanings of a table or view
    Show {
        /// Its name
        #[arg(value_name = "TABLE")]
        name: String,
    },
}

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
    /// Only rows rejected by this rule
    #[arg(long, value_name = "RULE")]
    pub(crate) rule: Option<String>,
}

/// What to do about rejected rows.
#[derive(Debug, Subcommand)]
pub(crate) enum QuarantineAction {
    /// Ingest a source again, after its mapping was mended
    Replay {
        /// Its name
        #[arg(value_name = "SOURCE")]
        source: String,
        /// Folder of already downloaded files, searched with its subfolders; repeatable [env: ESF_MIRRORS=]
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

/// `esf explain`.
#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// The code of a message, an exit code, or a whole message; without it, all messages are listed
    #[arg(value_name = "CODE")]
    pub(crate) code: Option<String>,
}

/// `esf completions`.
#[derive(Debug, Args)]
pub(crate) struct Completions {
    /// The shell
    #[arg(value_name = "SHELL")]
    pub(crate) shell: clap_complete::Shell,
}

/// `esf man`.
#[derive(Debug, Args)]
pub(crate) struct Man {
    /// Folder to write into
    #[arg(value_name = "DIR", default_value = "man")]
    pub(crate) into: PathBuf,
}
