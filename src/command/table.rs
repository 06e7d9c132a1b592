//! `esf table`: what the tables and the views over them hold, from the declarations alone; no warehouse is needed.

use std::collections::BTreeSet;
use std::fmt::Write;

use arrow::datatypes::Schema;
use esf_queries::{View, view_columns, views};
use esf_schemas::{Table as Declared, table, tables};

use super::block_on;
use crate::args::Table;
use crate::context::Context;
use crate::exit::{Exit, Failure, Outcome};
use crate::nearest::nearest;
use crate::print::Rows;
use crate::sql_error;

/// Lists the tables and views, or shows one.
pub(super) fn run(context: &Context, action: &Table) -> Outcome {
    match action {
        Table::List => list(context),
        Table::Show { name } => match (table(name), only_views().find(|view| view.name == *name)) {
            (Some(table), _) => show_table(context, table),
            (None, Some(view)) => block_on(context, show_view(context, view)),
            (None, None) => {
                let known = tables().iter().map(|table| table.name.as_str());
                let views = only_views().map(|view| view.name.as_str());
                Err(not_known(name, known.chain(views)))
            }
        },
    }
}

/// The views that are no table of a release; those that are one are declared as it.
pub(crate) fn only_views() -> impl Iterator<Item = &'static View> {
    views().iter().filter(|view| table(&view.name).is_none())
}

/// What a statement can read: a table, with what a list says of it, or a view, of which less is known.
pub(crate) struct Listed<'a, T> {
    name: &'a str,
    grain: Option<&'a str>,
    table: Option<T>,
}

impl<'a, T> Listed<'a, T> {
    /// Tables as they come, and the views after them.
    pub(crate) fn with_views(tables: impl Iterator<Item = (&'a str, T)>) -> Vec<Self> {
        let tables = tables.map(|(name, of_table)| Self {
            name,
            grain: table(name).map(|table| table.grain.as_str()),
            table: Some(of_table),
        });
        let views = only_views().map(|view| Self {
            name: view.name.as_str(),
            grain: Some(view.grain.as_str()),
            table: None,
        });
        tables.chain(views).collect()
    }

    /// What is known of a table alone.
    pub(crate) fn of_table<'b, V>(
        all: &'b [Self],
        value: impl Fn(&'b T) -> V,
    ) -> impl Iterator<Item = Option<V>> {
        all.iter()
            .map(move |listed| listed.table.as_ref().map(&value))
    }

    /// The columns of names and kinds.
    pub(crate) fn names(all: &[Self]) -> Rows {
        let kind = |listed: &Self| {
            if listed.table.is_some() {
                "table"
            } else {
                "view"
            }
        };
        Rows::default()
            .text("table", all.iter().map(|listed| Some(listed.name)))
            .text("kind", all.iter().map(|listed| Some(kind(listed))))
    }

    /// What a row of each stands for; unknown of a table that this program does not declare.
    pub(crate) fn grains(all: &[Self]) -> impl Iterator<Item = Option<&'a str>> {
        all.iter().map(|listed| listed.grain)
    }
}

fn list(context: &Context) -> Outcome {
    let all = Listed::with_views(tables().iter().map(|table| (table.name.as_str(), table)));
    let rows = Listed::names(&all)
        .text("one_row_per", Listed::grains(&all))
        .text("key", Listed::of_table(&all, |table| table.key.join(", ")))
        .text(
            "visibility",
            Listed::of_table(&all, |table| table.visibility.name()),
        );
    context.printer.batch(&rows.batch()?)?;
    Ok(Exit::Done)
}

fn show_table(context: &Context, table: &Declared) -> Outcome {
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

async fn show_view(context: &Context, view: &View) -> Outcome {
    let columns = view_columns(&view.name).await.map_err(sql_error::failure)?;
    let rows = view_rows(&columns);
    let View {
        name,
        title,
        grain,
        description,
        ..
    } = view;
    let heading =
        format!("{name}: {title}. {description}\none row per {grain}; a view over the tables\n\n");
    context.printer.framed(&heading, &rows.batch()?, "")?;
    Ok(Exit::Done)
}

/// The columns of a view as rows.
pub(crate) fn view_rows(columns: &Schema) -> Rows {
    let fields = || columns.fields().iter();
    Rows::default()
        .text("column", fields().map(|field| Some(field.name().as_str())))
        .text(
            "type",
            fields().map(|field| Some(field.data_type().to_string())),
        )
        .text("meaning", fields().map(|field| meaning(field.name())))
}

/// What a column of this name means, where it means the same in all tables that have it.
fn meaning(name: &str) -> Option<&'static str> {
    let columns = tables().iter().filter_map(|table| table.column(name));
    let meanings: BTreeSet<&str> = columns.map(|column| column.meaning.as_str()).collect();
    let mut meanings = meanings.into_iter();
    meanings.next().filter(|_| meanings.next().is_none())
}

/// The failure for a name that is no table.
pub(crate) fn unknown(name: &str) -> Failure {
    not_known(name, tables().iter().map(|table| table.name.as_str()))
}

fn not_known<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Failure {
    let failure = Failure::usage(format!("there is no table {name:?}"));
    match nearest(name, known) {
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
