//! The interactive shell of `esf sql`: editing, history, completion, and commands of its own.
//!
//! Owns the dialogue. Statements run as in `esf sql "…"`; an error is shown and the dialogue goes on, Ctrl-C ends the
//! statement that runs.

mod complete;
mod highlight;
mod meta;
mod scan;

use std::borrow::Cow;
use std::io::{IsTerminal, Write};
use std::path::PathBuf;

use arrow::datatypes::SchemaRef;
use datafusion::prelude::SessionContext;
use esf_engine::release::{Release, TableState};
use esf_queries::Metrics;
use esf_schemas::{Visibility, table};
use reedline::{
    ColumnarMenu, Emacs, FileBackedHistory, KeyCode, KeyModifiers, MenuBuilder, Prompt,
    PromptEditMode, PromptHistorySearch, Reedline, ReedlineEvent, ReedlineMenu, Signal,
    default_emacs_keybindings,
};
use tokio::runtime::Runtime;

use crate::args::Sql;
use crate::command::compare::metrics;
use crate::command::sql::{Connection, answer, answer_comparisons, connect};
use crate::command::table::{Listed, only_views, view_rows};
use crate::context::{Context, terminal_width};
use crate::exit::{Exit, Failure};
use crate::interrupt;
use crate::nearest::nearest;
use crate::print::{PrintError, Printer, Rows};

use complete::{Names, SqlCompleter};
use highlight::{SqlHighlighter, SqlValidator};
use meta::Meta;
pub(crate) use scan::{gives_rows, statements};

/// Statements kept in the history file.
const HISTORY: usize = 10_000;
const MENU: &str = "completion";

/// A dialogue over one release.
pub(crate) struct Shell {
    runtime: Runtime,
    session: SessionContext,
    metrics: Metrics,
    release: Release,
    access: Visibility,
    location: String,
    printer: Printer,
    editor: Reedline,
    colour: bool,
}

impl Shell {
    /// Opens the release asked for.
    pub(crate) fn open(
        context: &Context,
        arguments: &Sql,
        runtime: Runtime,
    ) -> Result<Self, Failure> {
        let Connection {
            warehouse,
            release,
            session,
        } = runtime.block_on(connect(context, arguments))?;
        let views: Vec<&str> = esf_queries::views()
            .iter()
            .map(|v| v.name.as_str())
            .collect();
        runtime
            .block_on(esf_queries::register_named(&session, &views.join(" ")))
            .map_err(crate::sql_error::failure)?;
        let access = arguments.access.visibility();
        let printer = context.printer.clone();
        let colour = printer.style.colour;
        let mut names = names(&session, &release, access);
        for view in only_views() {
            let schema = runtime.block_on(columns_of(&session, &view.name))?;
            let columns = schema.fields().iter().map(|field| field.name().clone());
            names.tables.push((view.name.clone(), columns.collect()));
        }
        let editor = editor(names, colour);
        Ok(Self {
            runtime,
            session,
            metrics: metrics(context)?,
            release,
            access,
            location: warehouse.location().to_owned(),
            printer,
            editor,
            colour,
        })
    }

    /// Talks until the user leaves.
    pub(crate) fn run(mut self) -> Result<(), Failure> {
        interrupt::only_statements();
        interrupt::watch();
        let release = format!("release {} of {}", self.release.number, self.location);
        say(&format!(
            "{release}; .help says what can be typed, .quit leaves\n"
        ))?;
        loop {
            match self.editor.read_line(&SqlPrompt) {
                Ok(Signal::Success(line)) => match self.take(&line) {
                    Ok(true) => {}
                    Ok(false) => return Ok(()),
                    Err(failure) => crate::complain(&failure, self.colour),
                },
                Ok(Signal::CtrlD) => return Ok(()),
                Ok(_) => {}
                Err(error) => {
                    return Err(Failure::of(Exit::Internal, &error)
                        .next("the terminal cannot be read; pipe the statements in"));
                }
            }
        }
    }

    /// Does what a line asks; `false` ends the dialogue.
    fn take(&mut self, line: &str) -> Result<bool, Failure> {
        self.printer.style.width = terminal_width();
        if line.trim_start().starts_with(['.', '\\']) {
            return self.obey(meta::parse(line).map_err(Failure::usage)?);
        }
        for statement in statements(line) {
            self.answer(statement)?;
        }
        Ok(true)
    }

    fn answer(&self, statement: &str) -> Result<(), Failure> {
        interrupt::forget();
        self.runtime.block_on(async {
            let answered = async {
                answer_comparisons(&self.session, &self.metrics, statement).await?;
                answer(&self.session, &self.printer, statement).await
            };
            tokio::select! {
                answered = answered => answered,
                _ = interrupt::interrupted() => Err(Failure::usage("interrupted")),
            }
        })
    }

    fn obey(&mut self, asked: Meta) -> Result<bool, Failure> {
        match asked {
            Meta::Tables => self.tables()?,
            Meta::Schema(name) => self.schema(&name)?,
            Meta::Functions => {
                let functions = names(&self.session, &self.release, self.access).functions;
                self.printer.batch(
                    &Rows::default()
                        .text("function", functions.into_iter().map(Some))
                        .batch()?,
                )?;
            }
            Meta::Timing => {
                self.printer.timing = !self.printer.timing;
                say(if self.printer.timing {
                    "timing is on\n"
                } else {
                    "timing is off\n"
                })?;
            }
            Meta::Expanded => {
                let expanded = &mut self.printer.style.expanded;
                *expanded = !*expanded;
                let on = *expanded;
                say(if on {
                    "one column a line\n"
                } else {
                    "columns side by side, where they fit\n"
                })?;
            }
            Meta::Format(format) => self.printer.format = format,
            Meta::Release => {
                let Release {
                    number,
                    content_hash,
                    created_at,
                    ..
                } = &self.release;
                say(&format!(
                    "release {number} of {}, {created_at:.0}\n{content_hash}\n",
                    self.location
                ))?;
            }
            Meta::Help => say(&meta::help())?,
            Meta::Quit => return Ok(false),
        }
        Ok(true)
    }

    fn tables(&self) -> Result<(), Failure> {
        let all = Listed::with_views(visible_tables(&self.release, self.access));
        let rows = Listed::names(&all)
            // Rows of a view are counted by nobody who does not ask for them.
            .int("rows", Listed::of_table(&all, |state| state.rows() as i64))
            .text("one_row_per", Listed::grains(&all));
        self.printer.batch(&rows.batch()?)
    }

    fn schema(&self, name: &str) -> Result<(), Failure> {
        if let Some(view) = only_views().find(|view| view.name.eq_ignore_ascii_case(name)) {
            let columns = self
                .runtime
                .block_on(columns_of(&self.session, &view.name))?;
            return self.printer.batch(&view_rows(&columns).batch()?);
        }
        let mut tables = visible_tables(&self.release, self.access);
        let Some((table_name, state)) = tables.find(|(table, _)| table.eq_ignore_ascii_case(name))
        else {
            let failure = Failure::usage(format!("there is no table {name:?} in this release"));
            let known = visible_tables(&self.release, self.access).map(|(name, _)| name);
            let known = known.chain(only_views().map(|view| view.name.as_str()));
            return Err(match nearest(name, known) {
                Some(near) => failure.next(format!("did you mean {near}?")),
                None => failure.next(".tables lists them"),
            });
        };
        let columns = || state.schema.iter();
        // The declared types say more (money, rate); a release of another program may have columns we do not know.
        let declared = |name: &str| {
            table(table_name)?
                .column(name)
                .map(|column| column.column_type.name())
        };
        let rows = Rows::default()
            .text("column", columns().map(|column| Some(column.name.as_str())))
            .text(
                "type",
                columns().map(|column| Some(declared(&column.name).unwrap_or(&column.data_type))),
            )
            .text("unit", columns().map(|column| column.unit.as_deref()))
            .text(
                "meaning",
                columns().map(|column| column.description.as_deref()),
            );
        self.printer.batch(&rows.batch()?)
    }
}

fn say(text: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    written.map_err(|error| PrintError::Io(error).into())
}

/// The columns of a view that the session has.
async fn columns_of(session: &SessionContext, view: &str) -> Result<SchemaRef, Failure> {
    let view = session.table_provider(view).await;
    Ok(view.map_err(crate::sql_error::failure)?.schema())
}

fn visible_tables(
    release: &Release,
    access: Visibility,
) -> impl Iterator<Item = (&str, &TableState)> {
    let tables = release
        .tables
        .iter()
        .filter(move |(_, state)| state.visibility <= access);
    tables.map(|(name, state)| (name.as_str(), state))
}

fn names(session: &SessionContext, release: &Release, access: Visibility) -> Names {
    let columns = |state: &TableState| state.schema.iter().map(|c| c.name.clone()).collect();
    let tables =
        visible_tables(release, access).map(|(name, state)| (name.to_owned(), columns(state)));
    let state = session.state();
    let scalar = state.scalar_functions().keys();
    let functions = scalar
        .chain(state.aggregate_functions().keys())
        .chain(state.window_functions().keys());
    let mut functions: Vec<String> = functions.cloned().collect();
    functions.sort_unstable();
    functions.dedup();
    Names {
        tables: tables.collect(),
        functions,
    }
}

fn editor(names: Names, colour: bool) -> Reedline {
    let mut keys = default_emacs_keybindings();
    let complete = vec![
        ReedlineEvent::Menu(MENU.to_owned()),
        ReedlineEvent::MenuNext,
    ];
    keys.add_binding(
        KeyModifiers::NONE,
        KeyCode::Tab,
        ReedlineEvent::UntilFound(complete),
    );
    keys.add_binding(
        KeyModifiers::SHIFT,
        KeyCode::BackTab,
        ReedlineEvent::MenuPrevious,
    );
    let menu = ReedlineMenu::EngineCompleter(Box::new(ColumnarMenu::default().with_name(MENU)));
    let mut editor = Reedline::create()
        .with_completer(Box::new(SqlCompleter { names }))
        .with_menu(menu)
        .with_partial_completions(true)
        .with_quick_completions(true)
        .with_edit_mode(Box::new(Emacs::new(keys)))
        .with_validator(Box::new(SqlValidator))
        .with_ansi_colors(colour)
        .use_bracketed_paste(std::io::stdin().is_terminal());
    if colour {
        editor = editor.with_highlighter(Box::new(SqlHighlighter));
    }
    match history_file().map(|path| FileBackedHistory::with_file(HISTORY, path)) {
        Some(Ok(history)) => editor.with_history(Box::new(history)),
        Some(Err(error)) => {
            tracing::warn!(%error, "what is typed here is not kept for the next time");
            editor
        }
        None => editor,
    }
}

/// The history file in the user's data folder.
fn history_file() -> Option<PathBuf> {
    let set = |name| {
        std::env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    let data = set("XDG_DATA_HOME").or_else(|| Some(set("HOME")?.join(".local/share")))?;
    Some(data.join("esf").join("history.txt"))
}

struct SqlPrompt;

impl Prompt for SqlPrompt {
    fn render_prompt_left(&self) -> Cow<'_, str> {
        "esf".into()
    }

    fn render_prompt_right(&self) -> Cow<'_, str> {
        "".into()
    }

    fn render_prompt_indicator(&self, _: PromptEditMode) -> Cow<'_, str> {
        "> ".into()
    }

    fn render_prompt_multiline_indicator(&self) -> Cow<'_, str> {
        "...> ".into()
    }

    fn render_prompt_history_search_indicator(&self, search: PromptHistorySearch) -> Cow<'_, str> {
        format!("(search: {}) ", search.term).into()
    }
}
