//! Codes of intervention fields, objectives and the like, with or without their label in the same cell.

use super::ValueError;
use super::text::trim;

/// A code and a label, of which a cell has at least one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CodeLabel<'a> {
    /// The code as published, with its leading zeros: `016`.
    pub code: Option<&'a str>,
    /// The label, or the whole cell if it has no code.
    pub label: Option<&'a str>,
}

/// Reads a code cell. Empty text has neither code nor label.
///
/// `106`, `104.0` (a number that went through a spreadsheet), `109.`, `A 5.1` and `ESO4.6` are codes; `117 - Förderung …` is a
/// code and a label; anything else is a label. Fails for several codes such as `106/109`.
pub fn parse_code(text: &str) -> Result<CodeLabel<'_>, ValueError> {
    let text = trim(text);
    if text.is_empty() {
        return Ok(CodeLabel {
            code: None,
            label: None,
        });
    }
    let only_label = CodeLabel {
        code: None,
        label: Some(text),
    };
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    if digits == 0 {
        let (code, rest) = text.split_at(lettered_code(text));
        return Ok(if code.is_empty() {
            only_label
        } else {
            with_label(code, rest, false).unwrap_or(only_label)
        });
    }
    let (code, rest) = text.split_at(digits);
    if several(rest) {
        return Err(ValueError::SeveralCodes);
    }
    // "104.0" lost its shape in a spreadsheet; "A 5.1"-like dotted codes keep their parts ("1.2.1").
    let rest = match rest.strip_prefix(".0") {
        Some(tail) if !tail.starts_with(|c: char| c.is_ascii_digit()) && dotted_tail(tail) == 0 => {
            tail
        }
        _ => rest,
    };
    let dotted = dotted_tail(rest);
    let (code, rest) = if dotted > 0 {
        text.split_at(digits + dotted)
    } else {
        (code, rest)
    };
    let rest = rest.strip_prefix('.').unwrap_or(rest);
    // Three digits or a leading zero look like a code even before a plain blank; "50 Plus" is a label.
    let coded = digits == 3 || code.starts_with('0');
    Ok(with_label(code, rest, coded).unwrap_or(only_label))
}

/// Divides what follows a code: nothing, or a mark and the label.
fn with_label<'a>(code: &'a str, rest: &'a str, blank_divides: bool) -> Option<CodeLabel<'a>> {
    let label = rest.trim_start();
    if label.is_empty() {
        return Some(CodeLabel {
            code: Some(code),
            label: None,
        });
    }
    let unmarked = label
        .trim_start_matches(['-', '\u{2013}', '\u{2014}', ':', ')', ',', ';'])
        .trim_start();
    let marked = unmarked.len() < label.len();
    // "3-jährig" and "100-prozentig" are words: a hyphen divides only beside a blank.
    let glued_hyphen = rest.starts_with('-') && !rest[1..].starts_with(char::is_whitespace);
    let divided =
        (marked && !glued_hyphen) || (blank_divides && rest.starts_with(char::is_whitespace));
    (divided && !unmarked.is_empty()).then_some(CodeLabel {
        code: Some(code),
        label: Some(unmarked),
    })
}

/// Bytes of a code that begins with letters: up to five capitals, perhaps a blank, digits with dots, perhaps a letter.
fn lettered_code(text: &str) -> usize {
    let bytes = text.as_bytes();
    let letters = bytes.iter().take_while(|b| b.is_ascii_uppercase()).count();
    let blank = usize::from(bytes.get(letters) == Some(&b' '));
    let number = &bytes[letters + blank..];
    let digits = number.iter().take_while(|b| b.is_ascii_digit()).count();
    if !(1..=5).contains(&letters) || !(1..=3).contains(&digits) {
        return 0;
    }
    let dotted = dotted_tail(&text[letters + blank + digits..]);
    // With a blank between ("EU 2020", "LEADER 3") only a dotted number makes a code.
    if blank == 1 && dotted == 0 {
        return 0;
    }
    let mut end = letters + blank + digits + dotted;
    if bytes.get(end).is_some_and(u8::is_ascii_alphabetic)
        && !bytes.get(end + 1).is_some_and(u8::is_ascii_alphanumeric)
    {
        end += 1;
    }
    if text[end..].starts_with(char::is_alphanumeric) {
        0
    } else {
        end
    }
}

/// Bytes of `.1` or `.1.2` at the start of `text`.
fn dotted_tail(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut end = 0;
    while bytes.get(end) == Some(&b'.') {
        let digits = bytes[end + 1..]
            .iter()
            .take_while(|b| b.is_ascii_digit())
            .count();
        if digits == 0 || digits > 2 {
            break;
        }
        end += 1 + digits;
    }
    end
}

/// Whether the rest of a cell goes on with further codes: `106/109/110`, `106, 109`, `106; 109`.
fn several(rest: &str) -> bool {
    let divided = rest
        .trim_start()
        .strip_prefix(['/', ',', ';', '+', '&'])
        .map(str::trim_start);
    divided.is_some_and(|next| next.starts_with(|c: char| c.is_ascii_digit()))
}
