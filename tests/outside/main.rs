//! Tests that need more than the repository, each by name: the real lists and pages, and programs from PyPI and npm that
//! stand in for servers and other engines (see `python` and `azure`). What is absent shows as ignored.
//!
//! The lists are read in place from `../shared`, or from the folder that `ESF_SHARED` names. One ingest of all of them
//! serves most tests; no test needs another or a certain order. Nothing of the shared files is kept: what is compared
//! beyond published sums is taken from them at run time.

// All of this is tests: clippy allows panics only in `#[test]` functions, which this harness does not have.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod azure;
mod cloud;
mod command;
mod context;
mod delta;
mod differential;
mod disclosure;
mod fault;
mod gcs;
mod holdout;
mod hostile;
mod metric;
mod pages;
mod personal;
mod python;
mod s3;
mod shared;
mod statistics;
mod tables;
mod threads;
mod trace;
mod truth;
mod vintage;
mod world;

use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let absent = shared::folder().is_none();
    let trials = [
        truth::trials(),
        trace::trials(),
        vintage::trials(),
        threads::trials(),
        holdout::trials(),
        personal::trials(),
        pages::trials(),
        context::trials(),
    ]
    .into_iter()
    .flatten()
    .map(|trial| trial.with_ignored_flag(absent))
    .chain(hostile::trials())
    .chain(s3::trials())
    .chain(azure::trials())
    .chain(gcs::trials())
    .chain(statistics::trials())
    .chain(disclosure::trials())
    .chain(metric::trials())
    .chain(differential::trials())
    .chain(delta::trials())
    .chain(fault::trials())
    .collect::<Vec<Trial>>();
    let conclusion = libtest_mimic::run(&arguments, trials);
    holdout::summary();
    fault::stop();
    world::remove();
    conclusion.exit_code()
}

/// A test of this name that passes unless it panics.
fn trial(name: impl Into<String>, test: impl FnOnce() + Send + 'static) -> Trial {
    Trial::test(name.into(), move || {
        test();
        Ok(())
    })
}
