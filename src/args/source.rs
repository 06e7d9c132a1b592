//! What can be typed of `source`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

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
