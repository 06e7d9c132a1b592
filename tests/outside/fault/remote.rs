//! Nights on S3 behind a way that fails: at one request, which costs no night, or for good, which leaves the old release.

use std::fs;

use libtest_mimic::Trial;

use super::night::{Prepared, prepared};
use super::proxy::Proxy;
use super::twice;
use super::warehouse::{Warehouse, below, seen};
use super::{all, none, places};
use crate::s3::{Server, settings};
use crate::{python, trial};

/// What one request meets: see `proxy.py`.
const ONCE: [&str; 5] = ["500", "503", "reset", "lost", "slow"];

/// What the conditional put of the release meets.
const PUBLICATION: [&str; 2] = ["412", "409"];

/// How many requests each kind is tried at where not all are.
const SAMPLE: usize = 2;

pub(super) fn trials() -> Vec<Trial> {
    let absent = python::program("moto_server").is_none();
    ONCE.into_iter()
        .chain(PUBLICATION)
        .map(|kind| trial(format!("fault::s3_{kind}"), move || each(kind)))
        .chain([
            trial("fault::s3_gone", gone),
            trial("fault::s3_twice", both),
        ])
        .map(|trial| trial.with_ignored_flag(absent))
        .collect()
}

/// A server with the warehouse of the evening before as often as it is asked for, and a way to it.
struct Remote {
    server: Server,
    proxy: Proxy,
    night: &'static Prepared,
}

impl Remote {
    fn start(name: &str) -> Self {
        let night = prepared();
        let folder = night.world.place(name);
        fs::create_dir_all(&folder).unwrap();
        let server = Server::start(&folder);
        let proxy = Proxy::start(&server.address);
        Self {
            server,
            proxy,
            night,
        }
    }

    /// The evening's warehouse under a name of its own, reached directly.
    fn copy(&self, name: &str) -> Warehouse {
        below(&self.night.base, &mut |path| {
            let key = path.strip_prefix(&self.night.base).unwrap();
            if !key.starts_with(".tmp") {
                let target = format!("/warehouse/{name}/{}", key.display());
                self.server.put(&target, &fs::read(path).unwrap());
            }
        });
        let folder = self.night.world.place(&format!("s3_{name}"));
        fs::create_dir_all(&folder).unwrap();
        Warehouse {
            location: format!("s3://warehouse/{name}"),
            folder,
            settings: named(&self.server.address),
        }
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
            settings: named(&self.proxy.address),
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

fn named(address: &str) -> Vec<(String, String)> {
    settings(address)
        .map(|(name, value)| (name.to_owned(), value))
        .into()
}

/// One request that fails is asked again, or its outcome found out.
fn each(kind: &'static str) {
    let mut remote = Remote::start(&format!("server_{kind}"));
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
    let mut remote = Remote::start("server_gone");
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
fn both() {
    let remote = Remote::start("server_twice");
    for round in 0..2 {
        let warehouse = remote.copy(&format!("twice_{round}"));
        let said = twice::both(remote.night, &warehouse);
        assert_eq!(remote.night.recover(&warehouse), Ok(true), "{said}");
    }
}
