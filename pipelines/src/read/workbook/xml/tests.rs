//! Parts as text in, events as text out.

use super::*;

/// Gives one byte a time, so that every token crosses a border.
struct Dribble<'a>(&'a [u8]);

impl Read for Dribble<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Some((first, rest)) = self.0.split_first() else {
            return Ok(0);
        };
        buffer[0] = *first;
        self.0 = rest;
        Ok(1)
    }
}

/// Bytes of a cell.
const LONGEST: usize = 64 << 10;

fn events(text: &str) -> Result<String, ReadError> {
    events_of(Dribble(text.as_bytes()))
}

fn events_of(source: impl Read) -> Result<String, ReadError> {
    let mut xml = Xml::new(source, "part".to_owned(), Kind::Xlsx, LONGEST);
    let (mut out, mut decoded) = (String::new(), String::new());
    loop {
        decoded.clear();
        let piece = match xml.next()? {
            Event::Start(tag) => {
                let attributes: Vec<_> = tag
                    .attributes()
                    .map(|(k, v)| format!(" {}={v}", String::from_utf8_lossy(k)))
                    .collect();
                format!(
                    "<{}{}>",
                    String::from_utf8_lossy(tag.name),
                    attributes.concat()
                )
            }
            Event::End(name) => format!("</{}>", String::from_utf8_lossy(name)),
            Event::Text(text) => {
                append_text(text, &mut decoded);
                decoded.clone()
            }
            Event::Plain(text) => format!("[{text}]"),
            Event::Eof => return Ok(out),
        };
        out.push_str(&piece);
    }
}

#[test]
fn elements_attributes_and_texts() {
    assert_eq!(
        events(
            "<?xml version='1.0' encoding=\"UTF-8\"?><!-- <x> --><a:b c = \"1>2\" d:e='\"'>x &amp;&#228;&#xe4;&nbsp;\r\n<f/><![CDATA[<&amp;]]></a:b >"
        ),
        Ok("<b c=1>2 d:e=\">x &ää&nbsp;\n<f></f>[<&amp;]</b>".to_owned())
    );
}

#[test]
fn what_workbooks_do_not_have_is_refused() {
    for text in [
        "<!DOCTYPE a [<!ENTITY b 'c'>]><a/>",
        "<a",
        "<a b='>",
        "<!-- x",
    ] {
        assert!(matches!(events(text), Err(ReadError::Xml { .. })), "{text}");
    }
}

#[test]
fn other_encodings_are_told_apart_from_damage() {
    for text in [
        &b"<?xml version='1.0' encoding='utf-16'?><a/>"[..],
        b"\xFF\xFE<\0a\0/\0>\0",
    ] {
        let error = events_of(text).expect_err("no UTF-8").to_string();
        assert!(error.contains("save the workbook again"), "{error}");
    }
}

#[test]
fn a_tag_or_text_without_end_is_refused_whatever_stands_in_it() {
    let endless = |head: &'static [u8]| {
        let noise = io::repeat(b'<').take(4 * LONGEST as u64);
        let error = events_of(head.chain(noise)).expect_err("endless");
        matches!(error, ReadError::CellTooLarge { limit: LONGEST, .. })
    };
    assert!(endless(b"<a b='"));
    assert!(endless(b"<![CDATA["));
    assert!(endless(b"<?"));
}

#[test]
fn comments_may_be_long_and_are_not_kept() {
    let long = io::repeat(b'<').take(4 * LONGEST as u64);
    let (head, end): (&[u8], &[u8]) = (b"<a><!--", b"--><!----></a>");
    assert_eq!(
        events_of(head.chain(long).chain(end)),
        Ok("<a></a>".to_owned())
    );
}

#[test]
fn brackets_in_a_value_are_looked_at_once() {
    let value = ">".repeat(LONGEST);
    let text = format!("<a b=\"{value}\" c='\"'/>");
    assert_eq!(
        events_of(text.as_bytes()),
        Ok(format!("<a b={value} c=\"></a>"))
    );
}
