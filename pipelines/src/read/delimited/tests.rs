//! Text in, table out; made-up data.

use std::ops::ControlFlow;

use arrow::record_batch::RecordBatch;
use bytes::Bytes;

use super::super::format::Encoding;
use super::super::sink::Collected;
use super::super::tests::{show, table};
use super::super::{Format, Kind, Limits, Problem, ReadError, SheetInfo, Sink, read};

fn csv() -> Format {
    Format::new(Kind::Csv)
}

fn utf16(text: &str, mark: bool) -> Vec<u8> {
    mark.then_some('\u{FEFF}')
        .into_iter()
        .chain(text.chars())
        .flat_map(|c| {
            let mut units = [0; 2];
            c.encode_utf16(&mut units)
                .iter()
                .flat_map(|u| u.to_le_bytes())
                .collect::<Vec<_>>()
        })
        .collect()
}

#[test]
fn records_over_lines_keep_their_places() {
    let text = "Name,Titel\r\n\"Verein \"\"A\"\"\r\ne. V.\",Kurs\r\n\r\nB,\n";
    assert_eq!(
        table(text, &csv()).expect("a table"),
        "1:1:0 |Name|Titel|\n2:2:12 |Verein \"A\"\r\\ne. V.|Kurs|\n3:5:42 |B||\n"
    );
}

#[test]
fn ragged_rows_give_missing_cells_or_a_wider_table() {
    assert_eq!(
        table("a;b\nc\nd;e;f\n", &Format::csv(Encoding::Utf8, b';')).expect("a table"),
        "1:1:0 |a|b|-|\n2:2:4 |c|-|-|\n3:3:6 |d|e|f|\n"
    );
}

#[test]
fn every_encoding_gives_the_same_cells_and_its_own_offsets() {
    let wanted = |offsets: [u32; 2]| {
        format!(
            "1:1:{} |Träger|„x“|\n2:2:{} |–|€|\n",
            offsets[0], offsets[1]
        )
    };
    let text = "Träger,„x“\n–,€\n";
    let read_as =
        |bytes: Vec<u8>, encoding| table(bytes, &Format::csv(encoding, b',')).expect("a table");
    assert_eq!(read_as(text.into(), Encoding::Utf8), wanted([0, 16]));
    assert_eq!(
        read_as(["\u{FEFF}", text].concat().into(), Encoding::Utf8),
        wanted([3, 19])
    );
    let cp1252 = b"Tr\xE4ger,\x84x\x93\n\x96,\x80\n".to_vec();
    assert_eq!(read_as(cp1252, Encoding::Windows1252), wanted([0, 11]));
    assert_eq!(
        read_as(utf16(text, true), Encoding::Utf16Le),
        wanted([2, 24])
    );
    assert_eq!(
        read_as(utf16(text, false), Encoding::Utf16Le),
        wanted([0, 22])
    );
    let swapped = utf16(text, true)
        .chunks(2)
        .flat_map(|b| [b[1], b[0]])
        .collect();
    assert_eq!(read_as(swapped, Encoding::Utf16Be), wanted([2, 24]));
}

#[test]
fn a_wrong_encoding_is_an_error_with_its_place() {
    let message = |bytes: &'static [u8], encoding| {
        table(Bytes::from_static(bytes), &Format::csv(encoding, b','))
            .expect_err("wrong bytes")
            .to_string()
    };
    let text = message(b"a,b\nc,Tr\xE4ger\n", Encoding::Utf8);
    assert!(
        text.contains("line 2, byte 8") && text.contains("0xe4") && text.contains("windows-1252"),
        "{text}"
    );
    let text = message("a\nTräger\n".as_bytes(), Encoding::Windows1252);
    assert!(text.contains("valid utf-8"), "{text}");
    let text = message(b"a\nb\x81\n", Encoding::Windows1252);
    assert!(text.contains("line 2, byte 3"), "{text}");
    let text = message(b"\xFF\xFEa\0,\0", Encoding::Utf8);
    assert!(text.contains("utf-16le"), "{text}");
    let text = message(b"a\0\0\xD8b\0", Encoding::Utf16Le);
    assert!(text.contains("byte 2"), "{text}");
    // Half a unit at the end, whatever ends the lines.
    for ends in [b'\n', b'\r'] {
        let mut bytes = utf16("a;b", true);
        bytes.extend([ends, 0, b'c', 0, ends, 0, b'd']);
        let cut = table(bytes, &Format::csv(Encoding::Utf16Le, b';'));
        let text = cut.expect_err("half a unit").to_string();
        assert!(text.starts_with("line 3, byte 14: byte 0x64"), "{text}");
    }
    let text = message(b"a,b\nc\0,d\n", Encoding::Utf8);
    assert!(
        text.contains("zero byte") && text.contains("line 2, byte 5"),
        "{text}"
    );
}

#[test]
fn a_zero_byte_is_told_where_it_is_published() {
    let place = |bytes: Vec<u8>, encoding| {
        let error = table(bytes, &Format::csv(encoding, b',')).expect_err("a zero byte");
        let ReadError::ZeroByte { place, .. } = error else {
            panic!("{error}")
        };
        (place.line, place.byte)
    };
    let text = "ä,b\nc\0,d\n";
    for (bytes, encoding, byte) in [
        (text.into(), Encoding::Utf8, 6),
        (["\u{FEFF}", text].concat().into(), Encoding::Utf8, 9),
        (b"\xE4,b\nc\0,d\n".to_vec(), Encoding::Windows1252, 5),
        (utf16(text, true), Encoding::Utf16Le, 12),
    ] {
        assert_eq!(place(bytes, encoding), (Some(2), Some(byte)), "{encoding}");
    }
}

#[test]
fn nothing_but_blanks_is_empty_in_every_encoding() {
    for encoding in [Encoding::Utf16Le, Encoding::Utf8] {
        let blanks = if encoding == Encoding::Utf8 {
            "\u{FEFF}\u{A0}\r\n".into()
        } else {
            utf16(" \t\r\n\u{A0}", true)
        };
        let error = table(blanks, &Format::csv(encoding, b','));
        assert_eq!(error, Err(ReadError::Empty), "{encoding}");
    }
}

#[test]
fn destroyed_letters_are_counted() {
    for encoding in [Encoding::Utf8, Encoding::Windows1252] {
        let error = table(
            "a,b\nTr\u{FFFD}ger,M\u{FFFD}\n",
            &Format::csv(encoding, b','),
        )
        .expect_err("destroyed");
        let text = error.to_string();
        assert!(
            text.contains("line 2, byte 6") && text.contains("2 characters"),
            "{text}"
        );
    }
}

#[test]
fn what_is_no_list_is_said_so() {
    let wrong = |text: &'static str| table(text, &csv()).expect_err("no list").to_string();
    assert!(wrong("").contains("empty"));
    assert!(wrong("\u{FEFF}\r\n \n").contains("empty"));
    assert!(
        wrong("\n<!DOCTYPE html>\n<html><body>404, not found</body></html>").contains("HTML page")
    );
    assert!(wrong("{\"error\": \"gone\"}").contains("JSON"));
    assert!(wrong("%PDF-1.4").contains("PDF"));
}

#[test]
fn an_open_quote_is_told_where_it_opens() {
    let error = table("a,b\n\"c\",\"d\n\"e\",\"f\"\n", &csv())
        .expect_err("open")
        .to_string();
    assert!(
        error.starts_with("record 2, line 2, byte 8: the quote opened in column 2"),
        "{error}"
    );
}

#[test]
fn a_stray_quote_is_a_problem() {
    let mut tables = Collected::default();
    read(
        &"a,b\n\"c\" d,e\n".into(),
        &csv(),
        &Limits::default(),
        &mut tables,
    )
    .expect("a table");
    assert_eq!(show(&tables), "1:1:0 |a|b|\n2:2:4 |c d|e|\n");
    assert_eq!(tables.problems.len(), 1);
    assert_eq!(
        (
            tables.problems[0].rule.as_ref(),
            tables.problems[0].place.line
        ),
        ("stray_quote", Some(2))
    );
}

#[test]
fn a_file_that_ends_inside_of_a_record_may_be_cut() {
    let problems = |text: &'static str| {
        let mut tables = Collected::default();
        let summary = read(&text.into(), &csv(), &Limits::default(), &mut tables);
        let summary = summary.expect("a table");
        assert_eq!(tables.rows() as u64, summary.rows, "the row is kept");
        assert_eq!(tables.problems.len() as u64, summary.problems);
        let told = tables.problems.iter();
        told.map(|p| format!("{} {}", p.rule, p.place))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        problems("a,b\nc,40020.00\nd,4002"),
        ["file_cut record 3, line 3, byte 15"]
    );
    assert_eq!(
        problems("a,b\r\nc,\"d\""),
        ["file_cut record 2, line 2, byte 5"]
    );
    for whole in [
        "a,b\nc,d\n",
        "a,b\rc,d\r",
        "a,b\n\n",
        "a,b",
        "a,b\nc,d\n\u{1A}",
        "a,b\nc,d\n  ",
    ] {
        assert_eq!(problems(whole), [""; 0], "{whole:?}");
    }
}

#[test]
fn limits_are_kept() {
    let with = |text: String, limits: &Limits| {
        read(&text.into(), &csv(), limits, &mut Collected::default())
    };
    let giant = format!("a,b\nc,{}\n", "x".repeat(2 << 20));
    let error = with(giant, &Limits::default())
        .expect_err("too long")
        .to_string();
    assert!(
        error.contains("line 2, byte 6") && error.contains("more than 1048576 bytes"),
        "{error}"
    );
    let wide = ",".repeat(20_000);
    assert!(matches!(
        with(wide, &Limits::default()),
        Err(ReadError::TooManyColumns {
            columns: 16_385,
            ..
        })
    ));
    let few = Limits {
        max_cells: 5,
        ..Limits::default()
    };
    assert!(matches!(
        with("a,b\nc,d\ne,f\n".into(), &few),
        Err(ReadError::TooManyCells { .. })
    ));
}

/// Keeps the numbers of rows of batches and the last record.
#[derive(Default)]
struct Counting {
    batches: Vec<usize>,
    last: String,
    stop: bool,
}

impl Sink for Counting {
    fn sheet(&mut self, _: SheetInfo) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
    fn batch(&mut self, batch: RecordBatch) -> ControlFlow<()> {
        self.batches.push(batch.num_rows());
        let info = SheetInfo {
            width: batch.num_columns() - 3,
            ..SheetInfo::default()
        };
        let last = batch.slice(batch.num_rows() - 1, 1);
        self.last = show(&Collected {
            sheets: vec![(info, vec![last])],
            problems: Vec::new(),
        });
        if self.stop {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    }
    fn problem(&mut self, _: Problem) {}

    fn restart(&mut self) {}
}

#[test]
fn a_long_file_is_scanned_again_where_its_fields_were_not_kept() {
    let rows = 600_000; // two fields each: beyond what is kept
    let text: String = (1..=rows).map(|i| format!("{i},\"x\"\n")).collect();
    let offset = text.len() - format!("{rows},\"x\"\n").len();
    let mut sink = Counting::default();
    let summary =
        read(&text.clone().into(), &csv(), &Limits::default(), &mut sink).expect("a table");
    assert_eq!((summary.rows, summary.cells), (rows, rows * 2));
    assert_eq!(sink.batches.iter().sum::<usize>() as u64, rows);
    assert!(sink.batches.iter().all(|n| *n <= super::super::BATCH_ROWS));
    assert_eq!(sink.last, format!("{rows}:{rows}:{offset} |{rows}|x|\n"));
    let mut sink = Counting {
        stop: true,
        ..Counting::default()
    };
    let summary = read(&text.into(), &csv(), &Limits::default(), &mut sink).expect("a table");
    assert!(summary.stopped && sink.batches.len() == 1);
}
