//! What a run is asked to do.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use esf_engine::derivation::Derivation;
use jiff::civil::Date;

use crate::night::Night;
use crate::read::Limits;

/// What a run is asked to do.
#[derive(Debug, Clone, Default)]
pub struct RunOptions {
    /// Id of the run, made by [`super::run_id`]; one is made where there is none.
    pub run_id: Option<String>,
    /// The night that the run is for. Of one that is made up for, what was published after it is left aside.
    pub night: Option<Night>,
    /// Sources to look at; empty for all.
    pub sources: Vec<String>,
    /// Folders of downloaded files.
    pub mirrors: Vec<PathBuf>,
    /// One file for one source.
    pub from: Option<FromFile>,
    /// Sources whose new files are taken though their control fails, and what stands of them though more of its rows are
    /// quarantined than expected; or single files of them (`SOURCE:FILE`), which also count of several that came together. Each
    /// with the reason.
    pub accept: BTreeMap<String, String>,
    /// The bundled samples, into a demonstration warehouse.
    pub samples: bool,
    /// Ask the publishers for sources of which nothing else has a file; nobody is asked without.
    pub fetch: Option<crate::fetch::Settings>,
    /// Do everything but publish.
    pub dry_run: bool,
    /// Redo every step.
    pub full: bool,
    /// Workers; 0 for as many as there are cores.
    pub threads: usize,
    /// Bytes that plans may hold before they spill.
    pub memory_limit: Option<usize>,
    /// Bounds on single files.
    pub limits: Limits,
    /// What is computed from the tables of a run besides its own: cubes, which the pipelines do not know.
    pub derivations: Vec<Arc<dyn Derivation>>,
}

impl RunOptions {
    /// Why a file of a source, which has these names, is taken as it is: what was said of it alone, or of all.
    pub(super) fn accepted<'n>(
        &self,
        source_id: &str,
        names: impl Iterator<Item = &'n str>,
    ) -> Option<&str> {
        self.accepted_alone(source_id, names)
            .or_else(|| self.accept.get(source_id).map(String::as_str))
    }

    /// Why a file of a source, which has these names, is taken: what was said of it alone.
    pub(super) fn accepted_alone<'n>(
        &self,
        source_id: &str,
        mut names: impl Iterator<Item = &'n str>,
    ) -> Option<&str> {
        if self.accept.is_empty() {
            return None;
        }
        let of_file = names.find_map(|name| self.accept.get(&format!("{source_id}:{name}")));
        of_file.map(String::as_str)
    }

    /// Whether it is only tried what samples would give, which stands on no release.
    pub(super) fn tries_samples(&self) -> bool {
        self.dry_run && self.samples
    }

    /// The sources of which something is accepted.
    pub(super) fn accepted_sources(&self) -> impl Iterator<Item = &str> {
        let keys = self.accept.keys();
        keys.map(|key| {
            key.split_once(':')
                .map_or(key.as_str(), |(source, _)| source)
        })
    }

    /// Number of workers.
    pub fn workers(&self) -> usize {
        match self.threads {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            n => n,
        }
    }
}

/// One named file.
#[derive(Debug, Clone)]
pub struct FromFile {
    /// Where it is.
    pub path: PathBuf,
    /// The source and list that it becomes.
    pub name: Option<String>,
    /// When it was published.
    pub published: Option<Date>,
}

/// Told how far a run is.
pub trait Progress: Send + Sync {
    /// `done` of `total` of something are done.
    fn step(&self, what: &str, done: usize, total: usize);
}

/// Tells nobody.
#[derive(Debug, Clone, Copy)]
pub struct Silent;

impl Progress for Silent {
    fn step(&self, _: &str, _: usize, _: usize) {}
}
