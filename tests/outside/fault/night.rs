//! The night that is cut short: two small sources made here, a warehouse as it was the evening before, and what it
//! becomes when nothing goes wrong.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, OnceLock};

use super::warehouse::{Releases, Warehouse, seen};
use super::{all, look, machine};
use crate::world::{self, text};

const LIST: &str = r#"title = "Made list"
publisher = "Musterministerium"
kind = "operations"
files = ["made_list_*.csv"]
list_id = "made_list"
country = "DE"
period = "2014-2020"
fund = "ESF"
identity = ["beneficiary_name", "title", "start_date"]

[published_date]
file_name = '_(\d{4}-\d{2}-\d{2})'

[format]
kind = "csv"
encoding = "utf-8"
delimiter = ";"
"#;

const LIST_MAPPING: &str = r#"[conventions]
numbers = "1.234,56"
dates = ["dd.mm.yyyy"]
"#;

const FIGURES: &str = r#"title = "Made figures"
publisher = "Musterkommission"
kind = "statistics"
files = ["made_figures.csv"]
list_id = "made_figures"
period = "2007-2013"

[format]
kind = "csv"
encoding = "utf-8"
delimiter = ","
"#;

const FIGURES_STATISTIC: &str = r#"table = "programme_absorption"
layout = "columns"
numbers = "1234.56"

[columns]
"Member State" = "country"
Year = "time"
Fund = "fund"

[constants]
period = "2007-2013"

[lookups.fund]
ESF = "ESF"

[lookups.country]
Sweden = "SE"

[[value]]
label = "Total Paid"
measure = "paid_in_year"
unit = "EUR"
"#;

/// The id of the source of figures.
pub(super) const FIGURES_SOURCE: &str = "eu_made_figures";

/// The figures of night 0; a night later each is one more.
pub(super) const FIRST: usize = 1000;

/// Sources and the files that they publish.
pub(super) struct World {
    folder: PathBuf,
}

impl World {
    /// Two sources that have published their first files.
    pub(super) fn new(name: &str) -> Self {
        // The machine and the system must spell paths alike.
        let folder = world::folder(name).canonicalize().unwrap();
        let made = Self { folder };
        for (source, files) in [
            (
                "de_xx_made_list",
                [("source", LIST), ("mapping", LIST_MAPPING)],
            ),
            (
                FIGURES_SOURCE,
                [("source", FIGURES), ("statistic", FIGURES_STATISTIC)],
            ),
        ] {
            let folder = made.folder.join("sources").join(source);
            fs::create_dir_all(&folder).unwrap();
            for (file, content) in files {
                fs::write(folder.join(format!("{file}.toml")), content).unwrap();
            }
        }
        fs::create_dir_all(made.mirror()).unwrap();
        made.publish_list(1);
        made.publish_figures(1);
        made
    }

    fn mirror(&self) -> PathBuf {
        self.folder.join("mirror")
    }

    /// A folder for one warehouse.
    pub(super) fn place(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// The list in its state of a day of January 2020.
    pub(super) fn publish_list(&self, day: u32) {
        let head = "Begünstigter;Bezeichnung des Vorhabens;Beginn;Ende;Ort;Gesamtausgaben in EUR\n";
        let row = |n: u32| {
            let amount = format!("{}.{:03},50", n + 1, (n * 37 + day) % 1000);
            format!("Verein {n} e.V.;Vorhaben {n};01.02.2016;31.12.2017;10115 Berlin;{amount}\n")
        };
        let rows: String = (0..40).map(row).collect();
        let file = format!("made_list_2020-01-{day:02}.csv");
        fs::write(self.mirror().join(file), format!("{head}{rows}")).unwrap();
    }

    /// The figures of a night: so many rows as [`rows`] says, each of which tells the night.
    pub(super) fn publish_figures(&self, night: usize) {
        let figure = FIRST + night;
        let row = |n: usize| format!("Sweden,{},ESF,{figure}\n", 2007 + n);
        let rows: String = (0..rows(night)).map(row).collect();
        let content = format!("Member State,Year,Fund,Total Paid\n{rows}");
        // A reader of the mirror never finds half a file, whatever else is tested.
        let half = self.folder.join("figures");
        fs::write(&half, content).unwrap();
        fs::rename(half, self.mirror().join("made_figures.csv")).unwrap();
    }

    /// The night's command.
    pub(super) fn night(&self, warehouse: &Warehouse) -> Command {
        let (sources, mirror) = (self.folder.join("sources"), self.mirror());
        warehouse.command(&[
            "nightly",
            "--sources",
            text(&sources),
            "--mirror",
            text(&mirror),
        ])
    }

    /// A night that nothing disturbs. Fails unless it ends well.
    pub(super) fn undisturbed(&self, warehouse: &Warehouse) -> Result<(), String> {
        let done = seen(&self.night(warehouse).output().expect("the command starts"));
        if done.code == Some(0) {
            Ok(())
        } else {
            Err(format!("a night that nothing disturbed: {}", done.all()))
        }
    }
}

/// How many rows the figures of a night have. Neither they nor the figures change so much that the source is held.
pub(super) fn rows(night: usize) -> usize {
    20 + night % 2
}

/// A night to be cut short, and its outcome when it is not.
pub(super) struct Prepared {
    pub(super) world: World,
    /// The warehouse of the evening before.
    pub(super) base: PathBuf,
    pub(super) old: Releases,
    pub(super) new: Releases,
    objects: BTreeSet<PathBuf>,
    /// States of warehouses on disk from which the night was run again already. It depends on nothing else.
    tried: Mutex<BTreeSet<String>>,
    /// How many calls of each kind the night makes, where a machine could count them.
    pub(super) calls: BTreeMap<String, usize>,
}

/// The same night for all tests of this topic. Only figures change in it, so that it is short; with `ESF_FAULTS=all`
/// the list as well.
pub(super) fn prepared() -> &'static Prepared {
    static PREPARED: OnceLock<Prepared> = OnceLock::new();
    PREPARED.get_or_init(|| {
        let made = World::new("fault");
        let evening = Warehouse::on_disk(&made.place("evening"));
        fs::create_dir_all(&evening.folder).unwrap();
        made.undisturbed(&evening).unwrap();
        let old = look::as_told(&evening).unwrap();
        assert_eq!(old.len(), 1);
        made.publish_figures(2);
        if all() {
            made.publish_list(2);
        }
        let morning = Warehouse::copy_of(evening.path(), &made.place("morning"));
        let mut night = made.night(&morning);
        let log = made.place("calls");
        if !machine::absent() {
            machine::counting(&mut night, morning.path(), &log);
        }
        let done = seen(&night.output().expect("the command starts")).expect(0);
        let new = look::as_told(&morning).unwrap();
        assert_eq!(new.len(), 2, "{}", done.all());
        Prepared {
            base: evening.path().to_owned(),
            old,
            new,
            objects: morning.objects(),
            tried: Mutex::default(),
            calls: machine::counted(&log),
            world: made,
        }
    })
}

impl Prepared {
    /// A copy of the evening's warehouse.
    pub(super) fn copy(&self, name: &str) -> Warehouse {
        Warehouse::copy_of(&self.base, &self.world.place(name))
    }

    /// Looks at a warehouse after a night that was cut short, runs the night again and looks once more.
    ///
    /// Gives whether the new release was there before that. Fails with everything that a reader must not see.
    pub(super) fn recover(&self, warehouse: &Warehouse) -> Result<bool, String> {
        let was_new = self.found(warehouse)?;
        self.again(warehouse)?;
        Ok(was_new)
    }

    /// Like [`Prepared::recover`], for a warehouse on disk: its objects must then be those of a night undisturbed. From each
    /// state the night is run again once, or with `ESF_FAULTS=all` always.
    pub(super) fn recover_on_disk(&self, warehouse: &Warehouse) -> Result<bool, String> {
        let was_new = self.found(warehouse)?;
        let state = warehouse.state();
        let is_other = self.tried.lock().unwrap().insert(state);
        if !(is_other || all()) {
            return Ok(was_new);
        }
        self.again(warehouse)?;
        let objects = warehouse.objects();
        if objects == self.objects {
            Ok(was_new)
        } else {
            let differ: Vec<&PathBuf> = objects.symmetric_difference(&self.objects).collect();
            Err(format!(
                "other objects than after a night undisturbed: {differ:?}"
            ))
        }
    }

    /// Whether readers find the new release; the old one else.
    fn found(&self, warehouse: &Warehouse) -> Result<bool, String> {
        let found = if all() {
            look::as_told(warehouse)?
        } else {
            look::releases(warehouse)?
        };
        if found != self.old && found != self.new {
            return Err(format!("neither the old nor the new release: {found:?}"));
        }
        Ok(found == self.new)
    }

    /// Runs the night again.
    fn again(&self, warehouse: &Warehouse) -> Result<(), String> {
        self.world.undisturbed(warehouse)?;
        if self.found(warehouse)? {
            Ok(())
        } else {
            Err("after running it again there is no new release".to_owned())
        }
    }
}

/// Takes away a warehouse on disk that nothing was wrong with.
pub(super) fn remove(folder: &Path) {
    fs::remove_dir_all(folder).unwrap();
}
