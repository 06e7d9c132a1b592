//! Nights that something cuts short, each in processes of its own: kill -9 and a full disk at every write, signals, a storage
//! server behind a way that fails at any request, two nights at once, readers meanwhile, clocks that are wrong.
//!
//! After each of them readers see the release of before or the whole new one, and the night run again needs no repair and
//! ends with what a night gives that nothing disturbed. Of places that leave the same behind a sample is tried, all of them
//! with `ESF_FAULTS=all`; in one process, on a store that fails, each is always tried (`tests/warehouse`).

mod clock;
mod disk;
mod interrupt;
mod kill;
mod look;
mod machine;
mod night;
mod proxy;
mod reader;
mod remote;
mod twice;
mod warehouse;

use libtest_mimic::Trial;

pub(crate) fn trials() -> Vec<Trial> {
    // Storage that is gone is waited for from the first of them to the last.
    [
        remote::trials(),
        kill::trials(),
        interrupt::trials(),
        disk::trials(),
        twice::trials(),
        reader::trials(),
        clock::trials(),
    ]
    .into_iter()
    .flatten()
    .chain([remote::last()])
    .collect()
}

/// Ends what is still at work.
pub(crate) fn stop() {
    remote::stop();
}

/// Whether every place is tried.
fn all() -> bool {
    std::env::var_os("ESF_FAULTS").is_some_and(|value| value == "all")
}

/// Places from 1 to `last`: all, or so many of them evenly spread, the first and the last among them.
fn places(last: usize, most: usize) -> Vec<usize> {
    assert!(
        last > 0,
        "no night makes such a call, so that nothing is tried"
    );
    if all() || last <= most {
        return (1..=last).collect();
    }
    (0..most).map(|n| 1 + n * (last - 1) / (most - 1)).collect()
}

/// Fails a test with everything that was wrong in it.
fn none(wrong: &[String]) {
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}
