//! Ctrl-C, SIGTERM and SIGHUP, which comes where a terminal is closed: the command is dropped, so that locks and unfinished
//! files are given back, and the process ends with 130, or 143 for the other two. A command that is too busy to be dropped is
//! ended a moment later; a release can take that. One that has something to tell of its end gets some seconds for it, until
//! the next signal.

use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::Notify;

/// How long a command may take to give back what it holds.
const GRACE: Duration = Duration::from_millis(1500);

/// How long a command may then take to tell that it was interrupted.
const TELLING: Duration = Duration::from_secs(10);

/// SIGXFSZ, by its number on Linux (but MIPS), macOS and BSD.
const FILE_TOO_LARGE: i32 = 25;

/// The bit of SIGHUP in a set of signals as Linux writes it.
const HANGUP: u64 = 1;

static RECEIVED: AtomicU8 = AtomicU8::new(0);
static SHELL: AtomicBool = AtomicBool::new(false);
static TELLS: AtomicBool = AtomicBool::new(false);
static NOTIFY: LazyLock<Arc<Notify>> = LazyLock::new(|| Arc::new(Notify::new()));

/// Watches for signals on a thread of its own, so that no work of ours can delay it.
pub(crate) fn watch() {
    let watching = std::thread::Builder::new()
        .name("signals".to_owned())
        .spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            if let Ok(runtime) = runtime {
                runtime.block_on(wait());
            }
        });
    if let Err(error) = watching {
        // The system's own handling is left: the process ends at once.
        tracing::debug!(%error, "signals are not watched");
    }
}

/// In the shell, Ctrl-C ends the statement and not the program.
pub(crate) fn only_statements() {
    SHELL.store(true, Ordering::Relaxed);
}

/// The command has given back what it holds, and tells now that it was interrupted.
pub(crate) fn telling() {
    TELLS.store(true, Ordering::Release);
}

/// Completes when the user interrupts; gives the exit code.
pub(crate) async fn interrupted() -> u8 {
    loop {
        let notified = NOTIFY.notified();
        match received() {
            None => notified.await,
            Some(code) => return code,
        }
    }
}

/// The exit code of an interrupt that came and was not forgotten.
pub(crate) fn received() -> Option<u8> {
    match RECEIVED.load(Ordering::Acquire) {
        0 => None,
        code => Some(code),
    }
}

/// Forgets an interrupt that ended a statement of the shell.
pub(crate) fn forget() {
    RECEIVED.store(0, Ordering::Release);
}

async fn wait() {
    // With a handler, a file that may not grow is an error that names it, and not the end of the process.
    let _handled = signal(SignalKind::from_raw(FILE_TOO_LARGE));
    let (Ok(mut interrupt), Ok(mut terminate)) = (
        signal(SignalKind::interrupt()),
        signal(SignalKind::terminate()),
    ) else {
        return;
    };
    let hangup = hangs_up().then(|| signal(SignalKind::hangup()));
    let mut hangup = hangup.and_then(Result::ok);
    loop {
        let code = tokio::select! {
            _ = interrupt.recv() => 130,
            _ = terminate.recv() => 143,
            () = received_by(&mut hangup) => 143,
        };
        let again = RECEIVED.swap(code, Ordering::AcqRel) != 0;
        NOTIFY.notify_waiters();
        if SHELL.load(Ordering::Relaxed) && code == 130 {
            continue;
        }
        if !again {
            let time = async {
                tokio::time::sleep(GRACE).await;
                if TELLS.load(Ordering::Acquire) {
                    tokio::time::sleep(TELLING).await;
                }
            };
            tokio::select! {
                () = time => {}
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
        }
        std::process::exit(i32::from(code));
    }
}

/// Completes with the next of these signals; never, where none is watched.
async fn received_by(signals: &mut Option<Signal>) {
    match signals {
        Some(signals) => {
            signals.recv().await;
        }
        None => std::future::pending().await,
    }
}

/// Whether SIGHUP is to end the process. Under `nohup` it is ignored, and a handler would undo that; where nobody can tell,
/// the system's own handling stays.
fn hangs_up() -> bool {
    let status = std::fs::read_to_string("/proc/self/status");
    status.is_ok_and(|status| ignored(&status).is_some_and(|signals| signals & HANGUP == 0))
}

/// The signals that a process ignores, from its status on Linux.
fn ignored(status: &str) -> Option<u64> {
    let signals = status
        .lines()
        .find_map(|line| line.strip_prefix("SigIgn:"))?;
    u64::from_str_radix(signals.trim(), 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_process_ignores_is_read() {
        let status =
            |signals| format!("Name:\tesf\nSigBlk:\t0000000000000001\nSigIgn:\t{signals}\n");
        assert_eq!(ignored(&status("0000000000001001")), Some(0x1001));
        assert_eq!(ignored(&status("0000000000001000")), Some(0x1000));
        assert_eq!(ignored("Name:\tesf\n"), None);
    }
}
