//! Completion of what is being typed: tables, columns, keywords, functions and the shell's own commands.

use reedline::{Completer, Span, Suggestion};

use super::meta;

/// Words that SQL itself knows and people type here.
pub(super) const KEYWORDS: &[&str] = &[
    "ALL",
    "AND",
    "AS",
    "ASC",
    "BETWEEN",
    "BY",
    "CASE",
    "CAST",
    "CROSS",
    "DESC",
    "DESCRIBE",
    "DISTINCT",
    "ELSE",
    "END",
    "EXCEPT",
    "EXISTS",
    "EXPLAIN",
    "FALSE",
    "FILTER",
    "FROM",
    "FULL",
    "GROUP",
    "HAVING",
    "ILIKE",
    "IN",
    "INNER",
    "INTERSECT",
    "INTERVAL",
    "IS",
    "JOIN",
    "LEFT",
    "LIKE",
    "LIMIT",
    "NATURAL",
    "NOT",
    "NULL",
    "NULLS",
    "OFFSET",
    "ON",
    "OR",
    "ORDER",
    "OUTER",
    "OVER",
    "PARTITION",
    "RECURSIVE",
    "RIGHT",
    "SELECT",
    "SHOW",
    "TABLES",
    "THEN",
    "TRUE",
    "UNION",
    "USING",
    "VALUES",
    "WHEN",
    "WHERE",
    "WINDOW",
    "WITH",
];

/// What can be named in a statement.
#[derive(Debug, Clone, Default)]
pub(crate) struct Names {
    /// Tables and their columns.
    pub(crate) tables: Vec<(String, Vec<String>)>,
    /// Functions.
    pub(crate) functions: Vec<String>,
}

impl Names {
    fn columns_of(&self, table: &str) -> impl Iterator<Item = &str> {
        let columns = self
            .tables
            .iter()
            .filter(move |(name, _)| name.eq_ignore_ascii_case(table));
        columns.flat_map(|(_, columns)| columns.iter().map(String::as_str))
    }
}

/// Completes the word before the cursor.
pub(super) struct SqlCompleter {
    pub(super) names: Names,
}

impl SqlCompleter {
    /// The words that fit, the likeliest first, and where the word to be replaced begins.
    fn candidates(&self, line: &str, cursor: usize) -> (usize, Vec<String>) {
        let before = &line[..cursor];
        if before.starts_with(['.', '\\']) && !before.contains(char::is_whitespace) {
            let fitting = meta::COMMANDS
                .iter()
                .map(|command| command.name)
                .filter(|name| name.starts_with(before));
            return (0, fitting.map(str::to_owned).collect());
        }
        let start = before.rfind(|c: char| !is_word(c)).map_or(0, |at| {
            at + before[at..].chars().next().map_or(1, char::len_utf8)
        });
        let word = &before[start..];
        if let Some((qualifier, prefix)) = word.rsplit_once('.') {
            let table = alias_of(line, qualifier).unwrap_or(qualifier);
            let columns = self
                .names
                .columns_of(table)
                .filter(|column| fits(column, prefix));
            return (
                start + qualifier.len() + 1,
                columns.map(str::to_owned).collect(),
            );
        }
        let previous = before[..start]
            .split_whitespace()
            .next_back()
            .unwrap_or_default()
            .to_ascii_uppercase();
        let tables = || self.names.tables.iter().map(|(name, _)| name.as_str());
        if matches!(
            previous.as_str(),
            "FROM" | "JOIN" | "DESCRIBE" | "\\D" | ".SCHEMA"
        ) {
            return (
                start,
                tables()
                    .filter(|name| fits(name, word))
                    .map(str::to_owned)
                    .collect(),
            );
        }
        let mentioned = self
            .names
            .tables
            .iter()
            .filter(|(name, _)| line.split(|c| !is_word(c)).any(|w| w == name));
        let mut columns: Vec<&str> = mentioned
            .flat_map(|(_, columns)| columns.iter().map(String::as_str))
            .collect();
        if columns.is_empty() {
            columns = self
                .names
                .tables
                .iter()
                .flat_map(|(_, columns)| columns.iter().map(String::as_str))
                .collect();
        }
        let keywords = KEYWORDS
            .iter()
            .copied()
            .filter(|keyword| !word.is_empty() && fits(keyword, word));
        let keywords = keywords.map(|keyword| like(keyword, word));
        let rest = columns
            .into_iter()
            .chain(tables())
            .chain(self.names.functions.iter().map(String::as_str));
        let mut found: Vec<String> = Vec::new();
        for candidate in keywords.chain(rest.filter(|name| fits(name, word)).map(str::to_owned)) {
            if !found.contains(&candidate) {
                found.push(candidate);
            }
        }
        (start, found)
    }
}

impl Completer for SqlCompleter {
    fn complete(&mut self, line: &str, pos: usize) -> Vec<Suggestion> {
        let (start, found) = self.candidates(line, pos);
        let suggestion = |value| Suggestion {
            value,
            span: Span::new(start, pos),
            ..Suggestion::default()
        };
        found.into_iter().map(suggestion).collect()
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '.')
}

fn fits(name: &str, prefix: &str) -> bool {
    name.get(..prefix.len())
        .is_some_and(|head| head.eq_ignore_ascii_case(prefix))
}

/// A keyword in the case that the user types in.
fn like(keyword: &str, typed: &str) -> String {
    if typed.starts_with(|c: char| c.is_lowercase()) {
        keyword.to_lowercase()
    } else {
        keyword.to_owned()
    }
}

/// The table that `alias` stands for: `… FROM operation o` or `… FROM operation AS o`.
fn alias_of<'a>(line: &'a str, alias: &str) -> Option<&'a str> {
    let words: Vec<&str> = line
        .split(|c: char| !is_word(c))
        .filter(|word| !word.is_empty())
        .collect();
    let at = |word: &&str| word.eq_ignore_ascii_case("from") || word.eq_ignore_ascii_case("join");
    words
        .iter()
        .enumerate()
        .filter(|(_, word)| at(word))
        .find_map(|(i, _)| {
            let table = words.get(i + 1)?;
            let next = words.get(i + 2)?;
            let name = if next.eq_ignore_ascii_case("as") {
                words.get(i + 3)?
            } else {
                next
            };
            name.eq_ignore_ascii_case(alias).then_some(*table)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn completed(line: &str) -> Vec<String> {
        let columns = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let tables = vec![
            ("operation".to_owned(), columns(&["operation_id", "title"])),
            (
                "operation_amount".to_owned(),
                columns(&["operation_id", "amount"]),
            ),
        ];
        let names = Names {
            tables,
            functions: vec!["count".to_owned(), "coalesce".to_owned()],
        };
        SqlCompleter { names }.candidates(line, line.len()).1
    }

    #[test]
    fn tables_after_from_and_join() {
        assert_eq!(
            completed("select * from oper"),
            ["operation", "operation_amount"]
        );
        assert_eq!(
            completed("select * from operation join operation_"),
            ["operation_amount"]
        );
    }

    #[test]
    fn columns_of_a_table_and_of_its_alias() {
        assert_eq!(completed("select operation.t"), ["title"]);
        let line = "select * from operation_amount as a where a.am";
        assert_eq!(completed(line), ["amount"]);
    }

    #[test]
    fn keywords_in_the_case_typed_and_functions() {
        assert_eq!(completed("sel"), ["select"]);
        assert_eq!(completed("SEL"), ["SELECT"]);
        assert_eq!(completed("select co"), ["count", "coalesce"]);
    }

    #[test]
    fn own_commands_at_the_beginning() {
        assert_eq!(completed(".ta"), [".tables"]);
    }
}
