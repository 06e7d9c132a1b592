//! An attack on the public files of several releases from outside (`attack.py`: DuckDB and scipy, none of our SQL): no
//! suppressed count of participants can be narrowed below its range, and no difference between two releases, in made
//! tables and in random ones.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use arrow::record_batch::RecordBatch;
use esf_engine::derivation::{Derivation, Reuse, derive_all};
use esf_engine::release::{Publication, ReleaseDraft, Warehouse};
use esf_engine::session::SessionOptions;
use esf_engine::write::{TableSpec, TableWriter};
use libtest_mimic::Trial;

use crate::world::folder;
use crate::{python, shared, trial};

/// Random tables; each has up to three releases.
const TABLES: u64 = 6;

pub(crate) fn trials() -> Vec<Trial> {
    let absent = ["scipy", "duckdb"].iter().any(|name| !python::has(name));
    vec![
        trial("disclosure::a_made_table_in_two_releases", made).with_ignored_flag(absent),
        trial("disclosure::random_tables", random).with_ignored_flag(absent),
        trial("disclosure::rules", rules).with_ignored_flag(shared::folder().is_none()),
    ]
}

/// The codes of a cell: operation, programme, region, sex, age group, what is counted and in which unit.
type Key = [String; 7];

/// The columns that make a key of `participation_cell` besides those of [`Key`], the same in every row.
const SAME: [(&str, &str); 7] = [
    ("indicator_list", "INDICATOR_2021_27"),
    ("indicator_code", "EECO02"),
    ("period_start", "2022-01-01"),
    ("period_end", "2022-12-31"),
    ("education", "total"),
    ("labour_status", "total"),
    ("estimation", "full"),
];

const OWN: [&str; 7] = [
    "operation_id",
    "programme_id",
    "nuts_code",
    "sex",
    "age_group",
    COUNT_OF,
    "unit_of_count",
];

const COUNT_OF: &str = "count_of";

/// A warehouse with what was counted for each of its releases.
struct World {
    warehouse: Warehouse,
    folder: std::path::PathBuf,
    truth: String,
    releases: u64,
}

impl World {
    fn new(name: &str) -> Self {
        let folder = folder("disclosure").join(name);
        std::fs::create_dir_all(&folder).unwrap();
        let warehouse = Warehouse::open(folder.join("warehouse").to_str().unwrap()).unwrap();
        let mut truth = String::from("release");
        for name in OWN.iter().chain(SAME.iter().map(|(name, _)| name)) {
            write!(truth, ",{name}").unwrap();
        }
        truth.push_str(",n\n");
        Self {
            warehouse,
            folder,
            truth,
            releases: 0,
        }
    }

    /// Publishes these counts, unless the check says that they cannot be protected.
    fn publish(&mut self, cells: &BTreeMap<Key, i64>) -> bool {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        if !runtime.block_on(release(&self.warehouse, cells)) {
            return false;
        }
        self.releases += 1;
        for (key, n) in cells {
            let same = SAME.map(|(_, value)| value).join(",");
            writeln!(self.truth, "{},{},{same},{n}", self.releases, key.join(",")).unwrap();
        }
        true
    }

    fn attack(&self, more: &[&str]) -> (bool, String) {
        let truth = self.folder.join("truth.csv");
        std::fs::write(&truth, &self.truth).unwrap();
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/outside/attack.py");
        let output = Command::new(python::program("python3").expect("it is installed"))
            .arg(script)
            .arg(self.folder.join("warehouse"))
            .arg(truth)
            .args(more)
            .output()
            .expect("Python starts");
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let fault = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(fault.is_empty(), "{fault}");
        (output.status.success(), said)
    }
}

async fn release(warehouse: &Warehouse, cells: &BTreeMap<Key, i64>) -> bool {
    let previous = warehouse.latest().await.unwrap();
    let mut draft = ReleaseDraft::new(previous.as_ref(), "made", "test");
    let participation: Vec<Vec<(&str, String)>> = cells
        .iter()
        .filter(|(key, _)| key[5] == "indicator")
        .map(|(key, n)| {
            let own = OWN
                .iter()
                .zip(key)
                .filter(|(name, _)| **name != COUNT_OF)
                .map(|(name, value)| (*name, value.clone()));
            let same = SAME
                .iter()
                .map(|(name, value)| (*name, (*value).to_owned()));
            let n_known = cells.get(&known(key));
            own.chain(same)
                .chain([("n", n.to_string())])
                .chain(n_known.map(|n| ("n_known", n.to_string())))
                .collect()
        })
        .collect();
    let operations: Vec<Vec<(&str, String)>> = ["a", "b", "c"]
        .iter()
        .map(|id| {
            vec![
                ("operation_id", (*id).to_owned()),
                ("programme_id", "P".to_owned()),
            ]
        })
        .collect();
    for (name, rows) in [
        ("operation", operations),
        ("participation", participation),
        ("participant", vec![]),
        ("programme", vec![]),
        ("region", vec![]),
    ] {
        let spec = Arc::new(TableSpec::from(esf_schemas::table(name).unwrap()));
        let mut files = Vec::new();
        if !rows.is_empty() {
            let mut writer = TableWriter::create(warehouse, &spec, "made").unwrap();
            writer.write(&batch(name, &rows)).unwrap();
            files.push(writer.finish().unwrap().unwrap().keep().await.unwrap());
        }
        draft.table(&spec, files);
    }
    let derivations: [Arc<dyn Derivation>; 1] = [Arc::new(esf_queries::Participation)];
    let options = SessionOptions::default();
    let before = previous.as_ref();
    let ran = derive_all(
        warehouse,
        &mut draft,
        before,
        Reuse::Unchanged,
        &derivations,
        &options,
    )
    .await
    .unwrap();
    if ran
        .iter()
        .flat_map(|one| &one.checks)
        .any(|check| !check.passed)
    {
        return false;
    }
    matches!(
        warehouse.publish(draft).await.unwrap(),
        Publication::Published(_)
    )
}

/// Rows of a table; what is not named is null or a filler.
fn batch(table: &str, rows: &[Vec<(&str, String)>]) -> RecordBatch {
    let table = esf_schemas::table(table).unwrap();
    let names: Vec<&str> = table
        .columns
        .iter()
        .map(|column| column.name.as_str())
        .collect();
    let mut csv = names.join(",");
    for (number, row) in rows.iter().enumerate() {
        csv.push('\n');
        for (at, column) in table.columns.iter().enumerate() {
            let given = row.iter().find(|(name, _)| *name == column.name);
            let value = match given {
                Some((_, value)) => value.clone(),
                None if column.name == "source_row" => (number + 2).to_string(),
                None if column.nullable => String::new(),
                None if column.column_type == esf_schemas::ColumnType::Bool => "false".to_owned(),
                None => "made".to_owned(),
            };
            write!(csv, "{}{value}", if at > 0 { "," } else { "" }).unwrap();
        }
    }
    let reader = arrow::csv::ReaderBuilder::new(table.arrow_schema())
        .with_header(true)
        .with_batch_size(1 << 20);
    let mut batches = reader.build(csv.as_bytes()).unwrap();
    batches.next().unwrap().unwrap()
}

/// All totals of counts by operation, region, sex and age group.
fn totals(leaves: &BTreeMap<Key, i64>) -> BTreeMap<Key, i64> {
    let mut cells = BTreeMap::new();
    for ([operation, _, region, sex, age, count_of, unit], n) in leaves {
        let regions = (2..=region.len()).map(|length| region[..length].to_owned());
        let regions: Vec<String> = regions.chain([String::new()]).collect();
        for (operation, programme) in [(operation.as_str(), ""), ("", "P")] {
            for region in &regions {
                for sex in [sex.as_str(), "total"] {
                    for age in [age.as_str(), "total"] {
                        let key = [operation, programme, region, sex, age, count_of, unit];
                        let key = key.map(str::to_owned);
                        *cells.entry(key).or_default() += n;
                    }
                }
            }
        }
    }
    cells
}

fn leaf(operation: &str, region: &str, sex: &str, age: &str) -> Key {
    [operation, "", region, sex, age, "indicator", "persons"].map(str::to_owned)
}

/// The same group, of whom it is known whether the indicator is true of them.
fn known(key: &Key) -> Key {
    let mut key = key.clone();
    "known".clone_into(&mut key[5]);
    key
}

/// The participations of the same group.
fn entries(key: &Key) -> Key {
    let mut key = key.clone();
    "entries".clone_into(&mut key[6]);
    key
}

/// No more have an attribute than it is known of, and nobody takes part without being a person.
fn in_order(leaves: &mut BTreeMap<Key, i64>) {
    let counts = leaves.clone();
    for (key, n) in &counts {
        if *key != entries(key) && *key != known(key) {
            for larger in [known(key), entries(key)] {
                leaves
                    .entry(larger)
                    .and_modify(|most| *most = (*most).max(*n));
            }
        }
    }
}

fn made() {
    let mut world = World::new("made");
    let mut leaves = BTreeMap::from([
        (leaf("a", "DE1", "f", "15-24"), 2),
        (leaf("a", "DE1", "m", "15-24"), 18),
        (leaf("a", "DE2", "f", "15-24"), 30),
        (leaf("a", "DE2", "m", "15-24"), 40),
        (leaf("b", "DE1", "f", "15-24"), 50),
        (leaf("b", "DE1", "m", "15-24"), 60),
        (leaf("b", "DE2", "f", "15-24"), 70),
        (leaf("b", "DE2", "m", "15-24"), 80),
    ]);
    assert!(world.publish(&totals(&leaves)));
    // Ten more women come to be known: alone, the second release could show everything.
    leaves.insert(leaf("a", "DE1", "f", "15-24"), 12);
    assert!(world.publish(&totals(&leaves)));
    // One more: shown, she would stand in every total. One fewer than at first: the same.
    for n in [13, 1] {
        leaves.insert(leaf("a", "DE1", "f", "15-24"), n);
        assert!(world.publish(&totals(&leaves)));
    }
    let (safe, said) = world.attack(&[]);
    assert!(safe, "{said}");
    assert!(!said.contains("\n0 counts lag"), "{said}");
    let (safe, said) = world.attack(&["--newest"]);
    assert!(!safe, "counts that do not lag can be subtracted: {said}");
    let (safe, said) = world.attack(&["--reveal"]);
    assert!(
        !safe,
        "primary suppression alone must not be enough: {said}"
    );
}

/// SplitMix64 (Steele, Lea and Flood 2014).
struct Seed(u64);

impl Seed {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % n
    }
}

fn random() {
    let (mut releases, mut found) = (0, 0);
    for number in 0..TABLES {
        let seed = &mut Seed(number);
        let mut leaves = BTreeMap::new();
        let country = ["DE", "SE"][seed.below(2) as usize];
        for operation in &["a", "b", "c"][..=seed.below(3) as usize] {
            for region in ["11", "12", "21", "22"] {
                for sex in ["f", "m"] {
                    for age in &["15-24", "25-54"][..=(number % 2) as usize] {
                        let n = match seed.below(10) {
                            0..=2 => 0,
                            3..=5 => 1 + seed.below(6),
                            6..=8 => 3 + seed.below(40),
                            _ => seed.below(900),
                        };
                        let region = format!("{country}{region}");
                        let key = leaf(operation, &region, sex, age);
                        // Of some groups the attribute is true of all of whom it is known, or of none of them.
                        if number % 3 == 0 || number == 2 {
                            let others = seed.below(25) * seed.below(3).min(1);
                            leaves.insert(known(&key), (n + others) as i64);
                        }
                        if number % 2 == 1 {
                            let repeats = seed.below(4) * seed.below(2);
                            leaves.insert(entries(&key), (n + repeats) as i64);
                        }
                        leaves.insert(key, n as i64);
                    }
                }
            }
        }
        let mut world = World::new(&format!("random_{number}"));
        assert!(
            world.publish(&totals(&leaves)),
            "a first release can be protected"
        );
        // Changes that are too small to be shown, and changes of which most are shown.
        let steps = if number < TABLES / 2 { 1 } else { 10 };
        for _ in 0..number % 3 {
            for n in leaves.values_mut() {
                if seed.below(12) == 0 {
                    *n += (seed.below(8) as i64 + 1) * steps;
                }
            }
            in_order(&mut leaves);
            // What cannot be protected is not published, and then the attacker has one release less.
            world.publish(&totals(&leaves));
        }
        releases += world.releases;
        let (safe, said) = world.attack(&[]);
        assert!(safe, "table {number}: {said}");
        found += u64::from(!world.attack(&["--reveal"]).0);
    }
    assert!(releases > TABLES, "{releases}");
    assert!(
        found > TABLES / 2,
        "the attack finds what is not protected: {found}"
    );
}

/// The code list says of every rule what the checked list says, with its status.
fn rules() {
    let text = std::fs::read_to_string(shared::path("codes/disclosure_rules.csv")).unwrap();
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let ours = &esf_schemas::code_list("disclosure_rule").unwrap().entries;
    let mut compared = 0;
    for rule in reader.deserialize() {
        let rule: BTreeMap<String, String> = rule.unwrap();
        let mut same = ours
            .iter()
            .filter(|entry| {
                let is = |name: &str| entry.get(name).unwrap_or_default() == rule[name];
                is("producer") && is("rule") && is("value")
            })
            .peekable();
        assert!(same.peek().is_some(), "{rule:?}");
        for entry in same {
            assert_eq!(entry.status, rule["status"], "{}", entry.code);
            assert!(
                rule["source"].is_empty() || entry.source == rule["source"],
                "{}",
                entry.code
            );
            compared += 1;
        }
    }
    assert_eq!(compared, ours.len());
}
