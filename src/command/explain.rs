//! `esf explain`: what a message or an exit code means, and what to do about it.

use std::fmt::Write;

use crate::args::Explain;
use crate::exit::{Exit, Failure, Outcome};
use crate::explain::{self, Entry};
use crate::print::{Printer, Rows};

/// Lists all messages, or explains one. Needs no configuration: a broken one is among what is explained.
pub(super) fn run(printer: &Printer, arguments: &Explain) -> Outcome {
    match &arguments.code {
        Some(asked) => printer.prose(&shown(found(asked)?))?,
        None => list(printer)?,
    }
    Ok(Exit::Done)
}

fn list(printer: &Printer) -> Result<(), Failure> {
    let all = || explain::messages().iter();
    let rows = Rows::default()
        .text("about", all().map(|entry| Some(entry.area.as_str())))
        .text("code", all().map(|entry| Some(entry.code.as_str())))
        .text("exit", all().map(|entry| Some(entry.ends())))
        .text("title", all().map(|entry| Some(entry.title.as_str())));
    printer.batch(&rows.batch()?)
}

/// What was asked for: a code, or a line that somebody copied, which names its code or has the words of a message.
fn found(asked: &str) -> Result<&'static Entry, Failure> {
    explain::entry(asked).or_else(|nearest| {
        let code = explain::code_in(asked).or_else(|| explain::code_of(asked));
        let copied = code.and_then(|code| explain::entry(code).ok());
        copied.ok_or_else(|| unknown(asked, nearest))
    })
}

fn unknown(asked: &str, nearest: Option<&str>) -> Failure {
    let failure = Failure::usage(format!("there is no message {asked:?}"));
    match nearest {
        Some(near) => failure.next(format!("did you mean {near}?")),
        None => failure.next("`esf explain` lists them all"),
    }
}

fn shown(entry: &Entry) -> String {
    let mut text = format!("{}: {}\n\n", entry.code, entry.title);
    let is_exit = explain::exits().iter().any(|exit| exit == entry);
    let ends_so = explain::messages()
        .iter()
        .filter(|message| is_exit && message.exit.first() == entry.exit.first());
    let codes: Vec<&str> = ends_so.map(|message| message.code.as_str()).collect();
    let ends = if is_exit { String::new() } else { entry.ends() };
    for (name, value) in [
        ("means", entry.means.as_str()),
        ("what to do", &entry.remedy),
        ("exit code", &ends),
        ("messages", &codes.join(", ")),
    ] {
        if !value.is_empty() {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{name:<14} {value}");
        }
    }
    text
}
