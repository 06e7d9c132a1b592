//! What can be typed: the subcommands and flags.
//!
//! Owns the list of subcommands and what all of them have in common; the arguments of each stand with those of its kind.

mod question;
mod release;
mod run;
mod source;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::config::Memory;
use crate::print::Format;

pub(crate) use question::{Access, Compare, Language, Metric, Picture, Region, Sql, Table};
pub(crate) use release::{Diff, Gc, Quarantine, QuarantineAction, Redact, Rollback, Status, Trace};
pub(crate) use run::{Generate, Ingest, Nightly, RunFlags};
pub(crate) use source::{Source, SourceNew};

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
Exit codes: 0 done, 1 internal error, 2 usage, 3 a check failed, 4 a source was held or is too old, or rows were quarantined or \
amounts left out beyond what is expected, 5 a source could not be reached, 75 another run published first, 130 and 143 \
interrupted. `esf explain 4` says more."
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
    /// Folder of further sources, one folder each; repeatable [env: ESF_SOURCES]
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) sources: Vec<PathBuf>,
    /// Folder of further metrics, one folder each; repeatable [env: ESF_METRICS]
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
    #[command(
        after_help = "With nothing configured it loads the bundled samples into a demonstration warehouse in ./warehouse."
    )]
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
    #[command(
        after_help = "On a terminal a table with bars; with --format data; with --output FILE.html a page with a map, with FILE.svg \
a picture, with FILE.sql the statements that give the rows. A question that would put different quantities side by side is \
refused, with what can be asked instead."
    )]
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
    #[command(
        after_help = "Files younger than a day stay, so that a run at work loses nothing. Records of runs stay."
    )]
    Gc(Gc),
    /// Publish the state of an earlier release again, as a new release
    Rollback(Rollback),
    /// Take a person's data out of every release and raw: shown, and done with --apply
    #[command(
        after_help = "Later runs keep it out. What is kept out is remembered by salted hashes, never in clear."
    )]
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
