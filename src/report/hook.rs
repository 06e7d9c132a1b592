//! The hook: a program of the operator's that is told how a run ended.
//!
//! It gets the three lines on standard input, and `ESF_RUN_ID`, `ESF_EXIT_CODE` and `ESF_RELEASE` (empty where there
//! is none) in its environment. No shell is between: program and arguments are a list, so that no published name can
//! become a command. What it prints goes to standard error, so that standard output stays for data.

use std::io;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::process::{Child, Command};

use super::Ending;

/// How long a hook may take.
const LIMIT: Duration = Duration::from_secs(30);

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
    /// It took too long.
    #[error("the hook {program:?} was still running after {} s and was killed", limit.as_secs())]
    TooLong {
        /// The program.
        program: String,
        /// How long it had.
        limit: Duration,
    },
}

/// Runs the hook; no program is no hook. Fails if it cannot be started, fails itself, or takes longer than 30 s.
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
        .stdout(io::stderr())
        .kill_on_drop(true)
        .spawn();
    let mut child = match started {
        Ok(child) => child,
        Err(source) => return Err(HookError::Start { program, source }),
    };
    match tokio::time::timeout(limit, tell(&mut child, ending)).await {
        Ok(Ok(status)) if status.success() => Ok(()),
        Ok(Ok(status)) => Err(HookError::Failed { program, status }),
        Ok(Err(source)) => Err(HookError::Lost { program, source }),
        Err(_) => match child.kill().await {
            Ok(()) => Err(HookError::TooLong { program, limit }),
            Err(source) => Err(HookError::Lost { program, source }),
        },
    }
}

/// Gives the lines and waits for the end.
async fn tell(child: &mut Child, ending: &Ending) -> io::Result<ExitStatus> {
    if let Some(mut input) = child.stdin.take() {
        let text = ending.lines.join("\n") + "\n";
        // It need not read them.
        if let Err(error) = input.write_all(text.as_bytes()).await
            && error.kind() != io::ErrorKind::BrokenPipe
        {
            return Err(error);
        }
    }
    child.wait().await
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
