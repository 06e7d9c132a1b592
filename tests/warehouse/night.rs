//! A night on a store that fails: in every way at every operation, until a night completes untouched.
//!
//! After each, a reader sees exactly the release before or the new one, and sound; an error names the object; and a run
//! without faults ends, without any repair, in the release that an undisturbed night gives.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use esf_engine::release::{Release, Warehouse};
use esf_engine::session::Access;
use esf_engine::store::{Store, sha256};
use esf_engine::verify::{VerifyOptions, verify};
use esf_pipelines::run::{self, Outcome, RunError, RunOptions, RunReport, Silent};
use esf_pipelines::{Catalogue, Source};
use esf_test_store::{Fault, Faulty};
use futures::TryStreamExt;
use object_store::memory::InMemory;
use object_store::{ObjectMeta, ObjectStore, ObjectStoreExt};
use tempfile::TempDir;

/// One list whose file is another in the second night, and one whose rows are taken over.
const CHANGING: &str = "made_changing";
const STAYING: &str = "made_staying";

const MAPPING: &str = r#"
[conventions]
numbers = "1.234,56"
dates = ["dd.mm.yyyy"]
currency = "EUR"
"#;

const HEADER: &str = "Name des Begünstigten;Bezeichnung des Vorhabens;Datum des Beginns;\
                      Gesamtbetrag förderfähiger Ausgaben";
const ROWS: [&str; 3] = [
    "Muster gGmbH;Beruf und Sprache;04.04.2016;91.100,16",
    "Beispiel Stiftung;Schule gelingt;01.09.2015;250.000,00",
    "Werkstatt Muster GmbH;Betriebe im Wandel;01.01.2016;1.085,50",
];

/// Stack of a thread that plans queries, as the command has it.
const STACK: usize = 64 << 20;

/// More than a night has operations.
const MANY: usize = 10_000;

/// How long an operation is held up: longer than all that run beside it take.
const DELAY: Duration = Duration::from_millis(5);

/// The second night, to be done again and again from the state after the first.
struct Night {
    mirror: TempDir,
    before: Arc<InMemory>,
    /// Content hash of the release before.
    old: String,
    /// Content hash of the release of an undisturbed night.
    new: String,
    /// States of the store from which the next run was tried already. It depends on nothing else.
    tried: Mutex<BTreeSet<String>>,
}

fn source(source_id: &str) -> Source {
    let toml = format!(
        "title = \"{source_id}\"\npublisher = \"Muster\"\nkind = \"operations\"\nfiles = [\"{source_id}.csv\"]\n\
         list_id = \"{source_id}\"\ncountry = \"DE\"\nnuts_code = \"DE3\"\nperiod = \"2014-2020\"\nfund = \"ESF\"\n\
         language = \"de\"\nidentity = [\"beneficiary_name\", \"title\", \"start_date\"]\n\n\
         [format]\nkind = \"csv\"\nencoding = \"utf-8\"\ndelimiter = \";\"\n"
    );
    let texts = BTreeMap::from([
        ("source.toml".to_owned(), toml),
        ("mapping.toml".to_owned(), MAPPING.to_owned()),
    ]);
    Source::parse(source_id, texts).unwrap()
}

fn warehouse(store: Arc<dyn ObjectStore>) -> Warehouse {
    Warehouse::new(Store::from_object_store(store, "memory://night"))
}

/// Does work where plans have room on the stack, as in the command.
fn with_room<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    thread::scope(|scope| {
        let builder = thread::Builder::new().stack_size(STACK);
        builder.spawn_scoped(scope, work).unwrap().join().unwrap()
    })
}

fn on_a_runtime<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(work)
}

impl Night {
    async fn prepare() -> Self {
        let before = Arc::new(InMemory::new());
        let mut night = Self {
            mirror: tempfile::tempdir().unwrap(),
            before: Arc::clone(&before),
            old: String::new(),
            new: String::new(),
            tried: Mutex::default(),
        };
        night.put(CHANGING, 2);
        // Not the same bytes: one list must not count twice.
        night.put(STAYING, 1);
        let first = night.ingest(&warehouse(before)).await.unwrap();
        night.old = published(&first, 1);
        night.put(CHANGING, 3);
        let undisturbed = warehouse(Arc::new(night.before.fork()));
        let second = night.ingest(&undisturbed).await.unwrap();
        night.new = published(&second, 2);
        assert_ne!(night.old, night.new);
        sound(&undisturbed, true).await;
        night
    }

    fn put(&self, source_id: &str, rows: usize) {
        let text = format!("{HEADER}\n{}\n", ROWS[..rows].join("\n"));
        fs::write(self.mirror.path().join(format!("{source_id}.csv")), text).unwrap();
    }

    async fn ingest(&self, warehouse: &Warehouse) -> Result<RunReport, RunError> {
        let mut catalogue = Catalogue::default();
        catalogue.insert(source(CHANGING));
        catalogue.insert(source(STAYING));
        let options = RunOptions {
            mirrors: vec![self.mirror.path().to_owned()],
            threads: 1,
            ..RunOptions::default()
        };
        run::run(warehouse, &mut catalogue, &options, &Silent).await
    }

    /// The night with faults; gives how many struck.
    async fn disturbed(&self, faults: impl IntoIterator<Item = (usize, Fault)>) -> usize {
        let store = Arc::new(self.before.fork());
        let faulty = Faulty::new(Arc::clone(&store) as Arc<dyn ObjectStore>, faults);
        let end = self.ingest(&warehouse(Arc::new(faulty.clone()))).await;
        let struck = faulty.struck();
        match &end {
            Ok(report) => assert_eq!(published(report, 2), self.new, "{struck:?}"),
            Err(error) => {
                let last = struck.last().expect("only a fault is an error");
                let message = error.to_string();
                assert!(message.contains(&last.path), "{last}: {message}");
                // A store that fails is no fault of the program, also where a plan was reading.
                assert!(!message.starts_with("internal:"), "{last}: {message}");
            }
        }
        let what = struck.last().map(ToString::to_string);
        self.recover(store, &what.unwrap_or_default()).await;
        struck.len()
    }

    /// Looks at what a night left, and runs again.
    async fn recover(&self, store: Arc<InMemory>, what: &str) {
        let state = state(&store).await;
        if !self.tried.lock().unwrap().insert(state) {
            return;
        }
        let warehouse = warehouse(store);
        let seen = sound(&warehouse, false).await;
        let expected = match seen.number {
            1 => &self.old,
            _ => &self.new,
        };
        assert_eq!(&seen.content_hash, expected, "{what}");
        let again = self.ingest(&warehouse).await;
        let again = again.unwrap_or_else(|error| panic!("{what}, and then: {error}"));
        assert_eq!(again.exit_code(), 0, "{what}: {:?}", again.sources);
        let seen = sound(&warehouse, false).await;
        assert_eq!((seen.number, &seen.content_hash), (2, &self.new), "{what}");
        let logs = warehouse.store().get("delta.json").await.unwrap();
        let logs: serde_json::Value = serde_json::from_slice(&logs).unwrap();
        assert_eq!(logs["release"], 2, "{what}: the logs for other engines");
    }

    /// A fault at every operation that it can strike; gives how many those are.
    fn at_every_operation(&self, fault: Fault) -> usize {
        on_a_runtime(async {
            for n in 0..MANY {
                if self.disturbed([(n, fault)]).await == 0 {
                    return n;
                }
            }
            panic!("a night with {MANY} operations does not end");
        })
    }

    /// Three nights in which each operation is late in one of them; gives how many were late.
    fn late(&self) -> usize {
        on_a_runtime(async {
            let mut struck = 0;
            for third in 0..3 {
                let late = (third..MANY).step_by(3).map(|n| (n, Fault::Delay(DELAY)));
                struck += self.disturbed(late).await;
            }
            struck
        })
    }
}

/// The content hash of the release that a run published, which must have this number.
fn published(report: &RunReport, expected: u64) -> String {
    match &report.outcome {
        Outcome::Published {
            number,
            content_hash,
        } if *number == expected => content_hash.clone(),
        other => panic!("release {expected} was not published: {other:?}"),
    }
}

/// The newest release, which must be sound.
async fn sound(warehouse: &Warehouse, references: bool) -> Release {
    let release = warehouse.latest().await.unwrap().unwrap();
    let options = VerifyOptions {
        access: Access::Restricted,
        references,
        ..VerifyOptions::default()
    };
    let report = verify(warehouse, &release, &options).await.unwrap();
    assert_eq!(report.faults, [], "release {}", release.number);
    release
}

/// A hash of all that a run finds in a store. Records of runs are not read by it; release documents and the logs for other
/// engines differ only in run and time where they have the same name and size.
async fn state(store: &InMemory) -> String {
    let mut objects: Vec<ObjectMeta> = store.list(None).try_collect().await.unwrap();
    objects.retain(|object| !object.location.as_ref().starts_with("runs/"));
    objects.sort_by(|a, b| a.location.cmp(&b.location));
    let mut text = String::new();
    for object in objects {
        let path = object.location.as_ref();
        let content = if path.ends_with(".json") {
            object.size.to_string()
        } else {
            let found = store.get(&object.location).await.unwrap();
            sha256(&found.bytes().await.unwrap())
        };
        writeln!(text, "{path} {content}").unwrap();
    }
    sha256(text.as_bytes())
}

#[test]
fn a_night_is_whole_whatever_its_store_does() {
    let night = with_room(|| on_a_runtime(Night::prepare()));
    thread::scope(|scope| {
        let night = &night;
        let start = |work: fn(&Night) -> usize| scope.spawn(move || with_room(|| work(night)));
        let working = [
            start(|night| night.at_every_operation(Fault::Fail)),
            start(|night| night.at_every_operation(Fault::Truncate)),
            start(|night| night.at_every_operation(Fault::Lose)),
            start(|night| night.at_every_operation(Fault::Repeat)),
            start(Night::late),
        ];
        let [failed, cut, lost, repeated, late] = working.map(|one| one.join().unwrap());
        assert!(
            failed > cut && cut > lost && lost > repeated && repeated > 0 && late > cut,
            "struck: {failed} of all, {cut} reads and writes, {lost} writes, {repeated} creates, {late} late"
        );
    });
}
