//! `esf table`: what the tables hold, from the declarations alone; no warehouse is needed.

use std::fmt::Write;

use esf_schemas::{Table as Declared, table, tables};

use crate::args::Table;
use crate::context::Context;
use crate::exit::{Exit, Failure, Outcome};
use crate::nearest::nearest;
use crate::print::Rows;

/// Lists the tables or shows one.
pub(super) fn run(context: &Context, action: &Table) -> Outcome {
    match action {
        Table::List => list(context),
        Table::Show { name } => show(context, name),
    }
}

fn list(context: &Context) -> Outcome {
    let all = || tables().iter();
    let rows = Rows::default()
        .text("table", all().map(|table| Some(table.name.as_str())))
        .text("one_row_per", all().map(|table| Some(table.grain.as_str())))
        .text("key", all().map(|table| Some(table.key.join(", "))))
        .text(
            "visibility",
            all().map(|table| Some(table.visibility.name())),
        );
    context.printer.batch(&rows.batch()?)?;
    Ok(Exit::Done)
}

fn show(context: &Context, name: &str) -> Outcome {
    let Some(table) = table(name) else {
        return Err(unknown(name));
    };
    let columns = || table.columns.iter();
    let rows = Rows::default()
        .text("column", columns().map(|column| Some(column.name.as_str())))
        .text(
            "type",
            columns().map(|column| Some(column.column_type.name())),
        )
        .text("unit", columns().map(|column| column.unit.as_deref()))
        .text(
            "null",
            columns().map(|column| Some(if column.nullable { "yes" } else { "no" })),
        )
        .text(
            "meaning",
            columns().map(|column| Some(column.meaning.as_str())),
        );
    context
        .printer
        .framed(&heading(table), &rows.batch()?, "")?;
    Ok(Exit::Done)
}

/// The failure for a name that is no table.
pub(crate) fn unknown(name: &str) -> Failure {
    let failure = Failure::usage(format!("there is no table {name:?}"));
    match nearest(name, tables().iter().map(|table| table.name.as_str())) {
        Some(near) => failure.next(format!("did you mean {near}?")),
        None => failure.next("`esf table list` shows them all"),
    }
}

fn heading(table: &Declared) -> String {
    let mut text = format!("{}: {}\n", table.name, table.description.trim());
    // Writing to a string cannot fail.
    let _ = writeln!(
        text,
        "one row per {}; key {}; {}\n",
        table.grain,
        table.key.join(", "),
        table.visibility.name()
    );
    text
}
