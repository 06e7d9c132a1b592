//! Postcodes and the cells that hold them: the normal form of German and Swedish codes, and the split of a cell such
//! as "D-67547 Worms" or "04600 Altenburg, Thür" into its parts. Says nothing about where a postcode lies.

use super::country::parse_country;

/// The parts of a published location.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Location {
    /// Postcode as digits without blanks; other countries' as published.
    pub postcode: Option<String>,
    /// What stands behind the postcode, or the whole text if there is none.
    pub place: Option<String>,
    /// ISO code of the country, where a prefix (`D-`, `CH-`) or the form of the code (`1234 AB`) tells it.
    pub country: Option<&'static str>,
}

/// Words by which lists say that a location is not known or not one, folded as in [`is_nothing`].
const NOTHING: &[&str] = &[
    "oa",
    "ka",
    "na",
    "nn",
    "keineangabe",
    "keineangaben",
    "ohneangabe",
    "ohne",
    "diverse",
    "divers",
    "verschiedene",
    "unbekannt",
    "entfaellt",
    "entfällt",
    "uppgiftsaknas",
    "saknas",
    "okänd",
    "okänt",
    "unknown",
    "none",
    "null",
    "x",
];

/// Whether a cell says that there is nothing: empty, dashes, "o.A.", "k. A.", "UPPGIFT SAKNAS".
pub(super) fn is_nothing(text: &str) -> bool {
    let mut word = String::new();
    for sign in text.chars().filter(|c| c.is_alphanumeric()).take(20) {
        word.extend(sign.to_lowercase());
    }
    word.is_empty() || word.bytes().all(|b| b == b'0') || NOTHING.contains(&word.as_str())
}

/// The five digits of a postcode of `iso2` (`DE`, `SE`), from "100 04", "SE-100 04", "D-67547", "4103" (a leading zero
/// lost to a spreadsheet, Germany only), "4103.0". `None` if the text is no postcode of that country.
pub fn normalise_postcode(iso2: &str, text: &str) -> Option<String> {
    let location = split_location(text);
    if location.place.is_some() || location.country.is_some_and(|c| c != iso2) {
        return None;
    }
    complete(iso2, &location.postcode?)
}

/// Five digits from the digits of a cell; four become five in Germany, whose codes begin with 0 in the east.
pub(super) fn complete(iso2: &str, digits: &str) -> Option<String> {
    if !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    match (iso2, digits.len()) {
        (_, 5) => Some(digits.to_owned()),
        ("DE", 4) => Some(format!("0{digits}")),
        _ => None,
    }
}

/// The number of a complete postcode, the key of the tables.
pub(super) fn zip_number(iso2: &str, text: &str) -> Option<u32> {
    let mut digits = String::with_capacity(5);
    digits.extend(text.chars().filter(char::is_ascii_digit));
    complete(iso2, &digits)?.parse().ok()
}

/// Splits a cell into country sign, postcode and place. Text without a postcode is all place; "o.A." is nothing.
pub fn split_location(text: &str) -> Location {
    let text = text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '\u{a0}' | ',' | ';'));
    if is_nothing(text) {
        return Location::default();
    }
    let (country, rest) = split_sign(text);
    let Some((digits, after)) = leading_code(rest) else {
        // "Worms, 67547" and "Worms (67547)": the code behind the place.
        if let Some((place, digits)) = trailing_code(text) {
            return Location {
                postcode: Some(digits),
                place: Some(place.to_owned()),
                country: None,
            };
        }
        return Location {
            postcode: None,
            place: Some(text.to_owned()),
            country: None,
        };
    };
    let (country, digits, after) = dutch(country, digits, after);
    let place = after.trim_matches(|c: char| {
        c.is_whitespace() || matches!(c, '\u{a0}' | ',' | ';' | '-' | '/' | '(' | ')')
    });
    Location {
        postcode: Some(digits),
        place: (!place.is_empty()).then(|| place.to_owned()),
        country,
    }
}

/// "D-", "DE ", "SE-", "CH-" before digits.
fn split_sign(text: &str) -> (Option<&'static str>, &str) {
    let letters = text.bytes().take_while(u8::is_ascii_alphabetic).count();
    if !(1..=3).contains(&letters) {
        return (None, text);
    }
    let rest = text[letters..]
        .trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '-' | '–' | '\u{a0}'));
    let known = rest
        .starts_with(|c: char| c.is_ascii_digit())
        .then(|| parse_country(&text[..letters]))
        .flatten();
    known.map_or((None, text), |country| (Some(country.iso2), rest))
}

/// Digits at the beginning: five, "100 04", or four; a number read from a sheet may end in ".0".
fn leading_code(text: &str) -> Option<(String, &str)> {
    let n = text.bytes().take_while(u8::is_ascii_digit).count();
    let rest = &text[n..];
    if n == 3 {
        let tail = rest.strip_prefix([' ', '\u{a0}'])?;
        let two = tail.bytes().take_while(u8::is_ascii_digit).count();
        return (two == 2 && ends(&tail[2..]))
            .then(|| (format!("{}{}", &text[..3], &tail[..2]), &tail[2..]));
    }
    let rest = rest.strip_prefix(".0").unwrap_or(rest);
    ((4..=5).contains(&n) && ends(rest)).then(|| (text[..n].to_owned(), rest))
}

/// Five digits at the end, behind a comma, a blank or in brackets.
fn trailing_code(text: &str) -> Option<(&str, String)> {
    let core = text.trim_end_matches(')');
    let split = core.len() - core.bytes().rev().take_while(u8::is_ascii_digit).count();
    let (place, digits) = core.split_at(split);
    let place = place.trim_end_matches(|c: char| c.is_whitespace() || matches!(c, ',' | '(' | ';'));
    (digits.len() == 5 && place.len() < split && !place.is_empty())
        .then(|| (place, digits.to_owned()))
}

/// Whether a code may end before `rest`: not inside a longer number or word.
fn ends(rest: &str) -> bool {
    !rest.starts_with(|c: char| c.is_alphanumeric())
}

/// "7559 KJ Hengelo" is a Dutch code: four digits and two capital letters.
fn dutch<'a>(
    country: Option<&'static str>,
    digits: String,
    after: &'a str,
) -> (Option<&'static str>, String, &'a str) {
    let tail = after.trim_start();
    let capitals = tail.bytes().take_while(u8::is_ascii_uppercase).count();
    if digits.len() == 4 && capitals == 2 && ends(&tail[2..]) && country.is_none_or(|c| c == "NL") {
        return (Some("NL"), format!("{digits} {}", &tail[..2]), &tail[2..]);
    }
    (country, digits, after)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &str) -> (String, String, String) {
        let l = split_location(text);
        (
            l.postcode.unwrap_or_default(),
            l.place.unwrap_or_default(),
            l.country.unwrap_or_default().to_owned(),
        )
    }

    #[test]
    fn postcodes_take_their_normal_form() {
        for text in ["100 04", "10004", "SE-100 04", "S-10004", " 100\u{a0}04 "] {
            assert_eq!(
                normalise_postcode("SE", text).as_deref(),
                Some("10004"),
                "{text}"
            );
        }
        for text in ["4103", "04103", "D-04103", "DE 04103", "4103.0"] {
            assert_eq!(
                normalise_postcode("DE", text).as_deref(),
                Some("04103"),
                "{text}"
            );
        }
        for text in [
            "",
            "o.A.",
            "410",
            "041033",
            "CH-8001",
            "A-1010",
            "67547 Worms",
            "4103x",
            "12.345",
        ] {
            assert_eq!(normalise_postcode("DE", text), None, "{text}");
        }
        assert_eq!(normalise_postcode("SE", "4103"), None);
    }

    #[test]
    fn cells_split_into_code_and_place() {
        let parts = |a: &str, b: &str, c: &str| (a.to_owned(), b.to_owned(), c.to_owned());
        assert_eq!(
            split("04600 Altenburg, Thür"),
            parts("04600", "Altenburg, Thür", "")
        );
        assert_eq!(split("D-67547 Worms"), parts("67547", "Worms", "DE"));
        assert_eq!(split("67547 Worms"), parts("67547", "Worms", ""));
        assert_eq!(split("Worms, 67547"), parts("67547", "Worms", ""));
        assert_eq!(split("116 37 Stockholm"), parts("11637", "Stockholm", ""));
        assert_eq!(
            split("NL 7559 KJ Hengelo"),
            parts("7559 KJ", "Hengelo", "NL")
        );
        assert_eq!(split("CH-8001 Zürich"), parts("8001", "Zürich", "CH"));
        assert_eq!(
            split("Frankfurt am Main"),
            parts("", "Frankfurt am Main", "")
        );
        for text in ["o.A.", "-", "", "k. A.", "UPPGIFT SAKNAS", "00000"] {
            assert_eq!(split(text), parts("", "", ""), "{text}");
        }
    }
}
