//! Ctrl-C and SIGTERM: the command is dropped, so that locks and unfinished files are given back, and the process ends
//! with 130 or 143. A command that is too busy to be dropped is ended a moment later; a release can take that. One that has
//! something to tell of its end gets some seconds for it, until the next signal.

use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::Notify;

/// How long a command may take to give back what it holds.
const GRACE: Duration = Duration::from_millis(1500);

/// How long a command may then take to tell that it was interrupted.
const TELLING: Duration = Duration::from_secs(10);

/// SIGXFSZ, by its number on Linux (but MIPS), macOS and BSD.
const FILE_TOO_LARGE: i32 = 25;

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
    loop {
        let code = tokio::select! {
            _ = interrupt.recv() => 130,
            _ = terminate.recv() => 143,
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
