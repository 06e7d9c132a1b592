//! Every reader through the one interface: form text in, table out; and every shared list, where it is there.

use std::path::PathBuf;

use arrow::array::{Array, AsArray};
use arrow::datatypes::{UInt8Type, UInt32Type, UInt64Type};
use bytes::Bytes;

use super::*;

/// One line a row: `row:line:byte |cell|cell|`, `-` where no cell is, the kind before cells that are no text.
pub(super) fn show(tables: &Collected) -> String {
    let mut out = String::new();
    for (info, batches) in &tables.sheets {
        if let Some(name) = &info.name {
            out += &format!("[{name}]{}\n", if info.hidden { " hidden" } else { "" });
        }
        if let Some(keys) = &info.keys {
            out += &format!("keys {}\n", keys.join(","));
        }
        for batch in batches {
            let u32s = |i: usize| batch.column(i).as_primitive::<UInt32Type>().clone();
            let (rows, lines) = (u32s(0), u32s(1));
            let bytes = batch.column(2).as_primitive::<UInt64Type>();
            let typed = batch.num_columns() > 3 + info.width;
            for i in 0..batch.num_rows() {
                out += &format!("{}:{}:{} |", rows.value(i), lines.value(i), bytes.value(i));
                for c in 0..info.width {
                    let cell = batch.column(3 + c).as_string::<i32>();
                    let kind = if typed {
                        batch
                            .column(3 + info.width + c)
                            .as_primitive::<UInt8Type>()
                            .value(i)
                    } else {
                        0
                    };
                    let kind = ["", "n ", "d ", "b ", "e "][usize::from(kind)];
                    let text = if cell.is_null(i) { "-" } else { cell.value(i) };
                    out += &format!("{kind}{}|", text.replace('\n', "\\n"));
                }
                out.push('\n');
            }
        }
    }
    out
}

/// Reads with the default limits and shows the table.
pub(super) fn table(bytes: impl Into<Bytes>, format: &Format) -> Result<String, ReadError> {
    let mut tables = Collected::default();
    read(&bytes.into(), format, &Limits::default(), &mut tables)?;
    Ok(show(&tables))
}

/// Where the shared files are, if they are.
fn shared() -> Option<PathBuf> {
    let root = std::env::var_os("ESF_SHARED").map_or_else(
        || {
            PathBuf::from(env!("CARGO_MANIFEST_DIR"))
                .ancestors()
                .map(|a| a.join("shared"))
                .find(|p| p.is_dir())
        },
        |path| Some(PathBuf::from(path)),
    );
    let lists = root
        .map(|root| root.join("data/beneficiaries"))
        .filter(|path| path.is_dir());
    if lists.is_none() {
        eprintln!("skipped: the shared lists are not here (set ESF_SHARED)");
    }
    lists
}

/// File name, rows known to be in the list, format.
fn shared_lists() -> Vec<(PathBuf, usize)> {
    let Some(folder) = shared() else {
        return Vec::new();
    };
    let truth = folder.join("../TRUTH.csv");
    let bytes = Bytes::from(std::fs::read(truth).expect("TRUTH.csv"));
    let mut tables = Collected::default();
    read(
        &bytes,
        &Format::new(Kind::Csv),
        &Limits::default(),
        &mut tables,
    )
    .expect("TRUTH.csv is a csv");
    let mut lists = Vec::new();
    for batch in &tables.sheets[0].1 {
        let (names, rows) = (
            batch.column(3).as_string::<i32>(),
            batch.column(4).as_string::<i32>(),
        );
        for i in 1..batch.num_rows() {
            let name = names.value(i).trim_start_matches("beneficiaries/");
            lists.push((
                folder.join(name),
                rows.value(i).parse().expect("a number of rows"),
            ));
        }
    }
    lists
}

#[test]
fn every_shared_list_is_sniffed_and_read_with_all_its_rows() {
    for (path, expected) in shared_lists() {
        let name = path
            .file_name()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        let bytes = Bytes::from(std::fs::read(&path).expect("a file"));
        let format = sniff(&bytes, &name).unwrap_or_else(|e| panic!("{name}: {e}"));
        let mut tables = Collected::default();
        let started = std::time::Instant::now();
        let summary = read(&bytes, &format, &Limits::default(), &mut tables)
            .unwrap_or_else(|e| panic!("{name}: {e}"));
        let elapsed = started.elapsed();
        eprintln!(
            "{name}: {} {:?} {:?}, {} tables, {} rows, {} cells, {} problems, {:.1} ms",
            format.kind,
            format.encoding,
            format.delimiter.map(char::from),
            summary.tables,
            summary.rows,
            summary.cells,
            summary.problems,
            elapsed.as_secs_f64() * 1e3,
        );
        let largest = tables
            .sheets
            .iter()
            .map(|(_, b)| {
                b.iter()
                    .map(arrow::record_batch::RecordBatch::num_rows)
                    .sum::<usize>()
            })
            .max();
        let largest = largest.unwrap_or(0);
        // header rows, preamble and footer come on top
        assert!(
            (expected..expected + 60).contains(&largest),
            "{name}: {largest} rows, {expected} expected"
        );
        assert!(
            !show(&tables).contains('\u{FFFD}'),
            "{name} has replacement characters"
        );
    }
}

#[test]
fn pages_have_readers_of_their_own() {
    let error = table("<html></html>", &Format::new(Kind::Html)).expect_err("no list");
    assert!(error.to_string().contains("kind = \"page\""));
}

#[test]
fn a_file_beyond_the_limit_is_not_looked_at() {
    let limits = Limits {
        max_bytes: 3,
        ..Limits::default()
    };
    let error = read(
        &"a,b\n".into(),
        &Format::new(Kind::Csv),
        &limits,
        &mut Collected::default(),
    )
    .expect_err("too large");
    assert_eq!(error, ReadError::TooLarge { bytes: 4, limit: 3 });
}
