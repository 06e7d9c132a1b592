//! Every format on the same made batch.

use std::sync::Arc;

use arrow::array::{Date32Array, Decimal128Array, Int64Array, ListArray, StringArray};
use arrow::datatypes::Int64Type;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use super::*;

const PLAIN: Style = Style {
    width: None,
    colour: false,
    expanded: false,
    max_rows: None,
    wrap: false,
};

fn made() -> RecordBatch {
    let money = Decimal128Array::from(vec![Some(47_238_615_100), None, Some(-12_345)]);
    let titles = vec![
        Some("Brücke \u{1b}[31min\nArbeit"),
        None,
        Some("a|b, \"c\""),
    ];
    let lists = ListArray::from_iter_primitive::<Int64Type, _, _>(vec![
        Some(vec![Some(1), None]),
        None,
        Some(vec![]),
    ]);
    RecordBatch::try_from_iter_with_nullable([
        ("title", Arc::new(StringArray::from(titles)) as _, true),
        (
            "granted",
            Arc::new(money.with_precision_and_scale(18, 2).unwrap()) as _,
            true,
        ),
        (
            "year",
            Arc::new(Int64Array::from(vec![2016, 2017, 12345])) as _,
            true,
        ),
        (
            "start",
            Arc::new(Date32Array::from(vec![Some(16877), None, None])) as _,
            true,
        ),
        ("list", Arc::new(lists) as _, true),
    ])
    .unwrap()
}

fn printed(format: Format, style: Style) -> Vec<u8> {
    let printer = Printer {
        format,
        style,
        destination: Destination::Stdout,
        timing: false,
    };
    let mut out: Vec<u8> = Vec::new();
    let batch = made();
    {
        let mut writer = printer.writer(&mut out, &batch.schema()).unwrap();
        writer.batch(&batch).unwrap();
        writer.finish(None).unwrap();
    }
    out
}

fn text(format: Format, style: Style) -> String {
    String::from_utf8(printed(format, style)).unwrap()
}

#[test]
fn table_groups_digits_and_shows_no_control_characters() {
    insta::assert_snapshot!(text(Format::Table, PLAIN));
}

#[test]
fn a_narrow_table_cuts_text_and_never_numbers() {
    insta::assert_snapshot!(text(
        Format::Table,
        Style {
            width: Some(59),
            ..PLAIN
        }
    ));
}

#[test]
fn what_does_not_fit_is_shown_one_column_a_line() {
    insta::assert_snapshot!(text(
        Format::Table,
        Style {
            width: Some(30),
            ..PLAIN
        }
    ));
}

#[test]
fn rows_beyond_the_limit_are_counted() {
    let shown = text(
        Format::Table,
        Style {
            max_rows: Some(1),
            ..PLAIN
        },
    );
    assert!(
        shown.ends_with("1 of 3 rows; --rows 0 or --output FILE gives them all\n"),
        "{shown}"
    );
}

#[test]
fn csv_keeps_every_digit_and_leaves_null_empty() {
    insta::assert_snapshot!(text(Format::Csv, PLAIN));
}

#[test]
fn json_keeps_decimals_exact_and_null_explicit() {
    insta::assert_snapshot!(text(Format::Json, PLAIN));
    insta::assert_snapshot!(text(Format::Ndjson, PLAIN));
}

#[test]
fn markdown_escapes_what_would_break_the_table() {
    insta::assert_snapshot!(text(Format::Markdown, PLAIN));
}

#[test]
fn an_empty_result_is_still_a_table_of_its_format() {
    let empty = made().slice(0, 0);
    for (format, expected) in [
        (Format::Csv, "title,granted,year,start,list\n"),
        (Format::Json, "[\n]\n"),
        (Format::Ndjson, ""),
        (
            Format::Table,
            "title  granted  year  start  list\n─────  ───────  ────  ─────  ────\n",
        ),
    ] {
        let printer = Printer {
            format,
            style: PLAIN,
            destination: Destination::Stdout,
            timing: false,
        };
        let mut out: Vec<u8> = Vec::new();
        printer
            .writer(&mut out, &empty.schema())
            .unwrap()
            .finish(None)
            .unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), expected, "{format:?}");
    }
}

#[test]
fn parquet_and_arrow_give_the_values_back() {
    let mut parquet = tempfile::tempfile().unwrap();
    parquet.write_all(&printed(Format::Parquet, PLAIN)).unwrap();
    let mut reader = ParquetRecordBatchReaderBuilder::try_new(parquet)
        .unwrap()
        .build()
        .unwrap();
    assert_eq!(reader.next().unwrap().unwrap().columns(), made().columns());
    let arrow = printed(Format::Arrow, PLAIN);
    let mut reader = arrow::ipc::reader::StreamReader::try_new(arrow.as_slice(), None).unwrap();
    assert_eq!(reader.next().unwrap().unwrap().columns(), made().columns());
}

#[test]
fn a_named_file_appears_whole_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.csv");
    let destination = Destination::File(path.clone());
    drop(destination.open().unwrap());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    let mut open = destination.open().unwrap();
    open.write_all(b"a\n1\n").unwrap();
    assert!(!path.exists());
    open.commit().unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), b"a\n1\n");
}

#[test]
fn digits_are_grouped_from_five_on() {
    let cases = [
        ("2016", "2016"),
        ("14614", "14 614"),
        ("-1234567.80", "-1 234 567.80"),
        ("1e10", "1e10"),
        ("0.33333", "0.33333"),
    ];
    for (number, shown) in cases {
        assert_eq!(grouped(number), shown);
    }
}
