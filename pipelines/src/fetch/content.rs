//! Whether what arrived is what was declared: a publisher's error page is no list, whatever its status.
//!
//! Looks at the beginning of a file, and at the directory of a workbook. What is wrong further in is for the readers. Of a
//! list that was declared as text nothing more is read; what else there is has to be in memory for that.

use crate::read::{Content, Kind, ReadError, expect_kind, sniff};
use crate::source::{Source, SourceKind};

/// Bytes by which a text shows what it is.
const HEAD: usize = 64 << 10;

/// Refuses an empty file and one of another kind than the source's.
pub(super) fn check(source: &Source, file_name: &str, content: &Content) -> Result<(), ReadError> {
    let declared = source.toml.format.as_ref().map(|format| format.kind);
    if source.toml.kind != SourceKind::Page
        && let Some(kind @ (Kind::Csv | Kind::Json | Kind::Ndjson)) = declared
    {
        let head = content.head(HEAD)?;
        match expect_kind(&head, kind) {
            // There may be blanks for long before anything else comes.
            Err(ReadError::Empty) if content.size() > head.len() as u64 => {}
            checked => return checked,
        }
    }
    check_bytes(source, declared, file_name, &content.bytes()?)
}

fn check_bytes(
    source: &Source,
    declared: Option<Kind>,
    file_name: &str,
    bytes: &[u8],
) -> Result<(), ReadError> {
    match (source.toml.kind, declared) {
        (SourceKind::Page, _) | (_, Some(Kind::Html | Kind::Text)) => {
            match sniff(bytes, file_name)?.kind {
                Kind::Xlsx | Kind::Xls | Kind::Ods => Err(ReadError::WrongKind {
                    expected: declared.unwrap_or(Kind::Html),
                    found: "a workbook",
                }),
                _ => Ok(()),
            }
        }
        (_, Some(kind @ (Kind::Xlsx | Kind::Xls | Kind::Ods))) => {
            expect_kind(bytes, kind)?;
            let found = sniff(bytes, file_name)?.kind;
            if found == kind {
                return Ok(());
            }
            Err(ReadError::WrongKind {
                expected: kind,
                found: match found {
                    Kind::Xlsx | Kind::Xls | Kind::Ods => "a workbook of another kind",
                    _ => "no workbook but text",
                },
            })
        }
        (_, Some(kind)) => expect_kind(bytes, kind),
        (_, None) => match sniff(bytes, file_name)?.kind {
            kind @ (Kind::Html | Kind::Text) => Err(ReadError::Unsupported {
                what: format!("a {kind} page"),
                instead: "look at what the address delivers, it may be an error message",
            }),
            _ => Ok(()),
        },
    }
}
