//! The tables of a statement, in order: each reads those before it.

/// A table of a statement.
pub(in crate::compare) struct Table {
    pub(in crate::compare) name: String,
    /// The query that gives its rows.
    pub(in crate::compare) rows: String,
    /// Whether its rows are kept while a question is answered. A plan holds a table as often as others read it, and a few tables
    /// that each read several would be more than can be planned. Tables before one that is kept are read by no later one
    /// unless they are kept too.
    is_kept: bool,
}

impl Table {
    /// A table that is read once.
    pub(super) fn new(name: impl Into<String>, rows: String) -> Self {
        Self {
            name: name.into(),
            rows,
            is_kept: false,
        }
    }

    /// A table that several read.
    pub(super) fn kept(name: impl Into<String>, rows: String) -> Self {
        Self {
            is_kept: true,
            ..Self::new(name, rows)
        }
    }

    /// As it stands behind WITH.
    pub(in crate::compare) fn defined(&self) -> String {
        format!("{} AS (\n{}\n)", self.name, self.rows)
    }
}

/// The tables that are kept, each behind those that nobody else reads; and the tables behind the last of them.
pub(in crate::compare) fn groups(tables: &[Table]) -> (Vec<(&[Table], &Table)>, &[Table]) {
    let mut groups = Vec::new();
    let mut rest = tables;
    while let Some(at) = rest.iter().position(|table| table.is_kept) {
        groups.push((&rest[..at], &rest[at]));
        rest = &rest[at + 1..];
    }
    (groups, rest)
}

/// A query that reads these tables and those that are kept.
pub(in crate::compare) fn with_tables(tables: &[Table], rows: &str) -> String {
    if tables.is_empty() {
        return rows.to_owned();
    }
    let tables: Vec<String> = tables.iter().map(Table::defined).collect();
    format!("WITH {}\n{rows}", tables.join(",\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_once_stands_with_the_table_that_reads_it() {
        let tables = [
            Table::new("a", String::new()),
            Table::kept("b", String::new()),
            Table::kept("c", String::new()),
            Table::new("d", String::new()),
        ];
        let names =
            |tables: &[Table]| -> String { tables.iter().map(|t| t.name.as_str()).collect() };
        let (groups, rest) = groups(&tables);
        let kept: Vec<(String, &str)> = groups
            .iter()
            .map(|(before, table)| (names(before), table.name.as_str()))
            .collect();
        assert_eq!(kept, [("a".to_owned(), "b"), (String::new(), "c")]);
        assert_eq!(names(rest), "d");
        assert_eq!(with_tables(&[], "SELECT 1"), "SELECT 1");
        assert_eq!(with_tables(rest, "SELECT 1"), "WITH d AS (\n\n)\nSELECT 1");
    }
}
