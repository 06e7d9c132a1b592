//! Bounds on statements: DataFusion and the formatting of its expressions recurse once per operator of a chain, and a
//! stack that overflows ends the process. The bounds hold on the 2 MiB stacks of worker threads in a debug build.
//!
//! And on plans: what stands behind WITH, or in a view, is a part of the plan as often as it is read, so that a few lines that
//! each read the one before twice are more than can be planned.

use datafusion::{
    common::tree_node::TreeNodeRecursion,
    logical_expr::LogicalPlan,
    sql::sqlparser::{
        dialect::GenericDialect,
        tokenizer::{Token, Tokenizer, Word},
    },
};

use super::error::QueryError;

/// The longest statement that is looked at.
const MOST_BYTES: usize = 1024 * 1024;

/// The longest chain of operators in one expression.
const LONGEST_CHAIN: usize = 200;

/// The most joins and set operations in a statement.
const MOST_RELATIONS: usize = 100;

/// How deep parentheses and CASE may be nested.
const DEEPEST: usize = 40;

/// The most steps of a plan before it is optimised.
const MOST_STEPS: usize = 10_000;

/// Fails if a statement exceeds a bound. What is no sequence of tokens is left to the parser, which says where.
pub(super) fn check(sql: &str) -> Result<(), QueryError> {
    let too_complex = |reason: String| Err(QueryError::TooComplex { reason });
    if sql.len() > MOST_BYTES {
        return too_complex(format!("longer than {MOST_BYTES} bytes"));
    }
    let Ok(tokens) = Tokenizer::new(&GenericDialect {}, sql).tokenize() else {
        return Ok(());
    };
    let mut levels = vec![Level::default()];
    let mut relations = 0;
    for token in &tokens {
        match role(token) {
            Role::Open => levels.push(Level::default()),
            Role::Close => close(&mut levels),
            Role::Separator => top(&mut levels).separate(),
            Role::From => {
                top(&mut levels).separate();
                top(&mut levels).in_from = true;
            }
            Role::Clause => {
                top(&mut levels).separate();
                top(&mut levels).in_from = false;
            }
            Role::Relation => relations += 1,
            Role::Logical => top(&mut levels).logical(),
            Role::Operator => top(&mut levels).comparisons += 1,
            Role::Other => {}
        }
        if matches!(token, Token::Comma) && top(&mut levels).in_from {
            relations += 1;
        }
        if levels.len() > DEEPEST {
            return too_complex(format!("more than {DEEPEST} levels of parentheses"));
        }
        if levels.iter().map(Level::depth).sum::<usize>() > LONGEST_CHAIN {
            return too_complex(format!(
                "more than {LONGEST_CHAIN} operators in one expression"
            ));
        }
        if relations > MOST_RELATIONS {
            return too_complex(format!(
                "more than {MOST_RELATIONS} joins and set operations"
            ));
        }
    }
    Ok(())
}

/// Fails if a plan exceeds the bound.
pub(super) fn check_plan(plan: &LogicalPlan) -> Result<(), QueryError> {
    if plan_size(plan, MOST_STEPS) > MOST_STEPS {
        return Err(QueryError::TooManySteps { most: MOST_STEPS });
    }
    Ok(())
}

/// How many steps a plan has, those of its subqueries among them. Above `most` counting ends.
pub fn plan_size(plan: &LogicalPlan, most: usize) -> usize {
    let mut steps = 0;
    // Counting fails nowhere.
    let _ = plan.apply_with_subqueries(|_| {
        steps += 1;
        Ok(if steps > most {
            TreeNodeRecursion::Stop
        } else {
            TreeNodeRecursion::Continue
        })
    });
    steps
}

/// The operators of the expression that is being read, inside one pair of parentheses.
#[derive(Debug, Default)]
struct Level {
    /// AND and OR.
    logical: usize,
    /// Other operators since the last AND or OR.
    comparisons: usize,
    /// The most of those between two AND or OR.
    most_comparisons: usize,
    /// The deepest expression before the last comma.
    deepest: usize,
    in_from: bool,
}

impl Level {
    fn depth(&self) -> usize {
        self.logical + self.comparisons.max(self.most_comparisons)
    }

    fn logical(&mut self) {
        self.logical += 1;
        self.most_comparisons = self.most_comparisons.max(self.comparisons);
        self.comparisons = 0;
    }

    fn separate(&mut self) {
        let deepest = self.deepest.max(self.depth());
        *self = Self {
            deepest,
            in_from: self.in_from,
            ..Self::default()
        };
    }
}

/// The level that is being read. There is always one: the outermost is never closed.
fn top(levels: &mut Vec<Level>) -> &mut Level {
    if levels.is_empty() {
        levels.push(Level::default());
    }
    let last = levels.len() - 1;
    &mut levels[last]
}

/// What stands in parentheses counts as an operand: its operators add to those around it.
fn close(levels: &mut Vec<Level>) {
    if levels.len() > 1
        && let Some(mut inner) = levels.pop()
    {
        inner.separate();
        top(levels).comparisons += inner.deepest;
    }
}

enum Role {
    Open,
    Close,
    Separator,
    From,
    Clause,
    Relation,
    Logical,
    Operator,
    Other,
}

fn role(token: &Token) -> Role {
    match token {
        Token::LParen | Token::LBracket => Role::Open,
        Token::RParen | Token::RBracket => Role::Close,
        Token::Comma => Role::Separator,
        Token::Word(word) => role_of_word(word),
        Token::Whitespace(_)
        | Token::Period
        | Token::SemiColon
        | Token::Number(..)
        | Token::SingleQuotedString(_)
        | Token::DoubleQuotedString(_)
        | Token::EOF => Role::Other,
        // Everything that is neither a word nor a literal nor punctuation.
        _ => Role::Operator,
    }
}

fn role_of_word(word: &Word) -> Role {
    if word.quote_style.is_some() {
        return Role::Other;
    }
    match word.value.to_ascii_uppercase().as_str() {
        "CASE" => Role::Open,
        "END" => Role::Close,
        "WHEN" | "THEN" | "ELSE" => Role::Separator,
        "FROM" => Role::From,
        "SELECT" | "WHERE" | "GROUP" | "HAVING" | "ORDER" | "ON" | "LIMIT" | "QUALIFY"
        | "WINDOW" => Role::Clause,
        "JOIN" | "UNION" | "INTERSECT" | "EXCEPT" => Role::Relation,
        "AND" | "OR" => Role::Logical,
        "NOT" | "LIKE" | "ILIKE" | "BETWEEN" | "IS" | "SIMILAR" | "COLLATE" | "IN" => {
            Role::Operator
        }
        _ => Role::Other,
    }
}
