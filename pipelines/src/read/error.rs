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
        "the file has {bytes} bytes, the limit is {limit}; no list is so large: look what was published"
    )]
    TooLarge {
        /// Size of the file.
        bytes: u64,
        /// The limit.
        limit: u64,
    },
    /// The file cannot be read.
    #[error("cannot read {path}: {cause}; look whether it is there and may be read")]
    Unreadable {
        /// The path.
        path: String,
        /// What the system said.
        cause: String,
    },
    /// The file is no longer the one that was found.
    #[error("{path} changed while it was read; run again when its download is complete")]
    Changed {
        /// The path.
        path: String,
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
        "{place}: the quote opened in column {column} is never closed; mend the quotes of this record, or declare another quote, or the delimiter that the file has now, in [format]"
    )]
    OpenQuote {
        /// Where the quote opens.
        place: Place,
        /// Column of the cell, from 1.
        column: u32,
    },
    /// A cell larger than allowed.
    #[error(
        "{place}: a cell has more than {limit} bytes; an unclosed quote or tag may have swallowed its neighbours"
    )]
    CellTooLarge {
        /// Where it begins.
        place: Place,
        /// The limit.
        limit: usize,
    },
    /// A table with more columns than allowed.
    #[error("{place}: column {columns} is beyond the limit of {limit} columns; {hint}")]
    TooManyColumns {
        /// Where.
        place: Place,
        /// The first column that is too many.
        columns: u64,
        /// The limit.
        limit: usize,
        /// What to look at in a file of this kind.
        hint: &'static str,
    },
    /// A file with more cells than allowed.
    #[error(
        "{place}: the file has more than {limit} cells (rows × width of all its tables); delete what stands far outside of the list"
    )]
    TooManyCells {
        /// Where the limit was passed.
        place: Place,
        /// The limit.
        limit: u64,
    },
    /// A file whose cells show more text than allowed.
    #[error(
        "{place}: the texts of all cells are larger than {limit} bytes, each counted as often as it is shown; no list holds so much"
    )]
    TooMuchText {
        /// Where the limit was passed.
        place: Place,
        /// The limit.
        limit: u64,
    },
    /// Filled rows that are repeated more often than allowed.
    #[error(
        "{place}: more than {limit} rows of the file only repeat the row before them; delete what was filled down below the list"
    )]
    TooManyRepeats {
        /// Where the limit was passed.
        place: Place,
        /// The limit.
        limit: u64,
    },
    /// A workbook with more of something than any list needs.
    #[error(
        "the workbook has more than {limit} {what}, which no list needs; save the sheet with the list alone, or ask the publisher for it as csv"
    )]
    TooMany {
        /// What it has: sheets, parts, cell styles.
        what: &'static str,
        /// The limit.
        limit: usize,
    },
    /// Two sheets of a workbook that are the same piece of it.
    #[error(
        "sheets {first} and {second} of the workbook are the same piece of it; it is damaged or was made to do harm, save it again in a spreadsheet program if you trust it"
    )]
    SameSheet {
        /// Number of the one sheet, from 1.
        first: usize,
        /// Number of the other.
        second: usize,
    },
    /// Parts of a workbook that are the same bytes of its archive.
    #[error(
        "parts of the workbook lie in the same place of its archive; it is damaged or was made to do harm, save it again in a spreadsheet program if you trust it"
    )]
    SamePlace,
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
        "part '{part}' of the workbook unpacks to more than {limit} bytes; this is how archive bombs look"
    )]
    Inflated {
        /// Name of the part.
        part: String,
        /// The limit.
        limit: u64,
    },
    /// An archive that is far larger unpacked than packed.
    #[error(
        "{what} unpacks to more than {ratio} times its packed size; this is how archive bombs look, sheets stay far below: save the list as csv if you trust the file"
    )]
    PacksTooWell {
        /// The workbook, or which part of it.
        what: String,
        /// How many times.
        ratio: u64,
    },
    /// A part that is packed by a method workbooks do not use.
    #[error(
        "part '{part}' of the workbook is packed in a way that workbooks are not; open it in a program that can, and save it again"
    )]
    PackedOtherwise {
        /// Name of the part.
        part: String,
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
    /// A part of the workbook in another encoding.
    #[error(
        "part '{part}' of the workbook is no UTF-8; save the workbook again in a spreadsheet program"
    )]
    NotUtf8 {
        /// Name of the part.
        part: String,
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
    /// It took too long.
    #[error(
        "reading it took longer than {seconds} seconds; it is damaged, made to do harm, or needs more than a published list ever did"
    )]
    TooSlow {
        /// The limit.
        seconds: u64,
    },
    /// It took too much memory.
    #[error(
        "reading it needs more than {limit} MiB of memory; what it claims of itself is far more than it holds, or it was made to do harm"
    )]
    TooMuchMemory {
        /// The limit.
        limit: u64,
    },
    /// It gave too much.
    #[error(
        "it unpacks to more than {limit} MiB of cells; this is how bombs look, and no published list is like that"
    )]
    TooMuchOutput {
        /// The limit.
        limit: u64,
    },
    /// The process that read it is gone.
    #[error(
        "the reader ended while it was at this file: {detail}; its bytes are kept, please report it with the file's hash"
    )]
    ReaderEnded {
        /// What is known.
        detail: String,
    },
    /// What a reader in a process of its own says.
    #[error("{0}")]
    Refused(String),
    /// Something this reader does not do.
    #[error("{what} cannot be read as a list; {instead}")]
    Unsupported {
        /// What was found or declared.
        what: String,
        /// What to do.
        instead: &'static str,
    },
}
