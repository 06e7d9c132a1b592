//! The shell's own commands: `.tables` and the like, with the names that `psql` has for them.

use std::fmt::Write;

use crate::nearest::nearest;
use crate::print::Format;

/// What a command of the shell asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Meta {
    /// The tables of the release, and the views over them.
    Tables,
    /// The columns of a table or view.
    Schema(String),
    /// The functions that can be called.
    Functions,
    /// Show times, or not.
    Timing,
    /// One column a line, or not.
    Expanded,
    /// Print in this format from now on.
    Format(Format),
    /// Which release is read.
    Release,
    /// What can be typed.
    Help,
    /// Leave.
    Quit,
}

/// A command as it is listed by `.help` and completed.
pub(super) struct Command {
    pub(super) name: &'static str,
    pub(super) argument: &'static str,
    pub(super) what: &'static str,
}

const fn command(name: &'static str, argument: &'static str, what: &'static str) -> Command {
    Command {
        name,
        argument,
        what,
    }
}

/// All commands.
pub(super) const COMMANDS: &[Command] = &[
    command(
        ".tables",
        "",
        "the tables and views, their rows and what a row stands for",
    ),
    command(
        ".schema",
        "TABLE",
        "columns, types, units and meanings of a table or view",
    ),
    command(".functions", "", "the functions that can be called"),
    command(
        ".format",
        "FORMAT",
        "print as table, csv, json, ndjson or markdown",
    ),
    command(".expanded", "", "one column a line, or not"),
    command(".timing", "", "show times, or not"),
    command(".release", "", "the release that is read, to be cited"),
    command(".help", "", "this list"),
    command(".quit", "", "leave, also Ctrl-D"),
    command("\\dt", "", "as .tables"),
    command("\\d", "[TABLE]", "as .schema, or as .tables without a name"),
    command("\\df", "", "as .functions"),
    command("\\x", "", "as .expanded"),
    command("\\timing", "", "as .timing"),
    command("\\?", "", "as .help"),
    command("\\q", "", "as .quit"),
];

/// Understands a line; the error says what could have been meant.
pub(super) fn parse(line: &str) -> Result<Meta, String> {
    let mut words = line.trim().trim_end_matches(';').split_whitespace();
    let name = words.next().unwrap_or_default();
    let argument = words.next();
    let needed = |what: &str| format!("{name} needs {what}");
    match (name, argument) {
        (".tables" | "\\dt" | "\\d", None) => Ok(Meta::Tables),
        (".schema" | "\\d" | "\\d+", Some(table)) => Ok(Meta::Schema(table.to_owned())),
        (".schema" | "\\d+", None) => Err(needed("the name of a table")),
        (".functions" | "\\df", _) => Ok(Meta::Functions),
        (".timing" | "\\timing", _) => Ok(Meta::Timing),
        (".expanded" | "\\x", _) => Ok(Meta::Expanded),
        (".format", Some(format)) => match <Format as clap::ValueEnum>::from_str(format, true) {
            Ok(Format::Parquet | Format::Arrow) | Err(_) => Err(format!(
                "{format:?} cannot be shown; use table, csv, json, ndjson or markdown"
            )),
            Ok(format) => Ok(Meta::Format(format)),
        },
        (".format", None) => Err(needed("table, csv, json, ndjson or markdown")),
        (".release", _) => Ok(Meta::Release),
        (".help" | "\\?" | "\\h", _) => Ok(Meta::Help),
        (".quit" | ".exit" | "\\q", _) => Ok(Meta::Quit),
        _ => Err(
            match nearest(name, COMMANDS.iter().map(|command| command.name)) {
                Some(near) => format!("there is no {name}; did you mean {near}?"),
                None => format!("there is no {name}; .help lists what there is"),
            },
        ),
    }
}

/// The text of `.help`.
pub(super) fn help() -> String {
    let mut text = String::from(
        "A statement ends with ; and may take several lines. Tab completes, Ctrl-R searches what was typed before.\n",
    );
    for command in COMMANDS {
        let Command {
            name,
            argument,
            what,
        } = command;
        // Writing to a string cannot fail.
        let _ = writeln!(text, "  {name:<11} {argument:<8} {what}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_both_spellings() {
        assert_eq!(parse(".tables"), Ok(Meta::Tables));
        assert_eq!(parse("\\d"), Ok(Meta::Tables));
        assert_eq!(
            parse("\\d operation;"),
            Ok(Meta::Schema("operation".to_owned()))
        );
        assert_eq!(parse(".format CSV"), Ok(Meta::Format(Format::Csv)));
    }

    #[test]
    fn says_what_could_have_been_meant() {
        assert_eq!(
            parse(".tabels").unwrap_err(),
            "there is no .tabels; did you mean .tables?"
        );
        assert!(
            parse(".format parquet")
                .unwrap_err()
                .contains("cannot be shown")
        );
    }
}
