//! What a file may cost. A published file is not trusted: what it claims about itself is never allocated.

use serde::Deserialize;

/// Upper bounds for one file. Going over one of them is an error that names the limit.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Size of the published file.
    pub max_bytes: u64,
    /// Cells of one table, counted as rows × width, because that is what Arrow holds.
    pub max_cells: u64,
    /// Bytes of text in one cell. Excel itself ends at 32,767 characters.
    pub max_cell_bytes: usize,
    /// Columns of one table; the widest sheet of Excel.
    pub max_columns: usize,
    /// Bytes that all parts of an archive may unpack to, and that the text of its cells may grow to.
    pub max_inflated_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_bytes: 2 << 30,
            max_cells: 200_000_000,
            max_cell_bytes: 1 << 20,
            max_columns: 16_384,
            max_inflated_bytes: 1 << 30,
        }
    }
}
