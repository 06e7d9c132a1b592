//! The condition of `--where`, looked at before it becomes a part of a statement: what is wrong with it is told with its
//! place in the condition, and not with one in a statement that nobody typed.

use datafusion::sql::sqlparser::dialect::GenericDialect;
use datafusion::sql::sqlparser::parser::{Parser, ParserError};
use datafusion::sql::sqlparser::tokenizer::Token;
use esf_engine::session::{Place, QueryError};

use crate::exit::Failure;
use crate::sql_error;

/// Fails if a condition is empty, or is not one expression of SQL. Whether its columns exist is seen later.
pub(super) fn check(condition: &str) -> Result<(), Failure> {
    if condition.trim().is_empty() {
        return Err(Failure::usage("the condition of --where is empty")
            .next("leave --where out, or write it as --where \"fund = 'ESF'\""));
    }
    parse(condition).map_err(|error| sql_error::refused(&placed(&error, condition), condition))
}

fn parse(condition: &str) -> Result<(), ParserError> {
    let mut parser = Parser::new(&GenericDialect {}).try_with_sql(condition)?;
    parser.parse_expr()?;
    let rest = parser.peek_token();
    if rest.token == Token::EOF {
        Ok(())
    } else {
        parser.expected("the end of the condition", rest)
    }
}

/// The error of the parser, with the place that it writes into its message taken out.
fn placed(error: &ParserError, condition: &str) -> QueryError {
    let message = match error {
        ParserError::TokenizerError(message) | ParserError::ParserError(message) => {
            message.as_str()
        }
        ParserError::RecursionLimitExceeded => "it is nested too deeply",
    };
    let (message, place) = match split(message) {
        Some((message, place)) => (message, Some(place)),
        // What is missing at the end has no place of its own.
        None => (
            message,
            message.ends_with("found: EOF").then(|| end(condition)),
        ),
    };
    let message = message
        .replacen("Expected: ", "expected ", 1)
        .replacen("found: EOF", "found its end", 1)
        .replacen("found: ", "found ", 1);
    QueryError::Syntax {
        message: format!("the condition of --where is no SQL: {message}"),
        place,
    }
}

fn split(message: &str) -> Option<(&str, Place)> {
    let (message, place) = message.rsplit_once(" at Line: ")?;
    let (line, column) = place.split_once(", Column: ")?;
    let place = Place {
        line: line.trim().parse().ok()?,
        column: column.trim().parse().ok()?,
    };
    Some((message, place))
}

/// The place behind the last character.
fn end(condition: &str) -> Place {
    let last = condition.lines().last().unwrap_or_default();
    Place {
        line: condition.lines().count().max(1) as u64,
        column: last.chars().count() as u64 + 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_condition_is_one_expression() {
        for condition in [
            "fund = 'ESF'",
            "fund IN ('ESF', 'ERDF') AND year BETWEEN 2014 AND 2016 -- of the period",
            "programme LIKE 'de_%'",
        ] {
            assert!(check(condition).is_ok(), "{condition}");
        }
        for empty in ["", " \n"] {
            let failure = check(empty).unwrap_err();
            assert_eq!(failure.message(), "the condition of --where is empty");
        }
    }

    #[test]
    fn the_place_is_that_in_the_condition() {
        for (condition, told, mark) in [
            ("fund = ", "expected an expression, found its end", 8),
            ("fund = 'ESF' xx", "the end of the condition, found xx", 14),
            // It would close a bracket that the statement opens around it.
            ("fund = 'ESF') OR (true", "found )", 13),
            ("fund = 'ESF'; DROP TABLE x", "found ;", 13),
            ("fund = 'ESF", "Unterminated string literal", 8),
        ] {
            let shown = check(condition).unwrap_err().shown(false);
            let place = format!("line 1, column {mark}: the condition of --where is no SQL");
            for part in [told, &place, condition] {
                assert!(shown.contains(part), "{part}: {shown}");
            }
            let marked = format!("\n  {}^", " ".repeat(mark - 1));
            assert!(shown.contains(&marked), "{shown}");
        }
    }
}
