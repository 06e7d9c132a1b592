//! Text in, table out; made-up data.

use super::super::tests::{show, table};
use super::super::{Collected, Encoding, Format, Kind, Limits, ReadError, read};

fn json(text: &str) -> Result<String, ReadError> {
    table(text.to_owned(), &Format::new(Kind::Json))
}

#[test]
fn keys_in_any_order_and_values_as_published() {
    let text = "[\n {\"id\": 1.50, \"name\": \"M\\u00fcller \\\"A\\\"\\n\"},\n {\"name\": null, \"neu\": {\"a\": [1, \"x y\"]}, \"id\": -0e2, \"ok\": true}, {}]";
    assert_eq!(
        json(text).expect("a table"),
        "keys id,name,neu / a,ok\n1:2:3 |n 1.50|Müller \"A\"\\n|-|-|\n2:3:49 |n -0e2|-|1; x y|b true|\n3:3:115 |-|-|-|-|\n"
    );
}

#[test]
fn keys_of_nested_objects_are_columns() {
    for (text, wanted) in [
        (
            "[{\"p\": {\"t\": \"x\", \"l\": {\"von\": 1, \"bis\": null}}},\n {\"p\": {\"l\": {\"bis\": 2}, \"t\": \"y\"}}]",
            "keys p / t,p / l / von,p / l / bis\n1:1:1 |x|n 1|-|\n2:2:51 |y|-|n 2|\n",
        ),
        // An object that has nothing is nothing; what stands in its place elsewhere has a column of its own.
        (
            "[{\"p\": {}}, {\"p\": {\"t\": 1}}, {\"p\": 2}]",
            "keys p,p / t\n1:1:1 |-|-|\n2:1:12 |-|n 1|\n3:1:29 |n 2|-|\n",
        ),
        // An array of one object is that object, one of one value is that value.
        (
            "[{\"p\": [{\"t\": 1}], \"q\": [2], \"r\": [null, \"\", true], \"s\": []}]",
            "keys p / t,q,r,s\n1:1:1 |n 1|n 2|true|-|\n",
        ),
        // Of a key that is there twice nothing of the first value is left.
        (
            "[{\"p\": {\"t\": 1, \"u\": 2}, \"p\": {\"u\": 3, \"v\": 4}}]",
            "keys p / t,p / u,p / v\n1:1:1 |-|n 3|n 4|\n",
        ),
    ] {
        assert_eq!(json(text).expect("a table"), wanted, "{text}");
    }
}

#[test]
fn objects_that_become_no_columns_are_told() {
    let deep = format!("{}1{}", "{\"k\":".repeat(20), "}".repeat(20));
    for objects in ["[{\"b\": 1}, {\"b\": 2}]", "[[1], 2]", deep.as_str()] {
        let text = format!("[{{\"a\": 0}}, {{\"a\": {objects}}}, {{\"a\": {objects}}}]");
        let mut tables = Collected::default();
        let format = Format::new(Kind::Json);
        let summary = read(
            &text.clone().into(),
            &format,
            &Limits::default(),
            &mut tables,
        );
        assert_eq!(summary.expect("a table").problems, 2, "{text}");
        let [problem] = &tables.problems[..] else {
            panic!("{:?}", tables.problems);
        };
        assert_eq!(problem.rule, "objects_not_read", "{text}");
        assert_eq!(problem.place.row, Some(2), "{text}");
        assert!(problem.message.starts_with("2 elements"), "{text}");
        assert!(!show(&tables).contains('{'), "{text}");
    }
}

#[test]
fn an_object_around_one_array_and_json_lines() {
    let wanted = "keys a\n1:1:22 |n 1|\n2:1:31 |n 2|\n";
    assert_eq!(
        json("{\"n\": 2, \"x\":[], \"d\":[{\"a\":1}, {\"a\":2}], \"m\": {\"k\": [3]}}")
            .expect("a table"),
        wanted
    );
    let lines = "{\"a\":1}\r\n\n{\"a\":2}\n";
    assert_eq!(
        table(lines, &Format::new(Kind::Ndjson)).expect("a table"),
        "keys a\n1:1:0 |n 1|\n2:3:10 |n 2|\n"
    );
}

#[test]
fn json_that_is_no_data() {
    let message = |text: &str| json(text).expect_err("no data").to_string();
    assert!(
        message("{\"error\": \"not found\", \"status\": 404}")
            .contains("an object without an array of objects")
    );
    assert!(message("42").contains("found a number"));
    assert!(message("[1, 2]").contains("a number as element 1"));
    assert!(
        message("[{\"a\":1}, \"x\"]")
            .contains("record 2, line 1, byte 10: expected an array of objects, found a text")
    );
    assert!(message("[]").contains("an empty array"));
    assert!(message("{\"a\":[{}],\"b\":[{}]}").contains("more than one"));
    assert!(message("{\"a\":1}\n{\"a\":2}").contains("ndjson"));
    assert!(message("<html>").contains("HTML"));
}

#[test]
fn broken_json_is_told_with_its_place() {
    let message = |text: &str| json(text).expect_err("broken").to_string();
    for (text, place) in [
        ("[{\"a\": 1},\n {\"a\": \"x", "line 2, byte 18"),
        ("[{\"a\": 1}", "byte 9"),
        ("[{\"a\": 01}]", "byte 7"),
        ("[{\"a\": 1.}]", "byte 7"),
        ("[{\"a\" 1}]", "byte 6"),
        ("[{\"a\": \"\\ud800\"}]", "byte 8"),
        ("[{\"a\": 1}] x", "byte 11"),
        ("[{\"a\": nul}]", "byte 7"),
        ("[{\"a\": \"\\", "byte 7"),
        ("[{\"a\": \"\\u12", "byte 7"),
    ] {
        let error = message(text);
        assert!(error.contains(place), "{text}: {error}");
    }
}

#[test]
fn the_place_of_a_mistake_is_that_of_the_published_bytes() {
    let text = "[{\"ä\": 1},\n {\"ä\": x}]";
    let mark = "\u{FEFF}";
    let wide: Vec<u8> = format!("{mark}{text}")
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    for (bytes, encoding, place) in [
        (text.as_bytes().to_vec(), Encoding::Utf8, "line 2, byte 20"),
        (
            format!("{mark}{text}").into_bytes(),
            Encoding::Utf8,
            "line 2, byte 23",
        ),
        (wide, Encoding::Utf16Le, "line 2, byte 38"),
    ] {
        let format = Format {
            encoding: Some(encoding),
            ..Format::new(Kind::Json)
        };
        let error = table(bytes, &format).expect_err("broken").to_string();
        assert!(error.starts_with(place), "{error}");
    }
}

#[test]
fn deep_nesting_is_an_error_and_no_overflow() {
    let deep = format!("[{{\"a\": {}}}]", "[".repeat(1_000_000));
    assert!(matches!(json(&deep), Err(ReadError::TooDeep { .. })));
}

#[test]
fn letters_destroyed_in_an_escape_are_found() {
    let error = json("[{\"a\": \"Tr\\ufffdger\"}]")
        .expect_err("destroyed")
        .to_string();
    assert!(error.contains("record 1, column 1"), "{error}");
}

#[test]
fn a_key_that_an_element_has_twice_is_a_problem() {
    let text = "[{\"a\": 1, \"b\": 2},\n {\"a\": 3, \"b\": 4, \"a\": 5, \"a\": 6}]";
    let mut tables = Collected::default();
    let format = Format::new(Kind::Json);
    let summary = read(&text.into(), &format, &Limits::default(), &mut tables).expect("a table");
    assert_eq!(summary.problems, 2);
    let [problem] = &tables.problems[..] else {
        panic!("{:?}", tables.problems);
    };
    assert_eq!(problem.rule, "key_twice");
    assert_eq!(
        problem.place.to_string(),
        "record 2, column 1, line 2, byte 20"
    );
}

#[test]
fn of_a_key_that_an_element_has_twice_the_last_value_counts() {
    for (text, rows) in [
        ("[{\"a\": null, \"a\": 1}]", "keys a\n1:1:1 |n 1|\n"),
        ("[{\"a\": 1, \"a\": null}]", "keys a\n1:1:1 |-|\n"),
        ("[{\"a\": null, \"a\": null}]", "keys a\n1:1:1 |-|\n"),
        (
            "[{\"a\": 1, \"b\": 2, \"\\u0061\": null},\n {\"b\": 3, \"a\": 4}]",
            "keys a,b\n1:1:1 |-|n 2|\n2:2:36 |n 4|n 3|\n",
        ),
        (
            "[{\"a\": 1, \"b\": 2, \"a\": null, \"a\": \"x\"}]",
            "keys a,b\n1:1:1 |x|n 2|\n",
        ),
    ] {
        let mut tables = Collected::default();
        let format = Format::new(Kind::Json);
        let summary = read(&text.into(), &format, &Limits::default(), &mut tables);
        assert!(summary.expect("a table").problems > 0, "{text}");
        assert_eq!(show(&tables), rows, "{text}");
        assert_eq!(tables.problems[0].rule, "key_twice", "{text}");
    }
}

#[test]
fn a_list_whose_key_is_there_twice_is_two_lists() {
    for text in [
        "{\"d\": [{\"a\": 1}], \"d\": null}",
        "{\"d\": 0, \"n\": 1, \"\\u0064\": [{\"a\": 1}]}",
    ] {
        let error = json(text).expect_err("two lists").to_string();
        assert!(
            error.contains("has the key of its array of objects twice"),
            "{text}: {error}"
        );
    }
    let others = "{\"n\": 1, \"n\": 2, \"d\": [{\"a\": 1}]}";
    assert_eq!(json(others).expect("a table"), "keys a\n1:1:23 |n 1|\n");
}

#[test]
fn a_document_that_says_of_its_list_that_it_goes_on_is_told() {
    let list = "[{\"a\": 1}, {\"a\": 2}]";
    let told = |around: &str| {
        let text = around.replace("LIST", list);
        let mut tables = Collected::default();
        let format = Format::new(Kind::Json);
        let summary = read(
            &text.clone().into(),
            &format,
            &Limits::default(),
            &mut tables,
        );
        let problems = summary.expect("a table").problems;
        assert_eq!(problems, tables.problems.len() as u64, "{text}");
        assert_eq!(tables.rows(), 2, "{text}");
        let rules = tables.problems.iter().map(|problem| &*problem.rule);
        assert!(
            rules.eq(vec!["file_partial"; tables.problems.len()]),
            "{text}"
        );
        let sheet = tables.sheets.pop();
        let more = sheet.map(|(info, _)| info.more).unwrap_or_default();
        (more, tables.problems.pop().map(|problem| problem.message))
    };
    for (around, name, number) in [
        ("{\"count\": 336, \"results\": LIST}", "count", 336),
        ("{\"results\": LIST, \"Antal\": \"3\"}", "antal", 3),
        (
            "{\"meta\": {\"total_count\": 3}, \"d\": LIST}",
            "totalcount",
            3,
        ),
    ] {
        let more = vec![(name.to_owned(), number)];
        assert_eq!(told(around), (more, None), "{around}");
    }
    // A sum beside a number of objects does not hide it.
    let both =
        "{\"count\": 336, \"total\": 2, \"meta\": {\"count\": 9000, \"total\": 700}, \"d\": LIST}";
    let more = [("count", 9000), ("total", 700), ("count", 336)];
    let more = more.map(|(name, number)| (name.to_owned(), number));
    assert_eq!(told(both), (more.to_vec(), None));
    for (around, part) in [
        (
            "{\"next\": \"https://example.org/?page=2\", \"d\": LIST}",
            "(next)",
        ),
        (
            "{\"_links\": {\"next\": {\"href\": \"?page=2\"}}, \"d\": LIST}",
            "(next)",
        ),
        ("{\"next\": {\"href\": \"?page=2\"}, \"d\": LIST}", "(next)"),
        ("{\"d\": LIST, \"has_more\": true}", "(hasmore)"),
        (
            "{\"properties\": {\"exceededTransferLimit\": true}, \"features\": LIST}",
            "(exceededtransferlimit)",
        ),
    ] {
        let (more, message) = told(around);
        assert!(more.is_empty(), "{around}");
        let message = message.expect(around);
        assert!(message.starts_with("2 objects stand in it, "), "{message}");
        assert!(message.contains(part), "{message}");
    }
    for around in [
        "LIST",
        "{\"count\": 2, \"next\": null, \"d\": LIST}",
        "{\"count\": 1, \"next\": \"\", \"has_more\": false, \"d\": LIST}",
        "{\"total\": 12345.60, \"next\": {}, \"page\": 7, \"d\": LIST}",
        "{\"count\": [9, 9], \"deep\": {\"er\": {\"count\": 9}}, \"d\": LIST}",
    ] {
        assert_eq!(told(around), (Vec::new(), None), "{around}");
    }
}

#[test]
fn an_escape_that_is_none_is_told_where_it_stands() {
    for (text, place) in [
        ("[{\"a\": \"x\\q\"}]", "byte 9"),
        ("[{\"a\\q\": 1}]", "byte 4"),
        (
            "[{\"a\": 1},\n {\"a\": [{\"b\": \"\\q\"}]}]",
            "line 2, byte 26",
        ),
        ("{\"n\": \"\\q\", \"d\": [{\"a\": 1}]}", "byte 7"),
        ("{\"\\q\": 1, \"d\": [{\"a\": 1}]}", "byte 2"),
        ("[{\"a\": \"\\u12x4\"}]", "byte 8"),
        ("[{\"a\": \"\\n\\u00\"}]", "byte 10"),
        ("[{\"a\": [\"\\ud83d\\u0041\"]}]", "byte 9"),
        ("[{\"a\": [\"\\udc00\"]}]", "byte 9"),
        ("[{\"a\": \"\\u0000\"}]", "byte 8"),
        ("[{\"a\": \"\\ä\"}]", "byte 8"),
        ("[{\"a\": \"\\\\\\\"}]", "byte 7"),
    ] {
        let error = json(text).expect_err("malformed").to_string();
        assert!(error.contains(place), "{text}: {error}");
    }
    let error = json("[{\"a\": \"\\x41\"}]")
        .expect_err("malformed")
        .to_string();
    assert!(
        error.contains("expected one of \\\" \\\\ \\/ \\b")
            && error.contains("four hexadecimal digits that make"),
        "{error}"
    );
    let sound = "[{\"a\": \"\\\" \\\\ \\/ \\t \\u00e4 \\ud83d\\ude00\"}]";
    assert_eq!(
        json(sound).expect("a table"),
        "keys a\n1:1:1 |\" \\ / \t ä 😀|\n"
    );
}

#[test]
fn a_key_is_no_longer_than_a_cell_may_be() {
    let text = format!("[{{\"{}\": 1}}]", "a".repeat(100));
    let limits = Limits {
        max_cell_bytes: 99,
        ..Limits::default()
    };
    let format = Format::new(Kind::Json);
    let error = read(&text.into(), &format, &limits, &mut Collected::default());
    assert!(
        matches!(error, Err(ReadError::CellTooLarge { limit: 99, .. })),
        "{error:?}"
    );
}
