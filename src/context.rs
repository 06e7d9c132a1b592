//! What every subcommand needs: flags, `ESF_…` variables and `esf.toml` put together, and the things they name.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use esf_engine::release::{AsOf, Release, ReleaseError, Warehouse};
use esf_engine::store::{Store, StoreError};
use jiff::tz::TimeZone;

use crate::args::{Global, When};
use crate::config::{Config, FILE};
use crate::exit::{Exit, Failure};
use crate::print::{Destination, Format, Printer, Style};

/// Where the demonstration is made, and a warehouse is looked for, if nobody names one.
const DEFAULT_WAREHOUSE: &str = "./warehouse";

/// Flags, variables and configuration together.
pub(crate) struct Context {
    global: Global,
    pub(crate) config: Config,
    pub(crate) printer: Printer,
}

impl Context {
    /// Reads `esf.toml` and settles how output looks.
    pub(crate) fn new(global: Global) -> Result<Self, Failure> {
        let config = Config::read(Path::new("."))?;
        let printer = printer(&global);
        Ok(Self {
            global,
            config,
            printer,
        })
    }

    /// Fails for a file of `--output` whose ending names no format, where no format is asked for: what somebody calls a
    /// picture or a document must not be something else. `also` are endings that the command knows besides.
    pub(crate) fn check_output(&self, also: &[&str]) -> Result<(), Failure> {
        let Some(path) = &self.global.output else {
            return Ok(());
        };
        let Some(ending) = path.extension() else {
            return Ok(());
        };
        let is_known = ending
            .to_str()
            .is_some_and(|ending| also.contains(&ending.to_ascii_lowercase().as_str()));
        if is_known || self.global.format.is_some() || Format::of_file(path).is_some() {
            return Ok(());
        }
        let known: Vec<&str> = Format::ENDINGS.iter().chain(also).copied().collect();
        Err(Failure::usage(format!(
            "{} has an ending that names no format",
            path.display()
        ))
        .next(format!(
            "end it with one of {}, or give --format",
            known.join(", ")
        )))
    }

    /// Whether anybody named a warehouse.
    pub(crate) fn names_warehouse(&self) -> bool {
        self.global.warehouse.is_some() || self.config.warehouse.is_some()
    }

    /// The flag that somebody must repeat to reach the same warehouse; empty where variable or configuration name it.
    pub(crate) fn warehouse_flag(&self) -> String {
        match &self.global.warehouse {
            Some(named) if std::env::var("ESF_WAREHOUSE").as_ref() != Ok(named) => {
                let plain = named
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || "/._-:~+".contains(c));
                if plain {
                    format!(" --warehouse {named}")
                } else {
                    format!(" --warehouse '{}'", named.replace('\'', r"'\''"))
                }
            }
            _ => String::new(),
        }
    }

    /// The warehouse; it may not exist yet.
    pub(crate) fn warehouse(&self) -> Result<Warehouse, Failure> {
        let named = self
            .global
            .warehouse
            .as_deref()
            .or(self.config.warehouse.as_deref());
        let warehouse = Warehouse::open(named.unwrap_or(DEFAULT_WAREHOUSE))?;
        Ok(match self.restricted(warehouse.store())? {
            Some(store) => warehouse.with_restricted(store),
            None => warehouse,
        })
    }

    /// The restricted store of the configuration, if the warehouse at this place is the one that it stands beside: what a
    /// warehouse does not name in its own restricted store is garbage there. Fails if both are one place.
    fn restricted(&self, warehouse: &Store) -> Result<Option<Store>, Failure> {
        let (Some(restricted), Some(own)) = (&self.config.restricted, &self.config.warehouse)
        else {
            return Ok(None);
        };
        let open = |location: &str| Store::open(location).map_err(ReleaseError::from);
        if !is_one_place(&open(own)?, warehouse) {
            return Ok(None);
        }
        let store = open(restricted)?;
        if is_one_place(&store, warehouse) {
            return Err(Failure::usage(format!(
                "{FILE} names the warehouse itself as its restricted store"
            ))
            .next("give `restricted` a place of its own, or leave it out"));
        }
        Ok(Some(store))
    }

    /// The release that `--as-of` asks for, or the newest.
    pub(crate) async fn release(&self, warehouse: &Warehouse) -> Result<Release, Failure> {
        let as_of = match &self.global.as_of {
            Some(text) => text.parse()?,
            None => AsOf::Latest,
        };
        Ok(warehouse.get(as_of).await?)
    }

    /// What `--as-of` asks for, if anything.
    pub(crate) fn as_of(&self) -> Option<&str> {
        self.global.as_of.as_deref()
    }

    /// Folders of further sources: flags or else the variable, or else the configuration.
    pub(crate) fn source_folders(&self) -> Vec<PathBuf> {
        folders(&self.global.sources, "ESF_SOURCES", &self.config.sources)
    }

    /// Folders of further metrics: flags or else the variable, or else the configuration.
    pub(crate) fn metric_folders(&self) -> Vec<PathBuf> {
        folders(&self.global.metrics, "ESF_METRICS", &self.config.metrics)
    }

    /// Folders of downloaded files: flags or else the variable, or else the configuration.
    pub(crate) fn mirrors(&self, flags: &[PathBuf]) -> Vec<PathBuf> {
        folders(flags, "ESF_MIRRORS", &self.config.mirrors)
    }

    /// The printer of reports: for people, also in a pipe or a log, unless a format is asked for.
    pub(crate) fn report_printer(&self) -> Printer {
        let asked = self
            .global
            .format
            .or(self.global.output.as_deref().and_then(Format::of_file));
        Printer {
            format: asked.unwrap_or(Format::Table),
            ..self.printer.clone()
        }
    }

    /// The time zone whose dates nights have: the variable or else the configuration, or else that of the system. Fails
    /// if the one that is named is not known.
    pub(crate) fn time_zone(&self) -> Result<TimeZone, Failure> {
        let set = std::env::var("ESF_TIME_ZONE").ok();
        let set = set.filter(|name| !name.is_empty());
        let configured = self.config.nightly.time_zone.as_deref();
        let Some(name) = set.as_deref().or(configured) else {
            return Ok(TimeZone::system());
        };
        TimeZone::get(name).map_err(|_| {
            Failure::usage(format!("there is no time zone {name:?}")).next(
                "write it as Europe/Berlin in ESF_TIME_ZONE, or as `time_zone` under [nightly] in esf.toml; the system \
                 must have zone data (tzdata)",
            )
        })
    }

    /// Threads to use; 0 is one a core.
    pub(crate) fn threads(&self) -> usize {
        self.global
            .threads
            .or(self.config.limits.threads)
            .unwrap_or(0)
    }

    /// Threads that do work side by side.
    pub(crate) fn workers(&self) -> usize {
        match self.threads() {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            n => n,
        }
    }

    /// Memory to use before spilling, in bytes.
    pub(crate) fn memory(&self) -> Option<usize> {
        self.global
            .memory
            .or(self.config.limits.memory)
            .map(|memory| memory.0)
    }

    /// Whether to keep quiet about progress and reports.
    pub(crate) fn quiet(&self) -> bool {
        self.global.quiet
    }
}

/// Whether a stream gets colour.
pub(crate) fn colour(when: When, is_terminal: bool) -> bool {
    match when {
        When::Always => true,
        When::Never => false,
        When::Auto => {
            let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
            is_terminal && !refused && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
        }
    }
}

/// The printer that the flags ask for.
pub(crate) fn printer(global: &Global) -> Printer {
    let destination = global
        .output
        .clone()
        .map_or(Destination::Stdout, Destination::File);
    let is_terminal = destination.is_terminal();
    let by_name = global.output.as_deref().and_then(Format::of_file);
    let by_place = if is_terminal {
        Format::Table
    } else {
        Format::Csv
    };
    let style = Style {
        width: if is_terminal { terminal_width() } else { None },
        colour: colour(global.color, is_terminal),
        expanded: false,
        wrap: false,
        max_rows: (is_terminal && global.rows > 0).then_some(global.rows),
    };
    Printer {
        format: global.format.or(by_name).unwrap_or(by_place),
        style,
        destination,
        timing: is_terminal && !global.quiet,
    }
}

/// Columns of the terminal that standard output is, or COLUMNS where somebody sets it.
pub(crate) fn terminal_width() -> Option<usize> {
    let set = std::env::var("COLUMNS")
        .ok()
        .and_then(|columns| columns.parse().ok());
    let asked = || {
        std::io::stdout()
            .is_terminal()
            .then(|| comfy_table::Table::new().width())
            .flatten()
            .map(usize::from)
    };
    set.or_else(asked).filter(|&width| width >= 20)
}

/// Whether two stores are one, however folders are written; addresses have to be written alike.
fn is_one_place(a: &Store, b: &Store) -> bool {
    let real = |folder: &Path| folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    match (a.folder(), b.folder()) {
        (Some(a), Some(b)) => real(a) == real(b),
        (None, None) => {
            let plain = |store: &Store| store.location().trim_end_matches('/').to_owned();
            plain(a) == plain(b)
        }
        _ => false,
    }
}

fn folders(flags: &[PathBuf], variable: &str, config: &[PathBuf]) -> Vec<PathBuf> {
    if !flags.is_empty() {
        return flags.to_vec();
    }
    match std::env::var_os(variable).filter(|value| !value.is_empty()) {
        Some(paths) => std::env::split_paths(&paths).collect(),
        None => config.to_vec(),
    }
}

impl From<ReleaseError> for Failure {
    fn from(error: ReleaseError) -> Self {
        let exit = match &error {
            ReleaseError::NoSuchRelease { .. }
            | ReleaseError::NoReleaseAt { .. }
            | ReleaseError::Empty { .. }
            | ReleaseError::AsOf { .. }
            | ReleaseError::AlreadyNewest { .. }
            | ReleaseError::Demonstration { .. }
            | ReleaseError::Store(StoreError::Location { .. }) => Exit::Usage,
            ReleaseError::Incomplete { .. } => Exit::Check,
            _ => Exit::Internal,
        };
        let failure = Self::of(exit, &error);
        match &error {
            ReleaseError::NoSuchRelease { .. } | ReleaseError::NoReleaseAt { .. } => {
                failure.explained()
            }
            _ => failure,
        }
    }
}
