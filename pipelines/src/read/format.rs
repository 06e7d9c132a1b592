//! How a file is written, as declared in the `[format]` table of `source.toml` or found out by [`super::sniff`].

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, de};

/// Kind of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Delimited text.
    Csv,
    /// Office Open XML workbook.
    Xlsx,
    /// Binary workbook of Excel 97 to 2003 (BIFF8).
    Xls,
    /// OpenDocument spreadsheet.
    Ods,
    /// One JSON document that holds an array of objects.
    Json,
    /// One JSON object a line.
    Ndjson,
    /// A page.
    Html,
    /// Plain text page.
    Text,
}

impl Kind {
    /// The name used in `source.toml`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
            Self::Xls => "xls",
            Self::Ods => "ods",
            Self::Json => "json",
            Self::Ndjson => "ndjson",
            Self::Html => "html",
            Self::Text => "text",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Encoding of a text file. Latin-1 is not among them: published files that claim it are windows-1252.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Encoding {
    /// UTF-8; a byte order mark is skipped.
    #[default]
    #[serde(rename = "utf-8", alias = "utf8", alias = "UTF-8")]
    Utf8,
    /// windows-1252.
    #[serde(rename = "windows-1252", alias = "cp1252")]
    Windows1252,
    /// UTF-16, little end first.
    #[serde(rename = "utf-16le")]
    Utf16Le,
    /// UTF-16, big end first.
    #[serde(rename = "utf-16be")]
    Utf16Be,
}

impl Encoding {
    /// The name used in `source.toml`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "utf-8",
            Self::Windows1252 => "windows-1252",
            Self::Utf16Le => "utf-16le",
            Self::Utf16Be => "utf-16be",
        }
    }
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The `[format]` table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Format {
    /// Kind of file.
    pub kind: Kind,
    /// Encoding of text; utf-8 where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encoding: Option<Encoding>,
    /// Delimiter of delimited text; a comma where nothing is said.
    #[serde(
        default,
        deserialize_with = "one_byte",
        skip_serializing_if = "Option::is_none",
        serialize_with = "as_text"
    )]
    pub delimiter: Option<u8>,
    /// Quote of delimited text; `"` where nothing is said.
    #[serde(
        default,
        deserialize_with = "one_byte",
        skip_serializing_if = "Option::is_none",
        serialize_with = "as_text"
    )]
    pub quote: Option<u8>,
    /// The sheet that holds the list; all sheets are read where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
    /// Sheets that are not read, each with the reason why.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub ignore_sheets: BTreeMap<String, String>,
}

impl Format {
    /// A format of which only the kind is declared.
    pub fn new(kind: Kind) -> Self {
        Self {
            kind,
            encoding: None,
            delimiter: None,
            quote: None,
            sheet: None,
            ignore_sheets: BTreeMap::new(),
        }
    }

    /// The format in which the sheets beside the declared one are read, but for those that are ignored; none where no sheet
    /// is declared.
    pub fn of_other_sheets(&self) -> Option<Self> {
        let sheet = self.sheet.clone()?;
        let mut others = Self {
            sheet: None,
            ..self.clone()
        };
        others
            .ignore_sheets
            .insert(sheet, "it is read by itself".to_owned());
        Some(others)
    }

    /// Delimited text in an encoding.
    pub fn csv(encoding: Encoding, delimiter: u8) -> Self {
        Self {
            encoding: Some(encoding),
            delimiter: Some(delimiter),
            ..Self::new(Kind::Csv)
        }
    }
}

/// Reads a delimiter or quote: one ASCII character, or `tab`.
fn one_byte<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u8>, D::Error> {
    let text = String::deserialize(deserializer)?;
    match text.as_bytes() {
        b"tab" | b"\\t" => Ok(Some(b'\t')),
        [byte] if byte.is_ascii() && !matches!(byte, b'\n' | b'\r' | 0) => Ok(Some(*byte)),
        _ => Err(de::Error::custom(format!(
            "'{text}' is not one ASCII character; write ',', ';', '|' or 'tab'"
        ))),
    }
}

#[allow(clippy::ref_option, clippy::trivially_copy_pass_by_ref)] // the signature serde prescribes
fn as_text<S: serde::Serializer>(byte: &Option<u8>, serializer: S) -> Result<S::Ok, S::Error> {
    match byte {
        Some(b) => serializer.serialize_str(char::from(*b).encode_utf8(&mut [0; 4])),
        None => serializer.serialize_none(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_format_table_is_read() {
        let format: Format =
            toml::from_str("kind = \"csv\"\nencoding = \"windows-1252\"\ndelimiter = \";\"")
                .expect("valid");
        assert_eq!(format, Format::csv(Encoding::Windows1252, b';'));
        let tab: Format = toml::from_str("kind = \"csv\"\ndelimiter = \"\\t\"").expect("valid");
        assert_eq!(tab.delimiter, Some(b'\t'));
    }

    #[test]
    fn the_other_sheets_are_read_without_the_declared_one_and_those_that_are_ignored() {
        let text = "kind = \"xlsx\"\nsheet = \"Liste\"\n[ignore_sheets]\nKopie = \"the same rows\"";
        let format: Format = toml::from_str(text).expect("valid");
        let others = format.of_other_sheets().expect("a sheet is declared");
        assert_eq!(others.sheet, None);
        let ignored: Vec<&str> = others.ignore_sheets.keys().map(String::as_str).collect();
        assert_eq!(ignored, ["Kopie", "Liste"]);
        assert_eq!(Format::new(Kind::Xlsx).of_other_sheets(), None);
    }

    #[test]
    fn what_is_not_known_is_refused() {
        assert!(toml::from_str::<Format>("kind = \"csv\"\ndelimiter = \"::\"").is_err());
        assert!(toml::from_str::<Format>("kind = \"pdf\"").is_err());
        assert!(toml::from_str::<Format>("kind = \"csv\"\nencodig = \"utf-8\"").is_err());
    }
}
