//! Nights on S3 behind a way that fails: at one request, which costs no night, or for good, which leaves the old release;
//! and two nights at once at every vendor, whose conditional puts are of three kinds.

use std::fs;
use std::path::Path;

use libtest_mimic::Trial;

use super::night::{Prepared, prepared};
use super::proxy::Proxy;
use super::twice;
use super::warehouse::{Warehouse, below, seen};
use super::{all, none, places};
use crate::cloud::Cloud;
use crate::{azure, gcs, s3, trial};

/// What one request meets: see `proxy.py`.
const ONCE: [&str; 5] = ["500", "503", "reset", "lost", "slow"];

/// What the conditional put of the release meets.
const PUBLICATION: [&str; 2] = ["412", "409"];

/// How many requests each kind is tried at where not all are.
const SAMPLE: usize = 2;

pub(super) fn trials() -> Vec<Trial> {
    let vendors: [(&str, bool, fn(&Path) -> Cloud); 3] = [
        ("s3", s3::absent(), s3::start),
        ("azure", azure::absent(), azure::start),
        ("gcs", gcs::absent(), gcs::start),
    ];
    let twice = vendors.map(|(vendor, absent, start)| {
        trial(format!("fault::{vendor}_twice"), move || {
            both(vendor, start)
        })
        .with_ignored_flag(absent)
    });
    ONCE.into_iter()
        .chain(PUBLICATION)
        .map(|kind| trial(format!("fault::s3_{kind}"), move || each(kind)))
        .chain([trial("fault::s3_gone", gone)])
        .map(|trial| trial.with_ignored_flag(s3::absent()))
        .chain(twice)
        .collect()
}

/// A server with the warehouse of the evening before as often as it is asked for, and a way to it.
struct Remote {
    cloud: Cloud,
    proxy: Proxy,
    night: &'static Prepared,
}

/// A server, in a folder of its own.
fn started(night: &Prepared, name: &str, start: fn(&Path) -> Cloud) -> Cloud {
    let folder = night.world.place(&format!("server_{name}"));
    fs::create_dir_all(&folder).unwrap();
    start(&folder)
}

/// The evening's warehouse under a name of its own on a server, reached directly.
fn copy(night: &Prepared, cloud: &Cloud, name: &str) -> Warehouse {
    below(&night.base, &mut |path| {
        let key = path.strip_prefix(&night.base).unwrap();
        if !key.starts_with(".tmp") {
            let key = format!("{name}/{}", key.display());
            cloud.put(&key, &fs::read(path).unwrap());
        }
    });
    let folder = night.world.place(&format!("remote_{name}"));
    fs::create_dir_all(&folder).unwrap();
    Warehouse {
        location: cloud.location(name),
        folder,
        settings: cloud.settings(&cloud.address),
    }
}

impl Remote {
    fn start(name: &str) -> Self {
        let night = prepared();
        let cloud = started(night, name, s3::start);
        let proxy = Proxy::start(&cloud.address);
        Self {
            cloud,
            proxy,
            night,
        }
    }

    fn copy(&self, name: &str) -> Warehouse {
        copy(self.night, &self.cloud, name)
    }

    /// How many requests a night makes that nothing disturbs.
    fn requests(&mut self) -> usize {
        let warehouse = self.by_proxy(&self.copy("counted"));
        self.proxy.fail("none", 0);
        self.night.world.undisturbed(&warehouse).unwrap();
        self.proxy.count().0
    }

    /// The same warehouse, reached by the way that fails.
    fn by_proxy(&self, warehouse: &Warehouse) -> Warehouse {
        Warehouse {
            settings: self.cloud.settings(&self.proxy.address),
            ..warehouse.clone()
        }
    }

    /// A night in which this happens, and the night again with nothing in its way.
    fn cut(&mut self, kind: &str, at: usize) -> Result<(), String> {
        let warehouse = self.copy(&format!("{kind}_{at}"));
        let mut command = self.night.world.night(&self.by_proxy(&warehouse));
        self.proxy.fail(kind, at);
        let done = seen(&command.output().expect("the command starts"));
        let (_, met) = self.proxy.count();
        self.proxy.fail("none", 0);
        let was_new = (self.night.recover(&warehouse))
            .map_err(|reason| format!("{met:?}: {reason}\nthe night had said {}", done.all()))?;
        let for_good = kind == "gone";
        if met.is_none() && for_good {
            return Err(format!("no request was the {at}th"));
        }
        let expected = if for_good { Some(1) } else { Some(0) };
        if done.code != expected {
            return Err(format!(
                "{met:?}: ended with {:?}: {}",
                done.code,
                done.all()
            ));
        }
        if !was_new && !for_good {
            return Err(format!("{met:?}: ended well and published nothing"));
        }
        // The connection and the object are what a person looks for first.
        if for_good
            && !(done.stderr.contains(&self.proxy.address) || done.stderr.contains("cannot "))
        {
            return Err(format!("{met:?}: no place in {}", done.stderr));
        }
        Ok(())
    }
}

/// One request that fails is asked again, or its outcome found out.
fn each(kind: &'static str) {
    let mut remote = Remote::start(kind);
    let places = match ONCE.iter().position(|once| *once == kind) {
        Some(which) => spread(remote.requests(), which),
        None => vec![1],
    };
    let mut wrong = Vec::new();
    for at in places {
        if let Err(reason) = remote.cut(kind, at) {
            wrong.push(format!("{kind} at {at}: {reason}"));
        }
    }
    none(&wrong);
}

/// Requests of a night that a kind of failure is tried at: all, or some that no other kind is tried at, so that all kinds
/// together are tried from the first to the last.
fn spread(last: usize, which: usize) -> Vec<usize> {
    let most = SAMPLE * ONCE.len();
    let places = places(last, most);
    if all() || places.len() < most {
        return places;
    }
    places.into_iter().skip(which).step_by(ONCE.len()).collect()
}

/// A storage that stays away ends the night, in the time that requests are given: right before publication, when what was
/// sent is of no use without the rest, and of all places also in the middle.
fn gone() {
    let mut remote = Remote::start("gone");
    let last = remote.requests();
    let mut wrong = Vec::new();
    let middle = all().then_some(last / 2);
    for at in middle.into_iter().chain([last - 3]) {
        if let Err(reason) = remote.cut("gone", at) {
            wrong.push(format!("gone at {at}: {reason}"));
        }
    }
    none(&wrong);
}

/// Two nights at once, as on a disk.
fn both(vendor: &str, start: fn(&Path) -> Cloud) {
    let night = prepared();
    let cloud = started(night, &format!("{vendor}_twice"), start);
    for round in 0..2 {
        let warehouse = copy(night, &cloud, &format!("{vendor}_twice_{round}"));
        let said = twice::both(night, &warehouse);
        assert_eq!(night.recover(&warehouse), Ok(true), "{said}");
    }
}
