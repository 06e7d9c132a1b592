//! Publication: from a draft to the next number, or the reason why not.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use bytes::Bytes;
use esf_schemas::Visibility;
use jiff::Timestamp;
use serde_json::Map;

use super::{
    CheckResult, DataFile, FORMAT_VERSION, LeftBehind, Release, ReleaseError, Result, SourceState,
    TableState, Warehouse, document::has_source_file, hash::content_hash,
};
use crate::{
    store::{Created, StoreError},
    write::TableSpec,
};

/// How often the create of a release is asked for at most.
const TRIES: u32 = 4;

/// The pause before it is asked for a second time; each later one is three times as long.
const PAUSE: Duration = Duration::from_millis(100);

/// No new try begins later than this after the first.
const LONGEST: Duration = Duration::from_secs(15);

/// What a run wants to publish. Its files are in the store already; carried files and new ones may be mixed freely.
#[derive(Debug, Clone)]
pub struct ReleaseDraft {
    /// The release that the run started from; publishing conflicts if another has been published since.
    pub base: Option<u64>,
    /// The run.
    pub run_id: String,
    /// When it is published.
    pub created_at: Timestamp,
    /// The fingerprint of the program.
    pub program: String,
    /// Whether it was made of bundled samples.
    pub demonstration: bool,
    /// The tables by name.
    pub tables: BTreeMap<String, TableState>,
    /// The key of every step.
    pub steps: BTreeMap<String, String>,
    /// The sources by id.
    pub sources: BTreeMap<String, SourceState>,
    /// The results of the release-wide checks.
    pub checks: Vec<CheckResult>,
    /// By source the files that rollbacks left behind. Those that the sources have again are left out when it is published.
    pub left_behind: BTreeMap<String, Vec<LeftBehind>>,
    /// The redactions that it and all releases before it are without; see [`Release::kept_out_by`].
    pub kept_out_by: Option<BTreeSet<String>>,
}

/// How publishing ended.
#[derive(Debug, Clone)]
pub enum Publication {
    /// The release is published.
    Published(Release),
    /// The newest release has the same content; nothing was written.
    Unchanged(Release),
    /// Another run has published since this one started; run again on top of the given release.
    Conflict(Release),
}

impl ReleaseDraft {
    /// An empty draft on top of a release (`None` in a new warehouse), published now.
    pub fn new(
        base: Option<&Release>,
        run_id: impl Into<String>,
        program: impl Into<String>,
    ) -> Self {
        Self {
            base: base.map(|release| release.number),
            run_id: run_id.into(),
            created_at: Timestamp::now(),
            program: program.into(),
            demonstration: base.is_some_and(|release| release.demonstration),
            tables: BTreeMap::new(),
            steps: BTreeMap::new(),
            sources: BTreeMap::new(),
            checks: Vec::new(),
            left_behind: base.map_or_else(BTreeMap::new, |release| release.left_behind.clone()),
            kept_out_by: base.map_or_else(|| Some(BTreeSet::new()), Release::carried),
        }
    }

    /// Adds a table with its files, new and carried over. Their order is made independent of how they came.
    pub fn table(&mut self, spec: &TableSpec, files: impl IntoIterator<Item = DataFile>) {
        let mut table = TableState::new(
            spec.visibility,
            &spec.schema,
            spec.sort.clone(),
            spec.key.clone(),
        );
        table.files.extend(files);
        self.tables.insert(spec.name.clone(), table);
    }

    /// The content hash of the release that this draft becomes. Fails if it names a file twice.
    pub fn content_hash(&self) -> Result<String> {
        // The number is no content.
        Ok(self.clone().release(0)?.content_hash)
    }

    /// The document that this draft becomes under a number.
    fn release(mut self, number: u64) -> Result<Release> {
        for (name, table) in &mut self.tables {
            // In a demonstration there is nobody to protect, and the numbers make plans better.
            if table.visibility == Visibility::Restricted && !self.demonstration {
                table.seal();
            }
            table
                .files
                .sort_by(|a, b| (&a.partition, &a.path).cmp(&(&b.partition, &b.path)));
            if let Some(twice) = table
                .files
                .windows(2)
                .find(|pair| pair[0].path == pair[1].path)
            {
                return Err(ReleaseError::Draft {
                    reason: format!("table {name} has {} twice", twice[0].path),
                });
            }
        }
        for (source_id, files) in &mut self.left_behind {
            files.retain(|file| !has_source_file(&self.sources, source_id, &file.sha256));
        }
        self.left_behind.retain(|_, files| !files.is_empty());
        let mut release = Release {
            format_version: FORMAT_VERSION,
            number,
            run_id: self.run_id,
            created_at: self.created_at,
            program: self.program,
            content_hash: String::new(),
            demonstration: self.demonstration,
            tables: self.tables,
            steps: self.steps,
            sources: self.sources,
            checks: self.checks,
            left_behind: self.left_behind,
            kept_out_by: self.kept_out_by,
            extra: Map::new(),
        };
        let document = serde_json::to_value(&release).map_err(|e| ReleaseError::Draft {
            reason: e.to_string(),
        })?;
        release.content_hash = content_hash(&document);
        Ok(release)
    }
}

impl Warehouse {
    /// Publishes a draft as the next release, by one conditional create.
    ///
    /// Nothing is published if the newest release has the same content or if another run has published since the
    /// draft's base. If the answer to the create is lost, the document is read back and recognised by its run, and asked for
    /// again a few times where it is not there.
    /// Fails if samples and real data would be mixed, or if the store fails; then nothing was published, except with
    /// [`ReleaseError::Unknown`].
    pub async fn publish(&self, draft: ReleaseDraft) -> Result<Publication> {
        let latest = self.latest().await?;
        if let Some(latest) = &latest
            && latest.demonstration != draft.demonstration
        {
            let location = self.location().to_owned();
            return Err(ReleaseError::Demonstration {
                demonstration: latest.demonstration,
                location,
            });
        }
        let base = draft.base;
        let number = latest.as_ref().map_or(1, |release| release.number + 1);
        let release = draft.release(number)?;
        match latest {
            Some(latest) if latest.content_hash == release.content_hash => {
                return Ok(Publication::Unchanged(latest));
            }
            Some(latest) if base != Some(latest.number) => {
                return Ok(Publication::Conflict(latest));
            }
            _ => {}
        }
        self.sync().await?;
        let bytes = serde_json::to_vec(&release).map_err(|e| ReleaseError::Draft {
            reason: e.to_string(),
        })?;
        self.commit(release, bytes.into()).await
    }

    /// Creates the document of a release whose files are durable, and tells our own document from another run's.
    ///
    /// Where the answer to the create is lost and reading back shows that nothing is there, it is asked for again: it is
    /// conditional, so that at most one of the tries makes the document, and all of them would make the same.
    pub(crate) async fn commit(&self, release: Release, document: Bytes) -> Result<Publication> {
        let number = release.number;
        let path = Release::path(number);
        let begun = Instant::now();
        let mut pause = PAUSE;
        let mut tried = 1;
        loop {
            let failure = match self.store().create(&path, document.clone()).await {
                Ok(Created::New) => return Ok(Publication::Published(release)),
                Ok(Created::Exists) => {
                    // It may be our own: the storage client repeats requests whose answer was lost, and so does this.
                    let found = self.read(number).await.map_err(|error| match error {
                        ReleaseError::Store(source) => ReleaseError::Unknown { number, source },
                        other => other,
                    })?;
                    return Ok(recognise(release, found));
                }
                Err(failure) => failure,
            };
            let may_arrive = failure.may_pass() && tried < TRIES && begun.elapsed() < LONGEST;
            match self.resolve(&release, failure).await? {
                Resolved::There(publication) => return Ok(*publication),
                Resolved::Absent(failure) if !may_arrive => return Err(failure.into()),
                Resolved::Absent(_) => {}
            }
            tokio::time::sleep(pause).await;
            pause *= 3;
            tried += 1;
        }
    }

    /// Finds out what became of a create whose answer was lost. Fails with [`ReleaseError::Unknown`] where reading back
    /// fails too.
    async fn resolve(&self, ours: &Release, failure: StoreError) -> Result<Resolved> {
        let number = ours.number;
        let unknown = |source| ReleaseError::Unknown { number, source };
        match self.read_if_exists(number).await {
            Ok(Some(found)) => {
                let publication = recognise(ours.clone(), found);
                let is_ours = matches!(publication, Publication::Published(_));
                // The document of a local store may be there and not be durable yet.
                if is_ours && self.store().sync().await.is_err() {
                    return Err(unknown(failure));
                }
                Ok(Resolved::There(Box::new(publication)))
            }
            Ok(None) => Ok(Resolved::Absent(failure)),
            Err(_) => Err(unknown(failure)),
        }
    }
}

/// What reading back shows of a create whose answer was lost.
enum Resolved {
    /// A document is there: our own, or another run's.
    There(Box<Publication>),
    /// None is there; why the create failed.
    Absent(StoreError),
}

/// Tells our own document (a retried request found what it had written itself) from another run's.
fn recognise(ours: Release, found: Release) -> Publication {
    if found.run_id == ours.run_id && found.content_hash == ours.content_hash {
        Publication::Published(ours)
    } else {
        Publication::Conflict(found)
    }
}
