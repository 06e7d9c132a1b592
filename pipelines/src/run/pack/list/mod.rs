//! One list of a run: taken over from the previous release, or derived from its files.
//!
//! Owns which files of a list are used: it is derived again without those that fail, that came too late, or whose control
//! failed, and stays as it was published where no new file is left. Does not own what is reused (`reuse`, of older vintages
//! `settled`), whether what is reused is what was written (`sound`), the work on the files (`files`), how many operations of files
//! that stand keep a region (`regions`), or the comparison of a new file with the one before (`run::control`).

mod files;
mod regions;
mod reuse;
mod settled;
mod sound;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use std::time::Instant;

use datafusion::prelude::SessionContext;
use esf_engine::release::{Release, Warehouse};
use esf_engine::session::{Access, SessionOptions, session};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use tokio::sync::Mutex;
use tracing::{Instrument, field, info_span};

use super::Derived;
use crate::merge::rows::Tables;
use crate::merge::{Failure, ListOutput, PreparedFile, Reading};
use crate::night::date_in;
use crate::redaction::Masks;
use crate::run::alike;
use crate::run::aside::Until;
use crate::run::chosen::{Choice, choose};
use crate::run::control::{self, ControlReport};
use crate::run::inputs::{InputFile, Inputs, ListInputs, declarations, is_behind};
use crate::run::reference::LazyGazetteer;
use crate::run::report::SourceReport;
use crate::run::same_bytes::Elsewhere;
use crate::run::standing::Standing;
use crate::run::{RunError, RunOptions};
use crate::source::{Source, Vintage};
use files::{Made, PreparedInput};
use sound::Known;

/// How new files of a list compare with those before, by hash.
type Controls = BTreeMap<String, Vec<ControlReport>>;

/// What came of deriving a list from some of its files.
enum Attempt {
    /// Tables that may be published.
    Made(Made),
    /// Files that the night which is made up for could not have had.
    Late(Vec<SourceReport>),
    /// Files that cannot be used.
    Failed(Vec<Failure>),
}

/// Derives lists, or takes over what can be taken over from the previous release.
pub(super) struct Deriving<'a> {
    reading: &'a Reading,
    gazetteer: &'a LazyGazetteer<'a>,
    archive: bool,
    /// Until when files count, where a night is made up for.
    until: Option<&'a Until>,
    warehouse: &'a Warehouse,
    previous: Option<&'a Release>,
    /// Source and hash of each file behind the previous release.
    published: HashSet<(&'a str, &'a str)>,
    session: Option<SessionContext>,
    keys: HashMap<String, String>,
    /// Key of the references that lists are read with.
    references_key: &'a str,
    /// What the release before holds of its files.
    standing: &'a Standing,
    same_buckets: bool,
    masks: Arc<Masks>,
    /// The day of the run, in the time zone of its night.
    today: Date,
    /// Which files have the bytes of files of other lists.
    elsewhere: Elsewhere,
    /// Whether lists that have not changed are derived again as well. New files are compared with what stands all the same, and
    /// what fails leaves its list as it stands.
    full: bool,
    /// Number of files of a list that are prepared at once: each has a reader, which may be a process of its own.
    at_once: usize,
    /// What the run is asked to do.
    options: &'a RunOptions,
    /// All lists of the run.
    lists: &'a [ListInputs],
    /// The reference tables that they are read with.
    references: &'a [InputFile],
    /// What was found out about the files of the previous release.
    known: Mutex<Known>,
}

impl<'a> Deriving<'a> {
    /// Ready for the lists of a run that go into `count` buckets. Fails if the previous release cannot be opened.
    pub(super) fn new(
        warehouse: &'a Warehouse,
        previous: Option<&'a Release>,
        inputs: &'a Inputs,
        count: u64,
        options: &'a RunOptions,
        reading: &'a Reading,
        gazetteer: &'a LazyGazetteer<'a>,
    ) -> Result<Self, RunError> {
        // One partition keeps the rows in the order of their files.
        let single = SessionOptions {
            target_partitions: Some(1),
            plain_text: true,
            ..SessionOptions::default()
        };
        let keys = inputs
            .lists
            .iter()
            .map(|l| (l.list_id.clone(), l.key(&inputs.references_key)))
            .collect();
        let session = match previous {
            Some(release) => Some(session(warehouse, release, Access::Restricted, &single)?),
            None => None,
        };
        let published = (previous.into_iter())
            .flat_map(|release| &release.sources)
            .flat_map(|(source_id, state)| {
                let files = state.files.iter();
                files.map(move |file| (source_id.as_str(), file.sha256.as_str()))
            });
        let night = options.night.as_ref();
        let zone = night.map_or(TimeZone::UTC, |night| night.time_zone.clone());
        let same_buckets =
            previous.is_some_and(|p| p.steps.get("buckets") == Some(&count.to_string()));
        Ok(Self {
            warehouse,
            previous,
            published: published.collect(),
            session,
            keys,
            references_key: &inputs.references_key,
            standing: &inputs.standing,
            same_buckets,
            reading,
            gazetteer,
            archive: !options.dry_run,
            until: inputs.until.as_ref(),
            masks: Arc::clone(&inputs.masks),
            today: date_in(&zone, Timestamp::now()),
            elsewhere: Elsewhere::of(&inputs.lists),
            full: options.full,
            at_once: options.workers().max(1),
            options,
            lists: &inputs.lists,
            references: &inputs.references,
            known: Mutex::default(),
        })
    }

    /// What a list gives; nothing to write where its rows are taken over with those of its bucket. `settled` are rows of files
    /// that need not be read again.
    pub(super) async fn derive(
        &self,
        list: &ListInputs,
        settled: &Tables,
    ) -> Result<Derived, RunError> {
        let begun = Instant::now();
        if self.is_same(list) {
            let output = if self.same_buckets {
                // Its rows are taken over with those of the whole bucket.
                ListOutput::default()
            } else {
                // Lists may have been in other buckets, where the number of these has changed.
                self.rows_of(list).await?
            };
            return Ok(Derived {
                reused: true,
                ..Derived::taken_over(list.clone(), output, begun)
            });
        }
        let span = info_span!("list", list = list.list_id, failed = field::Empty);
        let deriving = self.derive_anew(list, settled, begun);
        let deriving = deriving.instrument(span.clone());
        let derived = deriving.await?;
        span.record("failed", derived.failures.len() as i64);
        Ok(derived)
    }

    /// Derives a list from its files, and again without those that cannot be used: each time without one at least.
    async fn derive_anew(
        &self,
        list: &ListInputs,
        settled: &Tables,
        begun: Instant,
    ) -> Result<Derived, RunError> {
        if let Some(derived) = self.without_lost(list, begun).await? {
            return Ok(derived);
        }
        let mut left = list.clone();
        left.files.retain(|file| !file.is_lost());
        let mut failures: Vec<Failure> = Vec::new();
        let mut aside: Vec<SourceReport> = Vec::new();
        let mut choices: Vec<Choice> = Vec::new();
        let mut controls = Controls::new();
        loop {
            if self.stands(&left) {
                for choice in choices {
                    choice.settle(&left, &mut aside, &mut failures);
                }
                let output = self.rows_of(&left).await?;
                return Ok(Derived {
                    failures,
                    aside,
                    settled: left.files.clone(),
                    controls,
                    ..Derived::taken_over(left, output, begun)
                });
            }
            let tried = left.files.len();
            let attempt = self.attempt(&mut left, settled, &mut controls);
            match Box::pin(attempt).await? {
                Attempt::Made(made) => {
                    let is_new = |file: &InputFile| !self.was_published(file);
                    let reports = &made.output.reports;
                    control::forget_needless(&mut left, reports, &controls, is_new);
                    for choice in choices {
                        choice.settle(&left, &mut aside, &mut failures);
                    }
                    return Ok(Derived {
                        failures,
                        aside,
                        settled: made.settled,
                        used: (!left.files.is_empty()).then(|| left.clone()),
                        controls,
                        broken: made.broken,
                        ..Derived::taken_over(left, made.output, begun)
                    });
                }
                Attempt::Late(late) => aside.extend(late),
                Attempt::Failed(failed) => {
                    let is_new = |file: &InputFile| !self.was_published(file);
                    let (chosen, mut failed) =
                        choose(&mut left, failed, self.options, &self.masks, is_new);
                    alike::tell_apart(&mut failed, &left.files, &self.masks);
                    choices.extend(chosen);
                    if failed.is_empty() && left.files.len() < tried {
                        continue;
                    }
                    let stays = self.leave_failed(&mut left, &failed, list);
                    failures.extend(failed);
                    if stays {
                        // What was readable once stays as it was published, whatever broke it.
                        let before = list.as_in(self.previous);
                        for choice in choices {
                            choice.settle(&before, &mut aside, &mut failures);
                        }
                        let output = self.rows_of(&before).await?;
                        return Ok(Derived {
                            failures,
                            aside,
                            controls,
                            stays: true,
                            ..Derived::taken_over(before, output, begun)
                        });
                    }
                }
            }
            if left.files.len() == tried {
                // The same files would fail in the same way for ever.
                return Err(RunError::Worker(format!(
                    "list {} fails, and none of its files is to blame; please report this",
                    list.list_id
                )));
            }
        }
    }

    /// Derives a list from its files and controls what came of them; `controls` gets how. Files that came too late are taken out
    /// of it.
    async fn attempt(
        &self,
        list: &mut ListInputs,
        settled: &Tables,
        controls: &mut Controls,
    ) -> Result<Attempt, RunError> {
        let made = match self.derive_list(list, settled, controls).await? {
            Ok(made) => made,
            Err(failed) => return Ok(Attempt::Failed(failed)),
        };
        let late = self.until.map(|until| until.leave(list, &made.output));
        if let Some(late) = late.filter(|late| !late.is_empty()) {
            return Ok(Attempt::Late(late));
        }
        let controlling = self.control(list, &made.output);
        let controlling = controlling.instrument(info_span!("control"));
        let (refused, of_files) = controlling.await?;
        controls.extend(of_files);
        Ok(if refused.is_empty() {
            Attempt::Made(made)
        } else {
            Attempt::Failed(refused)
        })
    }

    /// Takes files that failed out of those that are left of a list; tells whether the list stays as it was published.
    fn leave_failed(&self, left: &mut ListInputs, failed: &[Failure], all: &ListInputs) -> bool {
        let is_failed = |file: &InputFile| {
            let mut failed = failed.iter();
            failed.any(|f| f.sha256 == file.sha256 && f.source_id == file.source.source_id)
        };
        let mut files = left.files.iter();
        let was_published = files.any(|file| is_failed(file) && self.was_published(file));
        left.files.retain(|file| !is_failed(file));
        // Without a new file a list is as it was, if some of what is behind it was taken away.
        let only_old =
            all.lost().next().is_some() && left.files.iter().all(|file| self.was_published(file));
        (was_published || only_old) && self.previous.is_some()
    }

    /// Whether the files of a list are those of the release before and no others, and its rows are there as they would be now.
    fn stands(&self, list: &ListInputs) -> bool {
        !list.files.is_empty()
            && list.files.iter().all(|file| self.was_published(file))
            && self.release_of(list).is_some()
    }

    /// A list some of whose published bytes were taken away and are nowhere else, as it was published: unless a newer file
    /// stands for the whole of it. A newer one that only adds is held, for the rows of the others would be gone.
    async fn without_lost(
        &self,
        list: &ListInputs,
        begun: Instant,
    ) -> Result<Option<Derived>, RunError> {
        let (Some(release), Some(lost)) = (self.previous, list.lost().next()) else {
            return Ok(None);
        };
        // What was published again stands for the list like a new file.
        let is_new =
            |file: &&InputFile| !is_behind(Some(release), file) || file.first_seen > release.number;
        let mut new = list.files.iter().filter(is_new).peekable();
        if new.peek().is_some() && lost.source.toml.vintage == Vintage::Replace {
            return Ok(None);
        }
        let as_it_was = list.as_in(Some(release));
        let held = new.map(|file| {
            file.refused(format!(
                "it adds to {}, whose published bytes a redaction took away; put that file into a folder of --mirror, where it \
                 is read and not kept",
                lost.file_name
            ))
        });
        let failures = held.collect();
        let output = self.rows_of(&as_it_was).await?;
        // Another declaration or table is for the run that has the bytes.
        Ok(Some(Derived {
            failures,
            stays: true,
            ..Derived::taken_over(as_it_was, output, begun)
        }))
    }

    /// New files that are not to be published whatever the others say; `controls` gets why. No tables are made of them, which
    /// would be as many times as large as they should be. A night that is made up for leaves those out first that it could
    /// not have had.
    fn control_by_themselves(
        &self,
        list: &ListInputs,
        prepared: &[PreparedInput],
        controls: &mut Controls,
    ) -> Vec<Failure> {
        let mut refused = Vec::new();
        if !self.reading.expect_rows || self.until.is_some() {
            return refused;
        }
        for (input, prepared) in prepared {
            let Some(twins) = prepared.as_ref().ok().and_then(PreparedFile::twins) else {
                continue;
            };
            let is_it = |file: &&InputFile| {
                file.sha256 == input.sha256 && file.source.source_id == input.source.source_id
            };
            let file = list.files.iter().find(is_it);
            let Some(file) = file.filter(|file| !self.was_published(file)) else {
                continue;
            };
            let of_file = control::of_twins(file, &twins);
            if let Some(message) = control::refusal(&file.source.source_id, &of_file) {
                refused.push(file.refused(message));
                controls.insert(file.sha256.clone(), of_file);
            }
        }
        refused
    }

    /// Compares new files with those before, and looks at what stands where it is read again; gives those that are not to be
    /// published as they are.
    async fn control(
        &self,
        list: &ListInputs,
        output: &ListOutput,
    ) -> Result<(Vec<Failure>, Controls), RunError> {
        if !self.reading.expect_rows {
            return Ok((Vec::new(), Controls::new()));
        }
        let (old, new): (Vec<&InputFile>, Vec<&InputFile>) =
            (list.files.iter()).partition(|file| self.was_published(file));
        let session = self.session.as_ref();
        let elsewhere = &self.elsewhere;
        let mut controls =
            control::control(session, self.previous, &new, output, self.today, elsewhere).await?;
        let mut refused = Vec::new();
        for file in new {
            let of_file = controls.get(&file.sha256).map_or(&[][..], Vec::as_slice);
            let message = control::refusal(&file.source.source_id, of_file);
            refused.extend(message.map(|message| file.refused(message)));
        }
        // By another declaration what stands may mean something else, or be known to be wrong.
        let is_asked = |file: &&&InputFile| self.full || self.is_redeclared(&file.source);
        for file in old.iter().filter(is_asked) {
            let of_file = control::of_standing(file, output);
            let message = control::refusal_of_standing(&file.source.source_id, &of_file);
            refused.extend(message.map(|message| file.refused(message)));
            controls.insert(file.sha256.clone(), of_file);
        }
        // With other reference tables as well.
        for (file, of_source) in self.control_regions(list, &old, output).await? {
            let message = control::refusal_of_regions(&file.source.source_id, &of_source);
            refused.extend(message.map(|message| file.refused(message)));
            let of_file = controls.entry(file.sha256.clone()).or_default();
            of_file.push(of_source);
        }
        Ok((refused, controls))
    }

    /// Whether what stands of a source was made with another declaration.
    fn is_redeclared(&self, source: &Source) -> bool {
        let before = self
            .previous
            .and_then(|release| release.sources.get(&source.source_id));
        before.is_some_and(|before| before.declarations != declarations(source))
    }

    /// Whether a file is behind the previous release.
    fn was_published(&self, file: &InputFile) -> bool {
        let key = (file.source.source_id.as_str(), file.sha256.as_str());
        self.published.contains(&key)
    }
}
