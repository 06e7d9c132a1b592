//! Reads the reference tables: UTF-8 CSV with a header row and commas, found by column names. They are small (at most
//! a few MB) and well formed; anything else is an error of the declaration, not a finding.

use super::build::BuildError;

/// Calls `row` with the asked columns of every record, as text. `table` names the table in errors. Fails if a column
/// is missing or a cell is not UTF-8.
pub(super) fn each_row<const N: usize>(
    table: &'static str,
    bytes: &[u8],
    columns: [&'static str; N],
    mut row: impl FnMut([&str; N]),
) -> Result<usize, BuildError> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut reader = csv_core::Reader::new();
    let (mut out, mut ends) = (vec![0u8; 8192], vec![0usize; 64]);
    let (mut input, mut fields, mut used) = (bytes, 0usize, 0usize);
    let mut places: Option<[usize; N]> = None;
    let (mut line, mut rows) = (1u64, 0usize);
    loop {
        let (result, n_in, n_out, n_ends) =
            reader.read_record(input, &mut out[used..], &mut ends[fields..]);
        input = &input[n_in..];
        used += n_out;
        fields += n_ends;
        match result {
            csv_core::ReadRecordResult::OutputFull => out.resize(out.len() * 2, 0),
            csv_core::ReadRecordResult::OutputEndsFull => ends.resize(ends.len() * 2, 0),
            csv_core::ReadRecordResult::InputEmpty => {}
            csv_core::ReadRecordResult::End => break,
            csv_core::ReadRecordResult::Record => {
                let text = std::str::from_utf8(&out[..used])
                    .map_err(|_| BuildError::NotUtf8 { table, line })?;
                let cell = |i: usize| {
                    let start = if i == 0 {
                        0
                    } else {
                        ends.get(i - 1).copied().unwrap_or(used)
                    };
                    if i < fields {
                        text.get(start..ends[i]).unwrap_or_default()
                    } else {
                        ""
                    }
                };
                match places {
                    None => {
                        let mut found = [0; N];
                        for (slot, name) in found.iter_mut().zip(columns) {
                            *slot = (0..fields)
                                .find(|&i| cell(i).trim().eq_ignore_ascii_case(name))
                                .ok_or_else(|| BuildError::NoColumn {
                                    table,
                                    column: name,
                                    header: (0..fields).map(cell).collect::<Vec<_>>().join(", "),
                                })?;
                        }
                        places = Some(found);
                    }
                    Some(places) => {
                        row(places.map(|i| cell(i).trim()));
                        rows += 1;
                    }
                }
                line = reader.line();
                (fields, used) = (0, 0);
            }
        }
    }
    if rows == 0 {
        Err(BuildError::Empty { table })
    } else {
        Ok(rows)
    }
}

#[cfg(test)]
mod tests {
    use super::{BuildError, each_row};

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
        assert!(matches!(
            each_row("t", b"a\n\xff\n", ["a"], |_| ()),
            Err(BuildError::NotUtf8 { .. })
        ));
    }
}
