//! What stops the reading of one file. Each message says where, what was expected and what to do next; none of them
//! repeats published text, which may name persons.

use super::format::{Encoding, Kind};
use super::place::Place;

/// Why a file cannot be read.
#[derive(Debug, thiserror::Error, Clone, PartialEq, Eq)]
pub enum ReadError {
    /// The file has no bytes, or nothing but blanks.
    #[error("the file is empty; fetch it again, or look whether the publisher moved it")]
    Empty,
    /// The file is larger than allowed.
    #[error(
        "the file has {bytes} bytes, the limit is {limit}; raise limits.max_bytes if it is meant to be so large"
    )]
    TooLarge {
        /// Size of the file.
        bytes: u64,
        /// The limit.
        limit: u64,
    },
    /// The content is something else than what was declared.
    #[error(
        "expected {expected}, but this is {found}; look at what the address delivers, or declare the right kind in [format]"
    )]
    WrongKind {
        /// Declared kind.
        expected: Kind,
        /// What the content looks like.
        found: &'static str,
    },
    /// Bytes that do not exist in the declared encoding.
    #[error("{place}: byte 0x{byte:02x} is no {encoding}; {hint}")]
    Encoding {
        /// Declared encoding.
        encoding: Encoding,
        /// First wrong byte.
        byte: u8,
        /// Where it is.
        place: Place,
        /// What to do.
        hint: &'static str,
    },
    /// The publisher's own conversion replaced letters by U+FFFD.
    #[error(
        "{place}: {count} characters of this file were destroyed before it was published (U+FFFD stands in their place); ask for an undamaged file, letters cannot be guessed back"
    )]
    Destroyed {
        /// First one.
        place: Place,
        /// How many.
        count: usize,
    },
    /// Every letter beyond ASCII was encoded twice.
    #[error(
        "{place}: {count} letters of this file were encoded twice before it was published (\"Ã¼\" stands for \"ü\"); ask for an undamaged file, or convert it back and say so"
    )]
    EncodedTwice {
        /// First one.
        place: Place,
        /// How many.
        count: usize,
    },
    /// Zero bytes in a text file.
    #[error(
        "{place}: a zero byte in {encoding} text; the file is binary, damaged, or UTF-16 (then declare encoding = \"utf-16le\")"
    )]
    ZeroByte {
        /// First one.
        place: Place,
        /// Declared encoding.
        encoding: Encoding,
    },
    /// A quote that is never closed.
    #[error(
        "{place}: the quote opened in column {column} is never closed; mend the quotes of this record, or declare another quote in [format]"
    )]
    OpenQuote {
        /// Where the quote opens.
        place: Place,
        /// Column of the cell, from 1.
        column: u32,
    },
    /// A cell larger than allowed.
    #[error(
        "{place}: a cell has more than {limit} bytes; an unclosed quote or tag may have swallowed its neighbours, otherwise raise limits.max_cell_bytes"
    )]
    CellTooLarge {
        /// Where it begins.
        place: Place,
        /// The limit.
        limit: usize,
    },
    /// A table with more columns than allowed.
    #[error(
        "{place}: column {columns} is beyond the limit of {limit} columns; check the delimiter, or raise limits.max_columns"
    )]
    TooManyColumns {
        /// Where.
        place: Place,
        /// Columns found.
        columns: u64,
        /// The limit.
        limit: usize,
    },
    /// A table with more cells than allowed.
    #[error(
        "{place}: the table has more than {limit} cells (rows × width); raise limits.max_cells if it is meant to be so large"
    )]
    TooManyCells {
        /// Where the limit was passed.
        place: Place,
        /// The limit.
        limit: u64,
    },
    /// A workbook that cannot be opened without a password.
    #[error(
        "the workbook is encrypted; ask the publisher for one without password, or remove the password in a spreadsheet program"
    )]
    Encrypted,
    /// The archive around a workbook is damaged.
    #[error("the {kind} file is truncated or damaged ({detail}); fetch it again")]
    Damaged {
        /// Declared kind.
        kind: Kind,
        /// What is wrong, technically.
        detail: String,
    },
    /// An archive that unpacks to more than is allowed.
    #[error(
        "part '{part}' of the workbook unpacks to more than {limit} bytes; this is how archive bombs look, raise limits.max_inflated_bytes only if you trust the file"
    )]
    Inflated {
        /// Name of the part.
        part: String,
        /// The limit.
        limit: u64,
    },
    /// The declared sheet does not exist.
    #[error("the workbook has no sheet '{wanted}'; it has {available}; correct sheet in [format]")]
    NoSuchSheet {
        /// Declared name.
        wanted: String,
        /// Names that exist, quoted and joined.
        available: String,
    },
    /// A part of the workbook is no well-formed XML.
    #[error(
        "part '{part}' of the workbook is damaged at byte {byte}: {detail}; fetch the file again"
    )]
    Xml {
        /// Name of the part.
        part: String,
        /// Offset in the unpacked part.
        byte: u64,
        /// What the parser says.
        detail: String,
    },
    /// JSON that breaks its grammar.
    #[error("{place}: this is no JSON: {detail}; the file may be cut off, fetch it again")]
    Json {
        /// Where.
        place: Place,
        /// What was expected.
        detail: &'static str,
    },
    /// JSON that holds no table.
    #[error(
        "{place}: expected an array of objects, found {found}; this may be an error message of the server, look at what the address delivers"
    )]
    NotData {
        /// Where.
        place: Place,
        /// What stands there.
        found: String,
    },
    /// JSON nested deeper than any table is.
    #[error("{place}: nested more than {limit} levels deep; this is no list")]
    TooDeep {
        /// Where.
        place: Place,
        /// The limit.
        limit: usize,
    },
    /// Something this reader does not do.
    #[error("{what} cannot be read as a list; {instead}")]
    Unsupported {
        /// What was found or declared.
        what: String,
        /// What to do.
        instead: &'static str,
    },
}
