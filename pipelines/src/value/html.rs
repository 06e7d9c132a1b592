//! Cells that hold HTML: tags out, character references decoded. Pages are read elsewhere; this is for cells of lists.

use std::borrow::Cow;

use memchr::memchr2;

use super::text::clean_text;

/// Elements that begin a new line.
const BLOCKS: [&str; 18] = [
    "p", "br", "div", "li", "ul", "ol", "tr", "td", "th", "table", "h1", "h2", "h3", "h4", "h5",
    "h6", "hr", "dd",
];

/// Text of a cell that may hold HTML, cleaned; `None` if nothing is left. Costs a search when there is none.
pub fn clean_html(text: &str) -> Option<Cow<'_, str>> {
    match strip_html(text) {
        Cow::Borrowed(plain) => clean_text(plain),
        Cow::Owned(plain) => clean_text(&plain).map(|clean| Cow::Owned(clean.into_owned())),
    }
}

/// Leaves out tags and comments, and decodes character references such as `&auml;`, `&#8211;`, `&#x2013;`.
///
/// Elements that begin a line become a line end, so that [`clean_text`] makes them a blank. What only looks like HTML
/// ("a < b", "R&D") stays as it is.
pub fn strip_html(text: &str) -> Cow<'_, str> {
    let bytes = text.as_bytes();
    let Some(first) = memchr2(b'<', b'&', bytes) else {
        return Cow::Borrowed(text);
    };
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    let mut next = Some(first);
    let mut changed = false;
    let mut unclosed = Unclosed::default();
    while let Some(mark) = next {
        out.push_str(&text[at..mark]);
        at = mark;
        let rest = &text[mark..];
        if let Some(length) = comment(rest, &mut unclosed).or_else(|| hidden(rest, &mut unclosed)) {
            at += length;
        } else if let Some((length, block)) = tag(rest) {
            if block {
                out.push('\n');
            }
            at += length;
        } else if let Some((length, character)) = reference(rest) {
            out.push(character);
            at += length;
        } else {
            out.push_str(&rest[..1]);
            at += 1;
        }
        changed |= at > mark + 1;
        next = memchr2(b'<', b'&', &bytes[at..]).map(|offset| at + offset);
    }
    if !changed {
        return Cow::Borrowed(text);
    }
    out.push_str(&text[at..]);
    Cow::Owned(out)
}

/// Decodes character references wherever they stand, also inside of tags and scripts, and leaves all else as it is.
pub(crate) fn decode_references(text: &str) -> Cow<'_, str> {
    let mut decoded = String::new();
    let (mut kept, mut at) = (0, 0);
    while let Some(offset) = memchr::memchr(b'&', &text.as_bytes()[at..]) {
        let mark = at + offset;
        if let Some((length, character)) = reference(&text[mark..]) {
            decoded.push_str(&text[kept..mark]);
            decoded.push(character);
            kept = mark + length;
            at = kept;
        } else {
            at = mark + 1;
        }
    }
    if kept == 0 {
        return Cow::Borrowed(text);
    }
    decoded.push_str(&text[kept..]);
    Cow::Owned(decoded)
}

/// What nothing closes behind the present place. It is looked for once: a cell of nothing but opening marks would
/// otherwise be searched to its end from each of them.
#[derive(Default)]
struct Unclosed {
    comment: bool,
    hidden: [bool; 2],
}

fn comment(text: &str, unclosed: &mut Unclosed) -> Option<usize> {
    let body = text.strip_prefix("<!--").filter(|_| !unclosed.comment)?;
    let end = body.find("-->");
    unclosed.comment = end.is_none();
    end.map(|end| end + 7)
}

/// Scripts and styles with what is in them.
fn hidden(text: &str, unclosed: &mut Unclosed) -> Option<usize> {
    let elements = [("<script", "</script"), ("<style", "</style")];
    for ((open, close), unclosed) in elements.into_iter().zip(&mut unclosed.hidden) {
        let head = text.as_bytes().get(..open.len());
        if !*unclosed && head.is_some_and(|head| head.eq_ignore_ascii_case(open.as_bytes())) {
            let mut windows = text.as_bytes().windows(close.len());
            let end = windows
                .position(|window| window.eq_ignore_ascii_case(close.as_bytes()))
                .and_then(|end| text[end..].find('>').map(|tail| end + tail + 1));
            *unclosed = end.is_none();
            return end;
        }
    }
    None
}

/// The length of the tag at the start of `text`, and whether it begins a line.
fn tag(text: &str) -> Option<(usize, bool)> {
    let body = text.strip_prefix('<')?;
    let name_start = usize::from(body.starts_with('/'));
    let after = &body[name_start..];
    if !after.starts_with(|c: char| c.is_ascii_alphabetic()) && !body.starts_with("!DOCTYPE") {
        return None;
    }
    let name = after
        .split(|c: char| !c.is_ascii_alphanumeric())
        .next()
        .unwrap_or_default();
    // "<info@example.org>" in an address line is no tag, and neither is an opening mark that nothing closes.
    let ends_name = after[name.len()..]
        .starts_with(|c: char| matches!(c, '>' | '/') || c.is_ascii_whitespace());
    let end = body
        .find(['>', '<'])
        .filter(|end| body.as_bytes()[*end] == b'>')?;
    let block = BLOCKS.iter().any(|known| known.eq_ignore_ascii_case(name));
    ends_name.then_some((end + 2, block))
}

/// The length of the character reference at the start of `text`, and its character.
fn reference(text: &str) -> Option<(usize, char)> {
    const NAMED: &[(&str, char)] = &[
        ("amp", '&'),
        ("lt", '<'),
        ("gt", '>'),
        ("quot", '"'),
        ("apos", '\''),
        ("nbsp", '\u{A0}'),
        ("shy", '\u{AD}'),
        ("auml", 'ä'),
        ("ouml", 'ö'),
        ("uuml", 'ü'),
        ("Auml", 'Ä'),
        ("Ouml", 'Ö'),
        ("Uuml", 'Ü'),
        ("szlig", 'ß'),
        ("aring", 'å'),
        ("Aring", 'Å'),
        ("eacute", 'é'),
        ("Eacute", 'É'),
        ("egrave", 'è'),
        ("agrave", 'à'),
        ("aacute", 'á'),
        ("ccedil", 'ç'),
        ("oslash", 'ø'),
        ("aelig", 'æ'),
        ("Agrave", 'À'),
        ("Aacute", 'Á'),
        ("Acirc", 'Â'),
        ("acirc", 'â'),
        ("Atilde", 'Ã'),
        ("atilde", 'ã'),
        ("AElig", 'Æ'),
        ("Ccedil", 'Ç'),
        ("Egrave", 'È'),
        ("Ecirc", 'Ê'),
        ("ecirc", 'ê'),
        ("Euml", 'Ë'),
        ("euml", 'ë'),
        ("Igrave", 'Ì'),
        ("igrave", 'ì'),
        ("Iacute", 'Í'),
        ("iacute", 'í'),
        ("Icirc", 'Î'),
        ("icirc", 'î'),
        ("Iuml", 'Ï'),
        ("iuml", 'ï'),
        ("ETH", 'Ð'),
        ("eth", 'ð'),
        ("Ntilde", 'Ñ'),
        ("ntilde", 'ñ'),
        ("Ograve", 'Ò'),
        ("ograve", 'ò'),
        ("Oacute", 'Ó'),
        ("oacute", 'ó'),
        ("Ocirc", 'Ô'),
        ("ocirc", 'ô'),
        ("Otilde", 'Õ'),
        ("otilde", 'õ'),
        ("Oslash", 'Ø'),
        ("Ugrave", 'Ù'),
        ("ugrave", 'ù'),
        ("Uacute", 'Ú'),
        ("uacute", 'ú'),
        ("Ucirc", 'Û'),
        ("ucirc", 'û'),
        ("Yacute", 'Ý'),
        ("yacute", 'ý'),
        ("THORN", 'Þ'),
        ("thorn", 'þ'),
        ("yuml", 'ÿ'),
        ("OElig", 'Œ'),
        ("oelig", 'œ'),
        ("Scaron", 'Š'),
        ("scaron", 'š'),
        ("Zcaron", 'Ž'),
        ("zcaron", 'ž'),
        ("Ccaron", 'Č'),
        ("ccaron", 'č'),
        ("Rcaron", 'Ř'),
        ("rcaron", 'ř'),
        ("ecaron", 'ě'),
        ("uring", 'ů'),
        ("Lstrok", 'Ł'),
        ("lstrok", 'ł'),
        ("aogon", 'ą'),
        ("eogon", 'ę'),
        ("Cacute", 'Ć'),
        ("cacute", 'ć'),
        ("nacute", 'ń'),
        ("Sacute", 'Ś'),
        ("sacute", 'ś'),
        ("zacute", 'ź'),
        ("Zdot", 'Ż'),
        ("zdot", 'ż'),
        ("Dstrok", 'Đ'),
        ("dstrok", 'đ'),
        ("Scedil", 'Ş'),
        ("scedil", 'ş'),
        ("gbreve", 'ğ'),
        ("Idot", 'İ'),
        ("inodot", 'ı'),
        ("odblac", 'ő'),
        ("udblac", 'ű'),
        ("euro", '€'),
        ("sect", '§'),
        ("deg", '°'),
        ("middot", '·'),
        ("laquo", '«'),
        ("raquo", '»'),
        ("copy", '©'),
        ("reg", '®'),
        ("ndash", '–'),
        ("mdash", '—'),
        ("hellip", '…'),
        ("bull", '•'),
        ("lsquo", '‘'),
        ("rsquo", '’'),
        ("sbquo", '‚'),
        ("ldquo", '“'),
        ("rdquo", '”'),
        ("bdquo", '„'),
        ("thinsp", '\u{2009}'),
        ("ensp", '\u{2002}'),
        ("emsp", '\u{2003}'),
        ("trade", '™'),
        ("times", '×'),
    ];
    let body = text.strip_prefix('&')?;
    let length = body.bytes().take(10).position(|b| b == b';')?;
    let name = &body[..length];
    let character = match name.strip_prefix('#') {
        Some(number) => {
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(windows_character(code))?
        }
        None => NAMED.iter().find(|(known, _)| *known == name)?.1,
    };
    Some((length + 2, character))
}

/// Numeric references to the C1 range mean the Windows-1252 character, as browsers read them.
fn windows_character(code: u32) -> u32 {
    if !(0x80..0xA0).contains(&code) {
        return code;
    }
    let byte = [code as u8];
    let (text, _) = encoding_rs::WINDOWS_1252.decode_without_bom_handling(&byte);
    text.chars().next().map_or(code, u32::from)
}
