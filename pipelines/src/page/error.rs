//! Why a page or its rules cannot be read. Doubts about a page that was read are findings, not errors.

/// What stops the reading of a page.
#[derive(Debug, thiserror::Error)]
pub enum PageError {
    /// The page is larger than any page is.
    #[error(
        "page of {bytes} bytes, more than the limit of {limit}; if this is a list, declare its format in source.toml"
    )]
    TooLarge {
        /// Size of the page.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
    /// The markup nests deeper than any page does, and parsing takes time with the square of the depth.
    #[error(
        "line {line}: elements nested more than {limit} deep; the markup is broken or hostile, fetch the page again"
    )]
    TooDeep {
        /// Line where the limit is passed.
        line: u32,
        /// The limit.
        limit: usize,
    },
    /// The parser built more than any page has, of what stands there or of elements left open.
    #[error(
        "line {line}: more than {limit} elements and texts up to here; no page about projects has so much, so the markup is broken or hostile"
    )]
    TooManyNodes {
        /// Line where the limit is passed.
        line: u32,
        /// The limit.
        limit: usize,
    },
    /// Cells of tables span more rows than any table of a page has.
    #[error(
        "line {line}: cells that span several rows fill more than {limit} up to here; no page about projects has so much, so the markup is broken or hostile"
    )]
    TooManySpanned {
        /// Line where the limit is passed.
        line: u32,
        /// The limit.
        limit: usize,
    },
    /// A tag has more attributes than any has, and parsing takes time with the square of their number.
    #[error(
        "line {line}: a tag with more than {limit} attributes; no page about projects has so much, so the markup is broken or hostile"
    )]
    TooManyAttributes {
        /// Line where the tag begins.
        line: u32,
        /// The limit.
        limit: usize,
    },
    /// The page shows more text than any page does.
    #[error(
        "{bytes} bytes of text, and the limit is {limit}; no page about projects has so much, so declare its format in source.toml if this is a list"
    )]
    TooMuchText {
        /// Bytes of text.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
    /// The bytes do not decode as the encoding they declare.
    #[error("byte {byte} is not valid {encoding}, which the page declares; fetch the page again")]
    Encoding {
        /// The declared encoding.
        encoding: &'static str,
        /// Offset of the first bad byte.
        byte: u64,
    },
    /// The letters of the page were destroyed.
    #[error(
        "line {line}: {count} letters of this page were destroyed before it was fetched (U+FFFD stands in their place); fetch it again, or ask the publisher for an undamaged one"
    )]
    Destroyed {
        /// Line of the first one.
        line: u32,
        /// How many.
        count: usize,
    },
    /// The letters of the page were encoded twice.
    #[error(
        "line {line}: {count} letters of this page were encoded twice before it was fetched (\"Ã¼\" stands for \"ü\"); fetch it again as it is, or ask the publisher for an undamaged one"
    )]
    EncodedTwice {
        /// Line of the first one.
        line: u32,
        /// How many.
        count: usize,
    },
    /// The bytes are no text.
    #[error("byte {byte} is NUL, so this is no page; declare the file's format in source.toml")]
    Binary {
        /// Offset of the first NUL.
        byte: u64,
    },
    /// There is nothing to read.
    #[error("page is empty; fetch it again")]
    Empty,
    /// A declaration file is not valid TOML or has an unknown key.
    #[error("{file}: {cause}")]
    Declaration {
        /// Which file.
        file: String,
        /// What is wrong with it.
        #[source]
        cause: Box<toml::de::Error>,
    },
    /// A declared regular expression does not compile.
    #[error("{file}: pattern {id:?}: {cause}")]
    Pattern {
        /// Which file.
        file: String,
        /// The pattern's id.
        id: String,
        /// What is wrong with it.
        #[source]
        cause: Box<regex::Error>,
    },
    /// A declared pattern has a named group that no record has a field for.
    #[error("{file}: pattern {id:?} gives unknown field {field:?}; expected one of {expected}")]
    UnknownField {
        /// Which file.
        file: String,
        /// The pattern's id.
        id: String,
        /// The unknown name.
        field: String,
        /// The known names.
        expected: String,
    },
}
