//! Markup to a tree, within bounds.
//!
//! The parser takes time with the square of the depth and of the attributes of a tag, and builds elements that nobody
//! wrote where a page leaves some open. Which end tag closes what is its knowledge alone, so tags are not counted
//! beforehand: it gets the page piece by piece, and what it has built is looked at between two pieces. Only within a
//! tag it cannot be stopped; attributes are counted before.

use html5ever::driver::{ParseOpts, parse_document};
use html5ever::tendril::{StrTendril, TendrilSink};
use scraper::{Html, HtmlTreeSink};

use super::error::PageError;
use super::text::Source;

/// Deepest nesting of the tree.
const MAX_DEPTH: usize = 1_000;
/// Most elements, texts and comments of a page.
pub(super) const MAX_NODES: usize = 200_000;
/// Most attributes of a tag.
const MAX_ATTRIBUTES: usize = 1_000;
/// Bytes that the parser gets at once.
const PIECE: usize = 1 << 10;
/// Elements whose content is no markup, and full of what looks like tags.
const RAW: [&str; 2] = ["script", "style"];

/// Parses a page.
///
/// # Errors
/// When it nests too deep, has too many elements, or a tag with too many attributes.
pub(super) fn parse(source: &Source) -> Result<Html, PageError> {
    check_attributes(source)?;
    let sink = HtmlTreeSink::new(Html::new_document());
    let mut parser = parse_document(sink, ParseOpts::default());
    let (mut at, mut looked_at) = (0, 0);
    while at < source.text.len() {
        let end = piece_end(&source.text, at);
        parser.process(StrTendril::from(&source.text[at..end]));
        at = end;
        let html = parser.tokenizer.sink.sink.0.borrow();
        let nodes = html.tree.nodes();
        let built = nodes.len();
        if built > MAX_NODES {
            return Err(PageError::TooManyNodes {
                line: source.place(at).line,
                limit: MAX_NODES,
            });
        }
        let mut new = nodes.rev().take(built - looked_at);
        if new.any(|node| node.ancestors().take(MAX_DEPTH + 1).count() > MAX_DEPTH) {
            return Err(PageError::TooDeep {
                line: source.place(at).line,
                limit: MAX_DEPTH,
            });
        }
        looked_at = built;
    }
    Ok(parser.finish())
}

fn piece_end(text: &str, from: usize) -> usize {
    let mut end = text.len().min(from + PIECE);
    while !text.is_char_boundary(end) {
        end += 1;
    }
    end
}

/// Refuses a tag with too many attributes.
fn check_attributes(source: &Source) -> Result<(), PageError> {
    let text = source.text.as_str();
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(found) = memchr::memchr(b'<', &bytes[at..]) {
        let open = at + found;
        let behind = &text[open + 1..];
        let name = behind.trim_start_matches('/');
        if let Some(comment) = behind.strip_prefix("!--") {
            let length = comment.find("-->").unwrap_or(comment.len());
            at = text.len() - comment.len() + length;
        } else if name.starts_with(|c: char| c.is_ascii_alphabetic()) {
            let (end, attributes) = tag(bytes, text.len() - name.len());
            if attributes > MAX_ATTRIBUTES {
                return Err(PageError::TooManyAttributes {
                    line: source.place(open).line,
                    limit: MAX_ATTRIBUTES,
                });
            }
            at = raw(behind).map_or(end, |name| raw_end(bytes, end, name));
        } else {
            at = open + 1;
        }
    }
    Ok(())
}

/// The name behind an opening bracket, if its element has no markup in it.
fn raw(behind: &str) -> Option<&'static str> {
    RAW.into_iter().find(|name| {
        let begins = behind.get(..name.len());
        let ends = behind[begins.map_or(0, str::len)..]
            .starts_with([' ', '\t', '\n', '\r', '\x0C', '/', '>']);
        ends && begins.is_some_and(|found| found.eq_ignore_ascii_case(name))
    })
}

/// Where the content of an element without markup ends.
fn raw_end(bytes: &[u8], from: usize, name: &str) -> usize {
    let mut at = from;
    while let Some(found) = memchr::memmem::find(&bytes[at..], b"</") {
        at += found + 2;
        let end = bytes.get(at..at + name.len());
        if end.is_some_and(|end| end.eq_ignore_ascii_case(name.as_bytes())) {
            return at;
        }
    }
    bytes.len()
}

/// Where a tag ends whose name begins at `from`, and its number of attributes.
fn tag(bytes: &[u8], from: usize) -> (usize, usize) {
    let blank = |byte: u8| byte.is_ascii_whitespace();
    let skip = |from: usize, over: &dyn Fn(u8) -> bool| {
        let rest = bytes.get(from..).unwrap_or_default();
        from + rest.iter().take_while(|byte| over(**byte)).count()
    };
    let mut at = skip(from, &|byte| !blank(byte) && !matches!(byte, b'/' | b'>'));
    let mut attributes = 0;
    loop {
        at = skip(at, &|byte| blank(byte) || byte == b'/');
        match bytes.get(at) {
            None => return (bytes.len(), attributes),
            Some(b'>') => return (at + 1, attributes),
            Some(_) => attributes += 1,
        }
        // A name may begin with the sign that ends it elsewhere.
        at = skip(at + 1, &|byte| {
            !blank(byte) && !matches!(byte, b'/' | b'>' | b'=')
        });
        let value = skip(at, &blank);
        if bytes.get(value) != Some(&b'=') {
            continue;
        }
        let value = skip(value + 1, &blank);
        at = match bytes.get(value) {
            Some(quote @ (b'"' | b'\'')) => skip(value + 1, &|byte| byte != *quote) + 1,
            _ => skip(value, &|byte| !blank(byte) && byte != b'>'),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(page: &str) -> Result<Html, PageError> {
        parse(&Source::decode(page.as_bytes()).unwrap())
    }

    #[test]
    fn pieces_give_the_tree_of_the_whole() {
        let text = "Träger &amp; Straße<br>\r\n<b>zwei</b> <i a='>'>drei</i> ".repeat(400);
        let page =
            format!("<!DOCTYPE html><html><body><p>{text}<table><tr><td>{text}</table></html>");
        assert_eq!(
            parsed(&page).unwrap().tree,
            Html::parse_document(&page).tree
        );
    }

    #[test]
    fn what_nests_in_truth_is_refused_whatever_its_tags_look_like() {
        let cases = [
            "<div></x>",
            "<div><!--</div>-->",
            "<div><object></div>",
            "<div title='</div>'>",
            "<div><script></div></script>",
        ];
        for unit in cases {
            let page = format!("<html>{}", unit.repeat(3_000));
            let refused = parsed(&page);
            assert!(matches!(refused, Err(PageError::TooDeep { .. })), "{unit}");
        }
        let rebuilt: Vec<String> = (0..3_000).map(|n| format!("<p><b id=a{n}></x>")).collect();
        assert!(parsed(&format!("<html>{}", rebuilt.concat())).is_err());
    }

    #[test]
    fn what_only_looks_as_if_it_nested_is_read() {
        for unit in [
            "<script>document.write('<div>')</script>",
            "<!-- <div> -->",
            "<div/></div>",
        ] {
            assert!(
                parsed(&format!("<html>{}", unit.repeat(3_000))).is_ok(),
                "{unit}"
            );
        }
    }

    #[test]
    fn a_page_of_nothing_but_elements_is_refused() {
        let refused = parsed(&format!("<html>\n{}", "<p>x</p>".repeat(150_000)));
        assert!(matches!(
            refused,
            Err(PageError::TooManyNodes { line: 2, .. })
        ));
    }

    #[test]
    fn attributes_are_counted_where_they_are_some() {
        let attributes: Vec<String> = (0..2_000).map(|n| format!(" a{n}=1")).collect();
        let attributes = attributes.concat();
        for page in [
            format!("<html>\n<div{attributes}>x"),
            format!("<html>\n</div{attributes}>x"),
            format!("<html><script>if (a<b) {{}}</script>\n<div title='>'{attributes}"),
        ] {
            let refused = parsed(&page);
            assert!(
                matches!(refused, Err(PageError::TooManyAttributes { line: 2, .. })),
                "{page}"
            );
        }
        let words = "wort ".repeat(2_000);
        for page in [
            format!("<html><div title=\"{words}\">x</div>"),
            format!("<html><!-- <div {words}> -->x"),
            format!("<html><script>if (a<b {words}) {{}}</script>x"),
        ] {
            assert!(parsed(&page).is_ok(), "{page}");
        }
    }
}
