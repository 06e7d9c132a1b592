//! Nights on S3 behind a way that fails: at requests that are then asked again, which costs no night, or for good, which
//! leaves the old release, or the new one where it is published already; and two nights at once at every vendor, whose
//! conditional puts are of three kinds.

use std::fmt::Debug;
use std::fs;
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::{Arc, Mutex, OnceLock};
use std::thread;

use libtest_mimic::Trial;

use super::night::{Prepared, prepared};
use super::proxy::{Count, Met, Proxy};
use super::twice;
use super::warehouse::{Warehouse, below, seen};
use super::{all, look, none};
use crate::cloud::Cloud;
use crate::{azure, gcs, s3, trial};

/// What any request meets: see `proxy.py`.
const ONCE: [&str; 5] = ["500", "503", "reset", "lost", "slow"];

/// What a conditional put meets: that of the release, and those of the logs for other engines.
const PUBLICATION: [&str; 2] = ["412", "409"];

/// Fewer requests than a night makes, and fewer conditional puts.
const FEW: usize = 20;
const FEW_PUBLISHED: usize = 2;

/// A vendor's name, whether its server is absent, and how it is started.
type Vendor = (&'static str, bool, fn(&Path) -> Cloud);

pub(super) fn trials() -> Vec<Trial> {
    let vendors: [Vendor; 3] = [
        ("s3", s3::absent(), s3::start),
        ("azure", azure::absent(), azure::start),
        ("gcs", gcs::absent(), gcs::start),
    ];
    let twice = vendors.map(|(vendor, absent, start)| {
        trial(format!("fault::{vendor}_twice"), move || {
            both(vendor, start);
        })
        .with_ignored_flag(absent)
    });
    let tests = [
        trial("fault::s3_publication_does_not_arrive", unsent),
        trial("fault::s3_publication_never_arrives", never),
        trial("fault::s3_every_request_fails_once", every),
    ];
    let single = ONCE.map(|kind| {
        let test = trial(format!("fault::s3_{kind}_at_one_request"), move || {
            single(kind);
        });
        test.with_ignored_flag(s3::absent() || !all())
    });
    (tests
        .map(|test| test.with_ignored_flag(s3::absent()))
        .into_iter())
    .chain(single)
    .chain(twice)
    .collect()
}

/// What is looked at after all others: see [`GONE`].
pub(super) fn last() -> Trial {
    trial("fault::s3_gone", gone).with_ignored_flag(s3::absent())
}

/// The server of all tests but those that fill one. Ended by [`stop`]; a static is never dropped.
static SERVER: Mutex<Option<Arc<Cloud>>> = Mutex::new(None);

/// A server with the warehouse of the evening before as often as it is asked for, and a way to it.
struct Remote {
    cloud: Arc<Cloud>,
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
    /// A way of its own to the server of all tests.
    fn start() -> Self {
        let mut held = SERVER.lock().unwrap();
        let cloud = held.get_or_insert_with(|| Arc::new(started(prepared(), "all", s3::start)));
        Self::to(Arc::clone(cloud))
    }

    fn to(cloud: Arc<Cloud>) -> Self {
        let proxy = Proxy::start(&cloud.address);
        Self {
            cloud,
            proxy,
            night: prepared(),
        }
    }

    fn copy(&self, name: &str) -> Warehouse {
        copy(self.night, &self.cloud, name)
    }

    /// How many requests a night makes that nothing disturbs.
    fn requests(&mut self) -> usize {
        let warehouse = self.by_proxy(&self.copy("counted"));
        self.proxy.pass();
        self.night.world.undisturbed(&warehouse).unwrap();
        self.proxy.count().requests
    }

    /// The same warehouse, reached by the way that fails.
    fn by_proxy(&self, warehouse: &Warehouse) -> Warehouse {
        Warehouse {
            settings: self.cloud.settings(&self.proxy.address),
            ..warehouse.clone()
        }
    }

    /// Begins a night in which this happens.
    fn begin(&mut self, kind: &str, met: Met) -> Begun {
        let name = match met {
            Met::Nth(n) => format!("{kind}_{n}"),
            Met::Each => format!("{kind}_each"),
        };
        let warehouse = self.copy(&name);
        let mut command = self.night.world.night(&self.by_proxy(&warehouse));
        self.proxy.fail(kind, met);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let night = command.spawn().expect("the command starts");
        Begun { warehouse, night }
    }

    /// Waits for a night, which ends with this code, and runs it again with nothing in its way. Gives what came by, and
    /// whether the new release was there after the first.
    fn end(&mut self, begun: Begun, code: i32) -> Result<(Count, bool), String> {
        let Begun { warehouse, night } = begun;
        let done = seen(&night.wait_with_output().expect("it ends"));
        let count = self.proxy.count();
        let was_new = (self.night.recover(&warehouse))
            .map_err(|reason| format!("{count}: {reason}\nthe night had said {}", done.all()))?;
        if done.code != Some(code) {
            return Err(format!(
                "{count}: ended with {:?}: {}",
                done.code,
                done.all()
            ));
        }
        if code == 0 && !was_new {
            return Err(format!("{count}: ended well and published nothing"));
        }
        // The connection and the object are what a person looks for first.
        let is_placed =
            done.stderr.contains(&self.proxy.address) || done.stderr.contains("cannot ");
        if code != 0 && !is_placed {
            return Err(format!("{count}: no place in {}", done.stderr));
        }
        Ok((count, was_new))
    }

    /// The one and the other.
    fn cut(&mut self, kind: &str, met: Met, code: i32) -> Result<(Count, bool), String> {
        let begun = self.begin(kind, met);
        self.end(begun, code)
    }
}

/// A night at work.
struct Begun {
    warehouse: Warehouse,
    night: Child,
}

/// Tries cases at the same time, each by a way of its own: these nights wait most of the time.
fn side_by_side<C: Copy + Debug + Send>(
    cases: impl IntoIterator<Item = C>,
    test: impl Fn(&mut Remote, C) -> Result<(), String> + Sync,
) {
    let test = &test;
    let wrong: Vec<String> = thread::scope(|scope| {
        let started: Vec<_> = (cases.into_iter())
            .map(|case| scope.spawn(move || (case, test(&mut Remote::start(), case))))
            .collect();
        let ended = started.into_iter().map(|one| one.join().unwrap());
        let reason = |(case, done): (C, Result<(), String>)| {
            done.err().map(|reason| format!("{case:?}: {reason}"))
        };
        ended.filter_map(reason).collect()
    });
    none(&wrong);
}

/// Every request of a night fails once, a night for each way of failing: it is asked again, or its outcome found out.
fn every() {
    GONE.get_or_init(without_storage);
    side_by_side(ONCE.into_iter().chain(PUBLICATION), |remote, kind| {
        let (count, _) = remote.cut(kind, Met::Each, 0)?;
        let few = if PUBLICATION.contains(&kind) {
            FEW_PUBLISHED
        } else {
            FEW
        };
        if count.struck < few {
            return Err(format!("too few failed: {count}"));
        }
        Ok(())
    });
}

/// One request of a night fails, at each place.
fn single(kind: &'static str) {
    // A server of its own: one that holds all these warehouses is slow.
    let mut remote = Remote::to(Arc::new(started(prepared(), kind, s3::start)));
    let mut wrong = Vec::new();
    for at in 1..=remote.requests() {
        if let Err(reason) = remote.cut(kind, Met::Nth(at), 0) {
            wrong.push(format!("{kind} at {at}: {reason}"));
        }
    }
    none(&wrong);
}

/// A night whose storage stays away from some request on.
struct Gone {
    kind: &'static str,
    at: usize,
    remote: Remote,
    begun: Begun,
}

/// Nights whose storage stays away. They wait for minutes, so that they are begun beside the first of these tests and
/// looked at by the last.
static GONE: OnceLock<Mutex<Vec<Gone>>> = OnceLock::new();

/// From publication on, when what was sent is of no use without the rest, and right after it; of all places also in the
/// middle and at the end.
fn without_storage() -> Mutex<Vec<Gone>> {
    let mut cases = vec![("away", 1), ("away", 2)];
    if all() {
        let last = Remote::start().requests();
        cases.extend([("gone", last / 2), ("gone", last - 3)]);
    }
    let begin = |(kind, at)| {
        let mut remote = Remote::start();
        let begun = remote.begin(kind, Met::Nth(at));
        Gone {
            kind,
            at,
            remote,
            begun,
        }
    };
    Mutex::new(cases.into_iter().map(begin).collect())
}

/// Ends nights that no test waits for, and the server.
pub(super) fn stop() {
    let left = GONE
        .get()
        .map(|left| std::mem::take(&mut *left.lock().unwrap()));
    for mut gone in left.into_iter().flatten() {
        let _ = gone.begun.night.kill();
        let _ = gone.begun.night.wait();
    }
    SERVER.lock().unwrap().take();
}

/// A storage that stays away ends the night, in the time that requests are given.
fn gone() {
    let begun = GONE.get_or_init(without_storage);
    let waiting: Vec<Gone> = begun.lock().unwrap().drain(..).collect();
    assert!(!waiting.is_empty());
    let wrong: Vec<String> = (waiting.into_iter())
        .filter_map(|gone| {
            let (kind, at) = (gone.kind, gone.at);
            let reason = without(gone).err()?;
            Some(format!("{kind} at {at}: {reason}"))
        })
        .collect();
    none(&wrong);
}

fn without(gone: Gone) -> Result<(), String> {
    let Gone {
        kind,
        at,
        mut remote,
        begun,
    } = gone;
    let (count, was_new) = remote.end(begun, 1)?;
    if count.struck == 0 {
        return Err(format!("no request failed: {count}"));
    }
    // The first conditional put is the release.
    if kind == "away" && was_new != (at > 1) {
        return Err(format!("{count}: published: {was_new}"));
    }
    Ok(())
}

/// A conditional put that does not arrive is not asked again by the client, which does not know that. That of the release is
/// asked again where reading back shows nothing; logs for other engines are left to the next night.
fn unsent() {
    side_by_side([1, 2], |remote, at| {
        let (count, was_new) = remote.cut("unsent", Met::Nth(at), 0)?;
        if count.struck == 1 && was_new {
            Ok(())
        } else {
            Err(format!("{count}: published: {was_new}"))
        }
    });
}

/// Where none of the tries arrives the night ends and the old release stays.
fn never() {
    side_by_side([1], |remote, at| {
        let (count, was_new) = remote.cut("never", Met::Nth(at), 1)?;
        if count.struck > 1 && !was_new {
            Ok(())
        } else {
            Err(format!("{count}: published: {was_new}"))
        }
    });
}

/// Two nights at once, as on a disk.
fn both(vendor: &str, start: fn(&Path) -> Cloud) {
    let night = prepared();
    let cloud = started(night, &format!("{vendor}_twice"), start);
    let rounds = if all() { 3 } else { 1 };
    for round in 0..rounds {
        let warehouse = copy(night, &cloud, &format!("{vendor}_twice_{round}"));
        let said = twice::both(night, &warehouse);
        look::as_told(&warehouse).unwrap();
        assert_eq!(night.recover(&warehouse), Ok(true), "{said}");
    }
}
