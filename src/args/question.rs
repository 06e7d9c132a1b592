//! What can be typed of questions and of what they are about: `sql`, `compare`, `metric`, `region`, `table`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

/// `esf sql`.
#[derive(Debug, Args)]
pub(crate) struct Sql {
    /// One or more statements that read, or keep rows for the next (CREATE TEMP TABLE … AS); without them and without -f,
    /// standard input is read, or a shell opens on a terminal
    #[arg(value_name = "QUERY")]
    pub(crate) query: Option<String>,
    /// Read the statements from this file
    #[arg(short, long, value_name = "FILE", conflicts_with = "query")]
    pub(crate) file: Option<PathBuf>,
    /// Which tables can be seen: the public ones, or also those for who runs the warehouse, or all
    #[arg(long, value_name = "WHO", default_value = "public")]
    pub(crate) access: Access,
    /// Run each statement N times, print its rows once, and tell the seconds of each run on standard error as JSON; tables of
    /// the session are made once
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
