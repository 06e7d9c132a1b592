//! The hook: a program of the operator's that is told how a run ended.
//!
//! It gets the three lines on standard input, and `ESF_RUN_ID`, `ESF_EXIT_CODE` and `ESF_RELEASE` (empty where there
//! is none) in its environment. No shell is between: program and arguments are a list, so that no published name can
//! become a command. What it prints goes to standard error, so that standard output stays for data.
//!
//! It is the leader of a process group, and what it starts is in that group. Its output comes by pipes of their own: a
//! program that it left behind would otherwise hold standard error open, and whoever reads that would wait for it. The
//! time limit is for the hook and for whatever holds these pipes; then the group is killed.

use std::io::{self, Write as _};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, Command};

use super::Ending;

/// How long a hook may take, and what it leaves behind may hold its output.
const LIMIT: Duration = Duration::from_secs(30);

/// How long a hook that was killed may take to be gone.
const DYING: Duration = Duration::from_secs(2);

/// Bytes of its output that are passed on at once.
const PIECE: usize = 8 << 10;

/// Why a hook did not do what it is for.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HookError {
    /// It could not be started.
    #[error("the hook {program:?} could not be started: {source}; mend [report] hook in esf.toml")]
    Start {
        /// The program.
        program: String,
        /// Why.
        source: io::Error,
    },
    /// It could not be told anything, or nothing is known of its end.
    #[error("the hook {program:?} was lost: {source}")]
    Lost {
        /// The program.
        program: String,
        /// Why.
        source: io::Error,
    },
    /// It failed.
    #[error("the hook {program:?} ended with {status}")]
    Failed {
        /// The program.
        program: String,
        /// How it ended.
        status: ExitStatus,
    },
    /// It took too long, or left something behind that did.
    #[error("the hook {program:?}, or what it started, was still running after {} s and was killed", limit.as_secs())]
    TooLong {
        /// The program.
        program: String,
        /// How long it had.
        limit: Duration,
    },
}

/// Runs the hook; no program is no hook. Fails if it cannot be started, fails itself, or takes longer than 30 s, also with
/// what it started.
pub(super) async fn run(command: &[String], ending: &Ending) -> Result<(), HookError> {
    run_for(LIMIT, command, ending).await
}

async fn run_for(limit: Duration, command: &[String], ending: &Ending) -> Result<(), HookError> {
    let Some((program, arguments)) = command.split_first() else {
        return Ok(());
    };
    let program = program.clone();
    let release = ending.release.map(|number| number.to_string());
    let started = Command::new(&program)
        .args(arguments)
        .env("ESF_RUN_ID", &ending.run_id)
        .env("ESF_EXIT_CODE", ending.exit_code.to_string())
        .env("ESF_RELEASE", release.unwrap_or_default())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .kill_on_drop(true)
        .spawn();
    let mut child = match started {
        Ok(child) => child,
        Err(source) => return Err(HookError::Start { program, source }),
    };
    // Once it has ended, its number is told no more; its group keeps it.
    let group = child.id();
    match tokio::time::timeout(limit, tell(&mut child, ending)).await {
        Ok(Ok(status)) if status.success() => Ok(()),
        Ok(Ok(status)) => Err(HookError::Failed { program, status }),
        Ok(Err(source)) => Err(HookError::Lost { program, source }),
        Err(_) => {
            kill(group);
            // What cannot be killed, such as a program that waits for a disk, is left to the system.
            let _ = tokio::time::timeout(DYING, child.wait()).await;
            Err(HookError::TooLong { program, limit })
        }
    }
}

/// Ends a hook and what it started.
fn kill(group: Option<u32>) {
    let group = group.and_then(|id| i32::try_from(id).ok());
    if let Some(group) = group.and_then(Pid::from_raw) {
        // Nothing is there to be killed if all of it has ended.
        let _ = kill_process_group(group, Signal::KILL);
    }
}

/// Gives the lines, passes on what it prints, and waits for its end and for that of its output.
async fn tell(child: &mut Child, ending: &Ending) -> io::Result<ExitStatus> {
    let (input, output, errors) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let text = ending.lines.join("\n") + "\n";
    let give = async {
        if let Some(mut input) = input {
            // It need not read them.
            if let Err(error) = input.write_all(text.as_bytes()).await
                && error.kind() != io::ErrorKind::BrokenPipe
            {
                return Err(error);
            }
        }
        Ok(())
    };
    let (given, (), (), ended) = tokio::join!(give, pass_on(output), pass_on(errors), child.wait());
    given?;
    ended
}

/// Passes on what a hook prints, until nothing holds the pipe any more.
async fn pass_on(output: Option<impl AsyncRead + Unpin>) {
    let Some(mut output) = output else {
        return;
    };
    let mut piece = vec![0; PIECE];
    while let Ok(read @ 1..) = output.read(&mut piece).await {
        // If standard error is gone, nobody wants to see it.
        let _ = io::stderr().write_all(&piece[..read]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::testing::report;

    fn ending() -> Ending {
        let mut report = report();
        report.sources[0].quarantined = 9;
        Ending::of(&report, "")
    }

    fn shell(script: &str, argument: &str) -> Vec<String> {
        ["sh", "-c", script, argument].map(str::to_owned).to_vec()
    }

    #[tokio::test]
    async fn a_hook_gets_lines_and_variables_and_its_arguments_as_they_are() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a $(touch b)");
        let script = "{ cat; echo \"$ESF_RUN_ID $ESF_EXIT_CODE $ESF_RELEASE\"; } > \"$0\"";
        let ending = ending();
        let command = shell(script, file.to_str().unwrap());
        run(&command, &ending).await.unwrap();
        let told = std::fs::read_to_string(&file).unwrap();
        let lines = ending.lines.join("\n");
        assert_eq!(told, format!("{lines}\n20261126T010000000-7 4 42\n"));
        assert_eq!(told.lines().count(), 4);
    }

    #[tokio::test]
    async fn a_hook_that_reads_nothing_is_no_failure() {
        let command = shell("exec 0<&-; exit 0", "");
        run(&command, &ending()).await.unwrap();
    }

    #[tokio::test]
    async fn a_hook_that_hangs_is_killed() {
        let command = ["sleep", "60"].map(str::to_owned);
        let ended = run_for(Duration::from_millis(200), &command, &ending()).await;
        let error = ended.unwrap_err();
        assert!(matches!(error, HookError::TooLong { .. }), "{error}");
        assert!(error.to_string().ends_with("and was killed"), "{error}");
    }

    #[tokio::test]
    async fn what_a_hook_leaves_behind_does_not_hold_the_night_and_is_killed() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("left");
        // It ends at once, and a program of its own holds its output.
        let command = shell("sleep 60 & echo $! > \"$0\"", file.to_str().unwrap());
        let ended = run_for(Duration::from_secs(2), &command, &ending()).await;
        let error = ended.unwrap_err();
        assert!(matches!(error, HookError::TooLong { .. }), "{error}");
        let left = std::fs::read_to_string(&file).unwrap();
        let left = Pid::from_raw(left.trim().parse().unwrap()).unwrap();
        // Whoever takes over what has no parent may need a moment to see that it is gone.
        let begun = std::time::Instant::now();
        while is_running(left) {
            assert!(begun.elapsed() < LIMIT, "{left:?} is still there");
            tokio::task::yield_now().await;
        }
    }

    /// Whether a process is there, and not merely waited for by nobody.
    fn is_running(process: Pid) -> bool {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", process.as_raw_nonzero()));
        match stat {
            Ok(stat) => !stat.contains(") Z "),
            Err(_) => false,
        }
    }

    #[tokio::test]
    async fn a_hook_that_is_absent_or_fails_is_named() {
        let absent = ["/nowhere/hook".to_owned()];
        let error = run(&absent, &ending()).await.unwrap_err().to_string();
        assert!(
            error.contains("\"/nowhere/hook\" could not be started"),
            "{error}"
        );
        let command = shell("exit 3", "");
        let error = run(&command, &ending()).await.unwrap_err().to_string();
        assert!(error.contains("exit status: 3"), "{error}");
        run(&[], &ending()).await.unwrap();
    }
}
