//! Errors of statements: what, where in the statement, and what was probably meant.

use std::fmt::Write;

use datafusion::{
    common::{SchemaError, Span},
    error::DataFusionError,
    sql::sqlparser::{
        dialect::GenericDialect,
        parser::ParserError,
        tokenizer::{Token, Tokenizer},
    },
};

use crate::nearest::nearest;

/// A place in a statement, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The line.
    pub line: u64,
    /// The column, in characters.
    pub column: u64,
}

/// Why a statement cannot be answered.
#[derive(Debug, thiserror::Error)]
pub enum QueryError {
    /// The statement is no SQL.
    #[error("{}{message}", at(*.place))]
    Syntax {
        /// What was expected and found.
        message: String,
        /// Where.
        place: Option<Place>,
    },
    /// There is no statement.
    #[error("there is no statement; write a query such as SELECT * FROM operation LIMIT 10")]
    Nothing,
    /// There are several statements where one is expected.
    #[error("there are {count} statements; give one at a time")]
    Several {
        /// How many.
        count: usize,
    },
    /// The statement would change something.
    #[error(
        "{statement} is refused: a warehouse is read-only here, releases are made by `esf nightly` and `esf ingest`"
    )]
    ReadOnly {
        /// The kind of statement.
        statement: String,
    },
    /// There is no such table.
    #[error("{}there is no table {name}{}", at(*.place), did_you_mean(.nearest.as_deref(), "`esf table list` shows them all"))]
    UnknownTable {
        /// The name as written.
        name: String,
        /// A table that was probably meant.
        nearest: Option<String>,
        /// Where.
        place: Option<Place>,
    },
    /// There is no such column.
    #[error("{}there is no column {name}{}", at(*.place), did_you_mean(.nearest.as_deref(), known))]
    UnknownColumn {
        /// The name as written.
        name: String,
        /// A column that was probably meant.
        nearest: Option<String>,
        /// The columns there are.
        known: String,
        /// Where.
        place: Option<Place>,
    },
    /// There is no such function.
    #[error("{}there is no function {name}{}", at(*.place), did_you_mean(.nearest.as_deref(), "SHOW FUNCTIONS lists them"))]
    UnknownFunction {
        /// The name as written.
        name: String,
        /// A function that was probably meant.
        nearest: Option<String>,
        /// Where.
        place: Option<Place>,
    },
    /// The statement is nested too deeply or too long.
    #[error(
        "the statement is too complex ({reason}); use IN (…), VALUES or several WITH parts instead of long chains"
    )]
    TooComplex {
        /// The bound that it exceeds.
        reason: String,
    },
    /// The plan of the statement is too large.
    #[error(
        "the statement is too complex (its plan has more than {most} steps): what stands behind WITH or in a view is a part of it wherever it is read; keep such rows with CREATE TEMP TABLE … AS"
    )]
    TooManySteps {
        /// The bound that it exceeds.
        most: usize,
    },
    /// What the session is to keep cannot have this name, or is no plain query.
    #[error("there can be no temporary table or view {name}: {reason}")]
    Temporary {
        /// The name as written.
        name: String,
        /// Why.
        reason: String,
    },
    /// The statement means nothing that can be computed: wrong types, unknown functions, and so on.
    #[error("{}{message}", at(*.place))]
    Meaning {
        /// What is wrong.
        message: String,
        /// Where.
        place: Option<Place>,
    },
}

impl QueryError {
    /// Where in the statement the error is, if that is known.
    pub fn place(&self) -> Option<Place> {
        match self {
            Self::Syntax { place, .. }
            | Self::UnknownTable { place, .. }
            | Self::UnknownColumn { place, .. }
            | Self::UnknownFunction { place, .. }
            | Self::Meaning { place, .. } => *place,
            _ => None,
        }
    }

    /// The message with the line of the statement that it is about and a mark under the place.
    pub fn show(&self, sql: &str) -> String {
        let mut text = self.to_string();
        if let Some(place) = self.place()
            && let Some(line) = sql.lines().nth(place.line.saturating_sub(1) as usize)
        {
            let column = (place.column.saturating_sub(1) as usize).min(line.chars().count());
            // Tabs are kept, so that the mark stands under the right letter.
            let indent: String = line
                .chars()
                .take(column)
                .map(|c| if c == '\t' { c } else { ' ' })
                .collect();
            let _ = write!(text, "\n  {line}\n  {indent}^");
        }
        text
    }

    /// Makes sense of an error of the engine for a statement.
    pub(super) fn from_engine(error: &DataFusionError, sql: &str) -> Self {
        let span = span_of(error);
        let root = error.find_root();
        match root {
            DataFusionError::SQL(error, _) => Self::from_parser(error),
            DataFusionError::SchemaError(error, _) => match error.as_ref() {
                SchemaError::FieldNotFound {
                    field,
                    valid_fields,
                } => {
                    let known: Vec<&str> = valid_fields
                        .iter()
                        .map(|column| column.name.as_str())
                        .collect();
                    Self::UnknownColumn {
                        name: field.flat_name(),
                        nearest: nearest(&field.name, known.iter().copied()).map(str::to_owned),
                        known: if known.is_empty() {
                            "no table is named".to_owned()
                        } else {
                            format!("known are {}", known.join(", "))
                        },
                        place: span.or_else(|| find_word(sql, &field.name)),
                    }
                }
                other => Self::Meaning {
                    message: other.to_string(),
                    place: span,
                },
            },
            other => Self::Meaning {
                message: plain(&other.message()),
                place: span,
            },
        }
    }

    fn from_parser(error: &ParserError) -> Self {
        match error {
            ParserError::RecursionLimitExceeded => Self::TooComplex {
                reason: "nested too deeply".to_owned(),
            },
            ParserError::TokenizerError(message) | ParserError::ParserError(message) => {
                let (message, place) = split_place(message);
                Self::Syntax { message, place }
            }
        }
    }
}

/// The place of the first token that is this word, quoted or not.
pub(super) fn find_word(sql: &str, word: &str) -> Option<Place> {
    let tokens = Tokenizer::new(&GenericDialect {}, sql)
        .tokenize_with_location()
        .ok()?;
    let is_word = |token: &Token| matches!(token, Token::Word(found) if found.value.eq_ignore_ascii_case(word));
    let token = tokens.into_iter().find(|token| is_word(&token.token))?;
    Some(Place {
        line: token.span.start.line,
        column: token.span.start.column,
    })
}

fn span_of(error: &DataFusionError) -> Option<Place> {
    let Span { start, .. } = error.diagnostic()?.span?;
    Some(Place {
        line: start.line,
        column: start.column,
    })
}

/// The parser writes the place into its messages; this takes it out again.
fn split_place(message: &str) -> (String, Option<Place>) {
    let parse = || {
        let (text, place) = message.rsplit_once(" at Line: ")?;
        let (line, column) = place.split_once(", Column: ")?;
        let place = Place {
            line: line.trim().parse().ok()?,
            column: column.trim().parse().ok()?,
        };
        Some((lower_first(text), Some(place)))
    };
    parse().unwrap_or_else(|| (lower_first(message), None))
}

/// Errors read as one sentence after a place.
fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => first.to_lowercase().chain(chars).collect(),
        None => String::new(),
    }
}

/// A message of the planner without the request to report a bug, and on one line.
fn plain(message: &str) -> String {
    let text = message
        .split("\nThis issue was likely caused by")
        .next()
        .unwrap_or(message);
    lower_first(&text.split_whitespace().collect::<Vec<_>>().join(" "))
}

fn at(place: Option<Place>) -> String {
    place.map_or_else(String::new, |place| {
        format!("line {}, column {}: ", place.line, place.column)
    })
}

fn did_you_mean(nearest: Option<&str>, otherwise: &str) -> String {
    match nearest {
        Some(name) => format!("; did you mean {name}?"),
        None => format!("; {otherwise}"),
    }
}
