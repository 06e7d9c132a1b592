//! The tables of a statement, in order: each reads those before it.

/// A table of a statement.
pub(in crate::compare) struct Table {
    pub(in crate::compare) name: String,
    /// The query that gives its rows.
    pub(in crate::compare) rows: String,
    /// Whether its rows are kept while a question is answered. A plan holds a table as often as others read it, and a few tables
    /// that each read several would be more than can be planned. Tables before one that is kept are read by no later one
    /// unless they are kept too.
    pub(in crate::compare) is_kept: bool,
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

/// Tables as they stand behind WITH.
pub(super) fn defined(tables: &[Table]) -> String {
    let tables: Vec<String> = tables.iter().map(Table::defined).collect();
    tables.join(",\n")
}
