//! Marks of footnotes behind an amount: `1.000,10 *`, `1.000,10¹`, `1.000,10 1)`.
//!
//! Owns which signs can be nothing but such a mark. Digits count only behind a blank and before a bracket, so that none
//! of the amount's own is ever taken off; what is left must still be an amount by itself.

use super::text::trim;

/// Most digits of a number of a footnote.
const LONGEST: usize = 2;

/// The text before a mark of a footnote, and the mark; nothing where there is none.
///
/// ```
/// use esf_pipelines::value::footnote;
/// assert_eq!(footnote("1.000,10 2)"), Some(("1.000,10", "2)")));
/// assert_eq!(footnote("1.000,102)"), None);
/// ```
pub fn footnote(text: &str) -> Option<(&str, &str)> {
    let text = trim(text);
    // Nearly all amounts end with a digit.
    if text.ends_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let inner = text.strip_suffix(')').unwrap_or(text);
    let is_closed = inner.len() < text.len();
    let mut rest = inner.trim_end_matches(is_sign);
    let mut needs_blank = false;
    if rest.len() == inner.len() {
        rest = inner.trim_end_matches(|c: char| c.is_ascii_digit());
        needs_blank = true;
        if !is_closed || !(1..=LONGEST).contains(&(inner.len() - rest.len())) {
            return None;
        }
    }
    if is_closed {
        rest = rest.strip_suffix('(').unwrap_or(rest);
    }
    if needs_blank && !rest.ends_with(char::is_whitespace) {
        return None;
    }
    let rest = rest.trim_end();
    let has_digit = rest.contains(|c: char| c.is_ascii_digit());
    has_digit.then(|| (rest, text[rest.len()..].trim_start()))
}

/// A star, a dagger, or a raised figure.
fn is_sign(c: char) -> bool {
    matches!(
        c,
        '*' | '\u{2020}' | '\u{2021}' | '\u{b9}' | '\u{b2}' | '\u{b3}' | '\u{2070}' | '\u{2074}'
            ..='\u{2079}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_can_be_nothing_else_is_the_mark_of_a_footnote() {
        for (text, expected) in [
            ("1.000,10*", Some(("1.000,10", "*"))),
            ("1.000,10 **", Some(("1.000,10", "**"))),
            ("1.000,10 *)", Some(("1.000,10", "*)"))),
            ("1.000,10 (*)", Some(("1.000,10", "(*)"))),
            ("1 000 kr\u{b9}\u{b2}", Some(("1 000 kr", "\u{b9}\u{b2}"))),
            ("1.000,10 \u{2020}", Some(("1.000,10", "\u{2020}"))),
            ("1.000,10 1)", Some(("1.000,10", "1)"))),
            ("1.000,10 (12)", Some(("1.000,10", "(12)"))),
            ("1.000,10", None),
            ("1.000,101)", None),
            ("1.000,10 100)", None),
            ("(1.000)", None),
            ("( 12)", None),
            ("*", None),
            ("1)", None),
            ("ca. 1.000", None),
            ("1.000 a)", None),
        ] {
            assert_eq!(footnote(text), expected, "{text:?}");
        }
    }
}
