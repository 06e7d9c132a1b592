//! What a file may cost. A published file is not trusted: what it claims about itself is never allocated.

use serde::{Deserialize, Serialize};

use super::Readers;

/// A file that is odd throughout need not say so more often than this.
pub(super) const MAX_PROBLEMS: u64 = 100;

/// Upper bounds for one file. Going over one of them is an error that names the limit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Size of the published file.
    pub max_bytes: u64,
    /// Cells of all tables of the file, counted as rows × width, because that is what Arrow holds: one that is not there
    /// costs some 16 bytes by the time its row is mapped. Half a million rows of thirty columns are 15 million.
    pub max_cells: u64,
    /// Bytes of text that the cells of all tables of a workbook or JSON file show, a text that many cells share counted
    /// for each of them. Delimited text shows nothing twice, so its size bounds it.
    pub max_text_bytes: u64,
    /// Bytes of text in one cell. Excel itself ends at 32,767 characters.
    pub max_cell_bytes: usize,
    /// Columns of one table; the widest sheet of Excel.
    pub max_columns: usize,
    /// Filled rows of a file that only repeat the row before them, as OpenDocument writes equal ones. Lists have some;
    /// a row that somebody filled down to the end of the sheet stands a million times.
    pub max_repeated_rows: u64,
    /// Bytes that all parts of an archive that are needed may unpack to; others are not unpacked.
    pub max_inflated_bytes: u64,
    /// The processes that files are read in; without any they are read in this one.
    #[serde(skip)]
    pub readers: Option<Readers>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_bytes: 2 << 30,
            max_cells: 25_000_000,
            max_text_bytes: 256 << 20,
            max_cell_bytes: 1 << 20,
            max_columns: 16_384,
            max_repeated_rows: 10_000,
            max_inflated_bytes: 1 << 30,
            readers: None,
        }
    }
}
