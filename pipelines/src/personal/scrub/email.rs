//! E-mail addresses, also with "(at)" and "(dot)".

use std::ops::Range;

/// Spellings of "@" and of the dot that are meant to hide an address.
const ATS: [&str; 8] = ["@", "(at)", "[at]", "{at}", "(AT)", "[AT]", "<at>", "(a)"];
const DOTS: [&str; 8] = [
    ".", "(dot)", "[dot]", "(punkt)", "[punkt]", "(DOT)", "[DOT]", " dot ",
];

/// Places of addresses: a local part, an "@", and a domain with at least one dot. A name such as "net@work" has none.
pub(super) fn find(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for at in ATS {
        for (start, _) in text.match_indices(at) {
            let (before, after) = (&text[..start], &text[start + at.len()..]);
            let spaced = at != "@";
            let (Some(local), Some(domain)) = (local_part(before, spaced), domain(after, spaced))
            else {
                continue;
            };
            found.push(local..start + at.len() + domain);
        }
    }
    found
}

/// Where the local part that ends `before` begins.
fn local_part(before: &str, spaced: bool) -> Option<usize> {
    let trimmed = if spaced {
        before.trim_end_matches(' ')
    } else {
        before
    };
    let start = trimmed
        .rfind(|c: char| !(c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '%' | '\'')))
        .map_or(0, |at| {
            at + trimmed[at..].chars().next().map_or(1, char::len_utf8)
        });
    (start < trimmed.len()).then_some(start)
}

/// The length of the domain that begins `after`.
fn domain(after: &str, spaced: bool) -> Option<usize> {
    let mut rest = if spaced {
        after.trim_start_matches(' ')
    } else {
        after
    };
    let (mut dots, mut end) = (0, 0);
    loop {
        let label = rest
            .find(|c: char| !(c.is_alphanumeric() || c == '-'))
            .unwrap_or(rest.len());
        if label == 0 {
            break;
        }
        let last_has_letters = rest[..label].chars().any(char::is_alphabetic);
        rest = &rest[label..];
        if dots == 0 || (label >= 2 && last_has_letters) {
            end = after.len() - rest.len();
        } else {
            break;
        }
        let Some(dot) = DOTS.iter().find(|dot| rest.starts_with(**dot)).or_else(|| {
            DOTS.iter()
                .find(|dot| spaced && rest.trim_start().starts_with(**dot))
        }) else {
            break;
        };
        let next = rest.trim_start_matches(' ')[dot.trim_start().len()..]
            .trim_start_matches(|c| spaced && c == ' ');
        if !next.starts_with(char::is_alphanumeric) {
            break;
        }
        dots += 1;
        rest = next;
    }
    (dots > 0).then_some(end)
}
