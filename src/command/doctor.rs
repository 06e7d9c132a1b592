//! `esf doctor`: what a run stands on, one line each, with what to do where something is wrong.

use std::path::{Path, PathBuf};

use esf_engine::doctor::{Diagnosis, Health, examine, memory, try_temporary, zones};
use esf_engine::redact::all_redactions;
use esf_engine::release::{Release, Warehouse};
use esf_pipelines::status::{RunRecord, TOLERANCE, ago, highest_number, last_run};
use jiff::Timestamp;

use super::source;
use crate::config::FILE;
use crate::context::Context;
use crate::exit::{Exit, Failure, Outcome};
use crate::print::Rows;

/// Outcomes of a run that published, or had nothing to publish.
const GOOD: [&str; 2] = ["published", "unchanged"];

/// Examines everything and prints what was found.
pub(super) async fn run(context: &Context) -> Outcome {
    let now = Timestamp::now();
    let mut all = match context.warehouse() {
        Ok(warehouse) => {
            let mut all = examine(&warehouse, now).await;
            all.extend(apart(context, &warehouse));
            all.extend(lost(&warehouse).await);
            all.push(last(&warehouse, now).await);
            all.push(redacted(&warehouse).await);
            all
        }
        Err(failure) => vec![Diagnosis::fault(
            "warehouse",
            failure.message(),
            "name a folder or an address with --warehouse, ESF_WAREHOUSE or in esf.toml",
        )],
    };
    all.push(zones());
    all.extend(time_zone(context));
    all.push(memory(context.memory()));
    all.push(sources(context));
    all.extend(context.mirrors(&[]).iter().map(|mirror| readable(mirror)));
    let report = &context.config.report;
    all.extend(report.hook.first().map(|program| hook(program)));
    all.extend(report.folder.as_deref().map(report_folder));
    print(context, &all)
}

/// Whether the zone whose dates nights have is known; nothing where none is named and it is the system's.
fn time_zone(context: &Context) -> Option<Diagnosis> {
    const SUBJECT: &str = "zone of nights";
    match context.time_zone() {
        Ok(zone) => {
            let name = zone.iana_name()?.to_owned();
            Some(Diagnosis::sound(SUBJECT, name))
        }
        Err(failure) => Some(Diagnosis::fault(
            SUBJECT,
            failure.message(),
            "write it as Europe/Berlin in ESF_TIME_ZONE, or as `time_zone` under [nightly] in esf.toml",
        )),
    }
}

/// That the restricted store of `esf.toml` is not used, where it belongs to another warehouse than the one that is named.
fn apart(context: &Context, warehouse: &Warehouse) -> Option<Diagnosis> {
    let (restricted, own) = (&context.config.restricted, &context.config.warehouse);
    let (restricted, own) = (restricted.as_deref()?, own.as_deref()?);
    warehouse.restricted().is_none().then(|| {
        Diagnosis::warning(
            FILE,
            format!(
                "{restricted} is the restricted store of {own} and not used for {}",
                warehouse.location()
            ),
            "nothing, if another warehouse is meant; otherwise write its address as in esf.toml",
        )
    })
}

/// That by the records of runs a release was published whose document is gone; nothing, where none is known.
async fn lost(warehouse: &Warehouse) -> Option<Diagnosis> {
    // That the store fails is told elsewhere.
    let (number, run_id) = highest_number(warehouse).await.ok()??;
    let newest = warehouse.numbers().await.ok()?.pop().unwrap_or_default();
    (number > newest).then(|| {
        Diagnosis::fault(
            "release numbers",
            format!(
                "run {run_id} knows release {number}, and {} is gone",
                Release::path(number)
            ),
            "restore it from a backup; until then runs publish under this number only what was published under it before",
        )
    })
}

/// Whether the program of the hook is there and can be started; it is not started to find out.
fn hook(program: &str) -> Diagnosis {
    const SUBJECT: &str = "hook";
    let is_path = program.contains(std::path::MAIN_SEPARATOR);
    let places: Vec<PathBuf> = if is_path {
        vec![PathBuf::from(program)]
    } else {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let folders = std::env::split_paths(&path);
        folders.map(|folder| folder.join(program)).collect()
    };
    match places.iter().find(|place| is_executable(place)) {
        Some(place) => Diagnosis::sound(SUBJECT, place.display().to_string()),
        None => Diagnosis::fault(
            SUBJECT,
            format!("{program} is no program that can be started"),
            "mend `hook` under [report] in esf.toml, or who may execute the file (chmod); nobody is told of a night otherwise",
        ),
    }
}

#[cfg(unix)]
fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;

    const EXECUTE: u32 = 0o111;
    path.metadata()
        .is_ok_and(|found| found.is_file() && found.permissions().mode() & EXECUTE != 0)
}

#[cfg(not(unix))]
fn is_executable(path: &Path) -> bool {
    path.is_file()
}

/// Whether the files of the report can be written: into its folder, or where a night would make that.
fn report_folder(folder: &Path) -> Diagnosis {
    const SUBJECT: &str = "report folder";
    let whole = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
    let there = whole.ancestors().find(|above| above.exists());
    match there.map_or(Ok(()), try_temporary) {
        Ok(()) => Diagnosis::sound(SUBJECT, folder.display().to_string()),
        Err(error) => Diagnosis::fault(
            SUBJECT,
            format!("{} cannot be written: {error}", folder.display()),
            "mend `folder` under [report] in esf.toml, or give the user that runs esf the right to write there",
        ),
    }
}

/// How the last run ended.
async fn last(warehouse: &Warehouse, now: Timestamp) -> Diagnosis {
    const SUBJECT: &str = "last run";
    let run = match last_run(warehouse).await {
        Ok(Some(run)) => run,
        Ok(None) => {
            let advice = "run `esf nightly`, by hand once and then by a timer";
            return Diagnosis::warning(SUBJECT, "there is no record of one", advice);
        }
        Err(error) => {
            let advice = "check the address, the credentials and who owns the folder";
            return Diagnosis::fault(SUBJECT, error.to_string(), advice);
        }
    };
    ended(SUBJECT, &run, now)
}

/// What is to be said of a run that ended so and then.
fn ended(subject: &'static str, run: &RunRecord, now: Timestamp) -> Diagnosis {
    let found = format!(
        "{:.0}, {}: {}",
        run.begun,
        ago(run.begun, now),
        run.outcome.replace('_', " ")
    );
    if run.begun.duration_since(now) > TOLERANCE {
        let advice = "set the clock of this machine by the network (timedatectl set-ntp true); `--as-of` with a date, missed \
                      nights and ages go by it";
        Diagnosis::warning(subject, found, advice)
    } else if GOOD.contains(&run.outcome.as_str()) {
        Diagnosis::sound(subject, found)
    } else {
        let advice = format!("runs/{}.json in the warehouse says why", run.run_id);
        Diagnosis::warning(subject, found, advice)
    }
}

/// Whether every redaction is done, and known to whoever published the newest release.
async fn redacted(warehouse: &Warehouse) -> Diagnosis {
    const SUBJECT: &str = "redactions";
    // One that cannot be read is told of as such.
    let newest = warehouse.latest().await.unwrap_or_default();
    match all_redactions(warehouse, newest.as_ref()).await {
        Ok(all) => match all
            .iter()
            .find(|one| !(one.done && one.is_settled(newest.as_ref())))
        {
            None => Diagnosis::sound(SUBJECT, format!("{}, all done", all.len())),
            Some(one) if one.done => {
                let found = format!(
                    "the newest release was published without the record of {}",
                    one.id
                );
                let advice = "the next `esf nightly` looks through everything and takes out again what came back";
                Diagnosis::warning(SUBJECT, found, advice)
            }
            Some(begun) => {
                let found = format!("{} was begun and is not done", begun.id);
                let advice = "the next `esf nightly` completes it, or the same `esf redact` again";
                Diagnosis::fault(SUBJECT, found, advice)
            }
        },
        Err(error) => {
            let advice = "restore the record from a backup: no run goes on without it";
            Diagnosis::fault(SUBJECT, error.to_string(), advice)
        }
    }
}

/// Whether the declared sources can be read.
fn sources(context: &Context) -> Diagnosis {
    const SUBJECT: &str = "sources";
    match source::catalogue(context) {
        Ok(catalogue) => {
            let found = format!("{} are declared", catalogue.iter().count());
            Diagnosis::sound(SUBJECT, found)
        }
        Err(failure) => Diagnosis::fault(
            SUBJECT,
            failure.message(),
            "mend the declaration; `esf source check NAME` explains it",
        ),
    }
}

/// Whether a configured folder of downloaded files is there and can be read.
fn readable(mirror: &Path) -> Diagnosis {
    const SUBJECT: &str = "mirror";
    match std::fs::read_dir(mirror) {
        Ok(entries) => {
            let found = format!("{} holds {} entries", mirror.display(), entries.count());
            Diagnosis::sound(SUBJECT, found)
        }
        // A mirror may also be one file.
        Err(_) if mirror.is_file() => {
            Diagnosis::sound(SUBJECT, format!("{} is a file", mirror.display()))
        }
        Err(error) => Diagnosis::fault(
            SUBJECT,
            format!("{} cannot be read: {error}", mirror.display()),
            "mend `mirrors` in esf.toml or ESF_MIRRORS, or who may read the folder",
        ),
    }
}

fn print(context: &Context, all: &[Diagnosis]) -> Outcome {
    let rows = Rows::default()
        .text("check", all.iter().map(|one| Some(one.subject)))
        .text("state", all.iter().map(|one| Some(one.health.name())))
        .text("found", all.iter().map(|one| Some(one.found.as_str())))
        .text("advice", all.iter().map(|one| one.advice.as_deref()));
    context.report_printer().framed("", &rows.batch()?, "")?;
    match all.iter().filter(|one| one.health == Health::Fault).count() {
        0 => Ok(Exit::Done),
        n => {
            let noun = if n == 1 { "fault" } else { "faults" };
            Err(Failure::new(Exit::Check, format!("{n} {noun} found"))
                .next("what to do about each stands in the last column"))
        }
    }
}
