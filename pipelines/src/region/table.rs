//! Reads the reference tables: UTF-8 CSV with a header row and commas, found by column names. They are small (at most
//! a few MB) and well formed; anything else is an error of the declaration, not a finding.

use arrow::array::{Array, AsArray, RecordBatch, StringArray};
use arrow::datatypes::UInt32Type;
use bytes::Bytes;

use super::build::BuildError;
use crate::read::{Collected, Encoding, FILE_CUT, Format, Limits, read};

/// Calls `row` with the asked columns of every record of a table that is part of the program.
pub(super) fn each_row<const N: usize>(
    table: &'static str,
    bytes: &[u8],
    columns: [&'static str; N],
    mut row: impl FnMut([&str; N]),
) -> Result<usize, BuildError> {
    each_record(table, bytes, columns, &Limits::default(), |_, cells| {
        row(cells);
    })
}

/// Calls `row` with the line and the asked columns of every record, as text; blank records are left out. `table` names the
/// table in errors. Read within limits and, if these name readers, in a process of its own.
///
/// Fails if the table cannot be read, lacks a column, or has no rows.
pub(crate) fn each_record<const N: usize>(
    table: &'static str,
    bytes: &[u8],
    columns: [&'static str; N],
    limits: &Limits,
    mut row: impl FnMut(u32, [&str; N]),
) -> Result<usize, BuildError> {
    let collected = collect(table, bytes, limits)?;
    let mut places: Option<[usize; N]> = None;
    let mut rows = 0;
    for batch in batches(&collected) {
        let cells = cells(batch);
        let lines = batch
            .column_by_name("line")
            .and_then(|c| c.as_primitive_opt::<UInt32Type>());
        for at in 0..batch.num_rows() {
            let cell = |column: usize| text(&cells, column, at);
            let all = 0..cells.len();
            if is_blank(&cells, at) {
                continue;
            }
            if let Some(places) = places {
                row(lines.map_or(0, |lines| lines.value(at)), places.map(cell));
                rows += 1;
                continue;
            }
            let mut found = [0; N];
            for (slot, name) in found.iter_mut().zip(columns) {
                let place = all.clone().find(|i| cell(*i).eq_ignore_ascii_case(name));
                *slot = place.ok_or_else(|| BuildError::NoColumn {
                    table,
                    column: name,
                    header: all.clone().map(cell).collect::<Vec<_>>().join(", "),
                })?;
            }
            places = Some(found);
        }
    }
    if rows == 0 {
        Err(BuildError::Empty { table })
    } else {
        Ok(rows)
    }
}

/// How much there is of a table, whatever its columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Extent {
    /// Records below the header; blank ones are left out.
    pub(crate) rows: u64,
    /// Whether it ends inside of its last record, while every other one has a line end.
    pub(crate) is_cut: bool,
}

impl Extent {
    /// Of a table of the program's form. Fails if it cannot be read.
    pub(crate) fn of(bytes: &[u8], limits: &Limits) -> Result<Self, BuildError> {
        let collected = collect("reference", bytes, limits)?;
        let rows: usize = batches(&collected)
            .map(|batch| {
                let cells = cells(batch);
                let filled = (0..batch.num_rows()).filter(|row| !is_blank(&cells, *row));
                filled.count()
            })
            .sum();
        Ok(Self {
            rows: rows.saturating_sub(1) as u64,
            is_cut: collected.problems.iter().any(|p| p.rule == FILE_CUT),
        })
    }
}

/// Reads a table whole. `table` names it in errors.
fn collect(table: &'static str, bytes: &[u8], limits: &Limits) -> Result<Collected, BuildError> {
    let bytes = Bytes::copy_from_slice(bytes);
    let format = Format::csv(Encoding::Utf8, b',');
    let mut collected = Collected::default();
    read(&bytes, &format, limits, &mut collected)
        .map_err(|cause| BuildError::Unreadable { table, cause })?;
    Ok(collected)
}

fn batches(collected: &Collected) -> impl Iterator<Item = &RecordBatch> {
    collected.sheets.iter().flat_map(|(_, batches)| batches)
}

/// The columns of text.
fn cells(batch: &RecordBatch) -> Vec<&StringArray> {
    let column = |at: usize| -> Option<&StringArray> {
        let column = batch.column_by_name(&format!("c{at}"))?;
        column.as_string_opt::<i32>()
    };
    (0..).map_while(column).collect()
}

/// What stands in a cell; nothing in one that is not there.
fn text<'c>(cells: &[&'c StringArray], column: usize, row: usize) -> &'c str {
    let filled = cells.get(column).filter(|cells| cells.is_valid(row));
    filled.map_or("", |cells| cells.value(row).trim())
}

fn is_blank(cells: &[&StringArray], row: usize) -> bool {
    (0..cells.len()).all(|column| text(cells, column, row).is_empty())
}

#[cfg(test)]
mod tests {
    use super::{BuildError, Extent, Limits, each_record, each_row};
    use crate::read::Readers;

    #[test]
    fn finds_columns_by_name_in_any_order() {
        let mut seen = Vec::new();
        let n = each_row(
            "t",
            b"\xef\xbb\xbfb,A,c\n\"x, y\",1,\n,2\n",
            ["a", "b", "c"],
            |[a, b, c]| {
                seen.push(format!("{a}|{b}|{c}"));
            },
        );
        assert_eq!(n.unwrap(), 2);
        assert_eq!(seen, ["1|x, y|", "2||"]);
    }

    #[test]
    fn every_record_has_its_line() {
        let mut lines = Vec::new();
        let table = b"a,b\r\n1,\"x\r\ny\"\r\n\r\n2,z\r\n";
        let n = each_record("t", table, ["a"], &Limits::default(), |line, [a]| {
            lines.push((line, a.to_owned()));
        });
        assert_eq!(n.unwrap(), 2);
        assert_eq!(lines, [(2, "1".to_owned()), (5, "2".to_owned())]);
    }

    #[test]
    fn the_extent_of_a_table_is_its_records_and_how_it_ends() {
        let extent = |table: &[u8]| Extent::of(table, &Limits::default()).unwrap();
        for (table, rows, is_cut) in [
            (&b"a,b\r\n1,\"x\r\ny\"\r\n,\r\n\r\n2,z\r\n"[..], 2, false),
            (&b"a,b\n1,x\n2,"[..], 2, true),
            (&b"a,b\n"[..], 0, false),
        ] {
            assert_eq!(extent(table), Extent { rows, is_cut }, "{table:?}");
        }
    }

    #[test]
    fn says_which_column_is_missing() {
        let error = each_row("postcodes", b"zip,code\n1,2\n", ["nuts_3"], |_| ()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "table postcodes has no column nuts_3; its header is: zip, code"
        );
        assert!(matches!(
            each_row("t", b"a\n", ["a"], |_| ()),
            Err(BuildError::Empty { .. })
        ));
    }

    #[test]
    fn a_table_that_cannot_be_read_is_told_with_the_reason() {
        let error = each_row("t", b"a\n\xff\n", ["a"], |_| ()).unwrap_err();
        assert!(matches!(error, BuildError::Unreadable { .. }), "{error}");
        let limits = Limits {
            max_bytes: 3,
            ..Limits::default()
        };
        let error = each_record("t", b"a\n1\n", ["a"], &limits, |_, _| ()).unwrap_err();
        assert!(error.to_string().starts_with("table t: "), "{error}");
    }
    #[test]
    fn where_there_are_readers_they_read_it() {
        let nobody = Readers::new("there/is/no/such/program", &[]);
        let limits = Limits {
            readers: Some(nobody),
            ..Limits::default()
        };
        let error = each_record("t", b"a\n1\n", ["a"], &limits, |_, _| ()).unwrap_err();
        assert!(
            error.to_string().contains("it could not be started"),
            "{error}"
        );
    }
}
