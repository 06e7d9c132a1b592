//! Texts of an `.xlsx`: the shared ones, and how characters are escaped in them.

use std::io::Read;

use super::super::error::ReadError;
use super::super::grid::Strings;
use super::super::limits::Limits;
use super::xml::{Event, Xml, append_text};

/// Reads the shared texts. Runs of rich text are put together; pronunciation aids (`rPh`) are left out. What the part
/// says about its number of texts is ignored.
pub(super) fn read<R: Read>(mut xml: Xml<R>, limits: &Limits) -> Result<Strings, ReadError> {
    let mut strings = Strings::default();
    let mut text = String::new();
    let (mut in_text, mut in_aid) = (false, false);
    loop {
        match xml.next()? {
            Event::Start(e) => match e.name {
                b"si" => text.clear(),
                b"rPh" => in_aid = true,
                b"t" => in_text = !in_aid,
                _ => {}
            },
            Event::End(name) => match name {
                b"si" => {
                    unescape(&mut text);
                    strings.push(&text, limits)?;
                }
                b"rPh" => in_aid = false,
                b"t" => in_text = false,
                _ => {}
            },
            Event::Text(t) if in_text => append_text(t, &mut text),
            Event::Plain(t) if in_text => text.push_str(t),
            Event::Eof => return Ok(strings),
            _ => {}
        }
        if text.len() > limits.max_cell_bytes {
            return Err(xml.too_long());
        }
    }
}

/// Resolves `_x000D_`, the way in which these files write characters that XML cannot hold (ECMA-376 part 1, 22.9.2.19).
pub(super) fn unescape(text: &mut String) {
    if !text.contains("_x") {
        return;
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(at) = rest.find("_x") {
        let code = rest
            .get(at + 2..at + 6)
            .filter(|_| rest.as_bytes().get(at + 6) == Some(&b'_'));
        let code = code.filter(|code| code.bytes().all(|b| b.is_ascii_hexdigit()));
        let c = code
            .and_then(|code| u32::from_str_radix(code, 16).ok())
            .and_then(char::from_u32)
            .filter(|c| *c != '\0');
        out.push_str(&rest[..at]);
        if let Some(c) = c {
            out.push(c);
            rest = &rest[at + 7..];
        } else {
            out.push_str("_x");
            rest = &rest[at + 2..];
        }
    }
    out.push_str(rest);
    *text = out;
}

#[cfg(test)]
mod tests {
    #[test]
    fn escapes_are_resolved() {
        for (written, meant) in [
            ("a_x000D_\nb", "a\r\nb"),
            ("_x005F_x000D_", "_x000D_"),
            ("max_xyz_", "max_xyz_"),
            ("_x00", "_x00"),
        ] {
            let mut text = written.to_owned();
            super::unescape(&mut text);
            assert_eq!(text, meant);
        }
    }
}
