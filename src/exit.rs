//! How a command ends: the exit codes, which are a contract, and failures with their cause and next step.

use std::fmt::Write as _;
use std::process::ExitCode;

use crate::explain::code_of;
use crate::print::{PrintError, visible};

/// Exit codes of the contract. Those that only a run can reach (4: a source was held, 5: one could not be reached,
/// 75: another run published first) come from the pipelines, 130 and 143 from the signal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done.
    Done,
    /// A fault of the program, or of the machine under it.
    Internal,
    /// The command, its configuration or a statement is wrong.
    Usage,
    /// A release-wide check failed, or `verify`, `trace` or `source check` found a fault.
    Check,
    /// A code that a run worked out itself, or that of a signal.
    Code(u8),
}

impl Exit {
    /// The number.
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Internal => 1,
            Self::Usage => 2,
            Self::Check => 3,
            Self::Code(code) => code,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

/// What a subcommand returns.
pub(crate) type Outcome = Result<Exit, Failure>;

/// Why a command did not do what it was asked.
#[derive(Debug)]
pub(crate) struct Failure {
    exit: Exit,
    message: String,
    details: Vec<String>,
    explained: bool,
    /// Its code, where it is not known by its words.
    code: Option<&'static str>,
    /// The run that ended with it, if it was one.
    run_id: Option<String>,
    closed_pipe: bool,
}

impl Failure {
    /// A failure that ends with this code.
    pub(crate) fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self {
            exit,
            message: message.into(),
            details: Vec::new(),
            explained: exit.code() != Exit::Usage.code(),
            code: None,
            run_id: None,
            closed_pipe: false,
        }
    }

    /// The command, the configuration or the statement is wrong.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, message)
    }

    /// A failure with the code of its kind and the causes of the error under its message.
    pub(crate) fn of(exit: Exit, error: &(dyn std::error::Error + 'static)) -> Self {
        let mut failure = Self::new(exit, error.to_string());
        let mut cause = error.source();
        while let Some(error) = cause {
            let text = error.to_string();
            // Many errors repeat their cause in their own message.
            if !failure.message.contains(&text) {
                failure.details.push(format!("cause: {text}"));
            }
            cause = error.source();
        }
        failure
    }

    /// Adds a line that says what to do next.
    pub(crate) fn next(mut self, step: impl Into<String>) -> Self {
        self.details.push(step.into());
        self
    }

    /// Names the code of the message though the command is at fault: for what was well typed and cannot be answered.
    pub(crate) fn explained(mut self) -> Self {
        self.explained = true;
        self
    }

    /// The same by its code: for a message that is told in several languages.
    pub(crate) fn explained_by(mut self, code: &'static str) -> Self {
        self.code = Some(code);
        self.explained()
    }

    /// Names the run that ended with it.
    pub(crate) fn of_run(mut self, run_id: &str) -> Self {
        self.run_id = Some(run_id.to_owned());
        self
    }

    /// What went wrong, without the next step.
    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    /// The exit code.
    pub(crate) fn exit(&self) -> Exit {
        self.exit
    }

    /// Whether the reader of our output has gone (`esf … | head`): nothing to complain about.
    pub(crate) fn is_closed_pipe(&self) -> bool {
        self.closed_pipe
    }

    /// The code under which it is explained. Who mistyped something needs no more than the message.
    fn code(&self) -> Option<&'static str> {
        if !self.explained {
            return None;
        }
        let mut texts = std::iter::once(&self.message).chain(&self.details);
        self.code.or_else(|| texts.find_map(|text| code_of(text)))
    }

    /// Where more is said about it.
    fn more(&self) -> Option<String> {
        let code = self.code()?;
        Some(format!("`esf explain {code}` says more"))
    }

    /// Writes the failure into the log, with cause and next step in one field; of a run also its id and how it ended.
    pub(crate) fn log(&self) {
        let details = Some(self.details.join("; ")).filter(|details| !details.is_empty());
        let run_id = self.run_id.as_deref();
        // The filter of the log knows this target.
        tracing::error!(
            target: "esf::failure",
            exit_code = self.exit.code(),
            outcome = run_id.map(|_| "failed"),
            run_id,
            code = self.code(),
            details = details.as_deref(),
            "{}",
            visible(&self.message)
        );
    }

    /// The failure as it is shown: `error: …`, then indented lines.
    pub(crate) fn shown(&self, colour: bool) -> String {
        let red = nu_ansi_term::Style::new()
            .bold()
            .fg(nu_ansi_term::Color::Red);
        let label = if colour {
            red.paint("error:").to_string()
        } else {
            "error:".to_owned()
        };
        let mut lines = self.message.lines();
        let mut text = format!("{label} {}\n", visible(lines.next().unwrap_or_default()));
        let more = self.more();
        let details = self.details.iter().flat_map(|detail| detail.lines());
        for line in lines.chain(details).chain(more.as_deref()) {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "  {}", visible(line));
        }
        text
    }
}

impl From<PrintError> for Failure {
    fn from(error: PrintError) -> Self {
        let closed_pipe = error.is_closed_pipe();
        Self {
            closed_pipe,
            ..Self::of(Exit::Internal, &error)
        }
    }
}

impl From<arrow::error::ArrowError> for Failure {
    fn from(error: arrow::error::ArrowError) -> Self {
        Self::of(Exit::Internal, &error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_cause_and_next_step_indented_and_harmless() {
        let error = std::io::Error::other("disk \u{1b}[31mgone");
        let failure = Failure::of(Exit::Internal, &PrintError::Io(error)).next("look at the disk");
        let shown = failure.shown(false);
        assert_eq!(
            shown,
            "error: cannot write the output: disk \u{fffd}[31mgone\n  look at the disk\n  \
             `esf explain output-not-written` says more\n"
        );
    }

    #[test]
    fn a_mistyped_command_is_not_explained_further() {
        let failure =
            Failure::usage("there is no table \"opration\"").next("did you mean operation?");
        assert_eq!(
            failure.shown(false),
            "error: there is no table \"opration\"\n  did you mean operation?\n"
        );
    }

    #[test]
    fn a_question_that_cannot_be_answered_is_explained() {
        let failure = Failure::usage("duration cannot be compared across DE and SE: made up");
        assert_eq!(failure.shown(false).lines().count(), 1);
        let shown = failure.explained().shown(false);
        assert!(
            shown.ends_with("\n  `esf explain compare-incomparable` says more\n"),
            "{shown}"
        );
    }

    #[test]
    fn a_refusal_in_another_language_is_explained_by_its_code() {
        let told = "lässt sich nicht vergleichen".to_owned();
        let code = "compare-lacks";
        let failure = Failure::usage(told).explained_by(code);
        assert_eq!(
            failure.shown(false),
            "error: lässt sich nicht vergleichen\n  `esf explain compare-lacks` says more\n"
        );
    }

    #[test]
    fn codes_are_the_contract() {
        let all = [
            Exit::Done,
            Exit::Internal,
            Exit::Usage,
            Exit::Check,
            Exit::Code(75),
        ];
        assert_eq!(all.map(Exit::code), [0, 1, 2, 3, 75]);
    }
}
