//! The unit that a column's label states for its cells: "Belopp (tkr)", "Betrag in Tsd. EUR", "Kosten, T EUR",
//! "x 1.000 EUR", "EUR '000", "Kosten in Cent", "in Hundert EUR".
//!
//! Asked of labels of amounts only: there a word such as "Tsd." can mean nothing but the unit, wherever it stands. Of
//! labels of rates it is asked whether they say per cent.

use super::unit::{Currency, Unit, unit_of};

/// A word or number of a label.
struct Token<'l> {
    text: &'l str,
    /// A bracket or comma stands before it.
    opens: bool,
    /// Nothing but blanks or a hyphen stands between it and the word before.
    joined: bool,
    /// A bracket, comma, slash or full stop stands behind it, or nothing.
    closes: bool,
}

/// The unit and currency that a label states; `None` where it states none, or two that exclude each other.
pub fn unit_in_label(label: &str) -> Option<Unit> {
    let tokens = tokens(label);
    let (mut scales, mut currencies) = (Vec::new(), Vec::new());
    for (at, token) in tokens.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|before| tokens.get(before));
        let next = tokens.get(at + 1).map_or("", |next| next.text);
        if matches!(token.text, "T" | "k" | "K") && plain_currency(next).is_some() {
            scales.push(3);
        } else if let Some(scale) = number_scale(token.text, next) {
            let multiplies = token.opens
                || before.is_none_or(|b| plain_currency(b.text).is_some() || leads(b.text));
            if multiplies {
                scales.push(scale);
            }
        } else if hundreds(&tokens, at) {
            scales.push(2);
        } else if let Some(unit) = unit_of(token.text) {
            if unit.scale < 0 && !in_minor_unit(&tokens, at) {
                continue;
            }
            scales.extend((unit.scale != 0).then_some(unit.scale));
            currencies.extend(unit.currency);
        }
    }
    scales.sort_unstable();
    scales.dedup();
    currencies.sort_unstable();
    currencies.dedup();
    let one = scales.len() <= 1 && currencies.len() <= 1;
    let states = !(scales.is_empty() && currencies.is_empty());
    (one && states).then(|| Unit {
        scale: scales.first().copied().unwrap_or(0),
        currency: currencies.first().copied(),
    })
}

/// The unit that a line above or below a table says all of its amounts are in: "Kosten in TEUR", "Liste der Vorhaben (Tsd.
/// EUR)". Unlike a label, such a line may speak of other sums too; a unit behind a number is one of those.
pub fn unit_of_table(line: &str) -> Option<Unit> {
    let unit = unit_in_label(line)?;
    let tokens = tokens(line);
    let text = |at: usize| tokens.get(at).map_or("", |token| token.text);
    let states = |at: &usize| {
        unit_of(text(*at)).is_some()
            || number_scale(text(*at), text(at + 1)).is_some()
            || hundreds(&tokens, *at)
            || (matches!(text(*at), "T" | "k" | "K") && plain_currency(text(at + 1)).is_some())
    };
    let first = (0..tokens.len()).find(states)?;
    let led = first > 0 && (tokens[first].opens || leads(text(first - 1)));
    led.then_some(unit)
}

/// Words that may stand beside the unit of a line that says nothing else.
const BESIDE: [&str; 30] = [
    "in",
    "i",
    "x",
    "×",
    "alle",
    "all",
    "alla",
    "samtliga",
    "sämtliche",
    "jeweils",
    "angabe",
    "angaben",
    "anges",
    "betrag",
    "beträge",
    "belopp",
    "amount",
    "amounts",
    "wert",
    "werte",
    "figures",
    "values",
    "einheit",
    "einheiten",
    "enhet",
    "unit",
    "units",
    "währung",
    "valuta",
    "currency",
];

/// The unit of a text that states one other than 1 and nothing else: "(in TEUR)", "Einheit: Tsd. EUR", "Angaben jeweils
/// in 1.000 EUR", "in Cent". One that names two of them explains a word ("TEUR = Tausend Euro"), "1.000 EUR" is an amount, and
/// "Cent" without anything beside it may be a name.
pub fn unit_alone(text: &str) -> Option<Unit> {
    let tokens = tokens(text);
    let mut scales = 0;
    for (at, token) in tokens.iter().enumerate() {
        let before = at.checked_sub(1).map_or("", |before| tokens[before].text);
        let next = tokens.get(at + 1).map_or("", |next| next.text);
        if matches!(token.text, "T" | "k" | "K") && plain_currency(next).is_some() {
            scales += 1;
        } else if number_scale(token.text, next).is_some() {
            let quoted = token.text.starts_with(['\'', '’']);
            if !(leads(before) || (quoted && plain_currency(before).is_some())) {
                return None;
            }
            scales += 1;
        } else if hundreds(&tokens, at) {
            scales += 1;
        } else if let Some(unit) = unit_of(token.text) {
            let is_name = tokens.len() == 1 && text.starts_with(char::is_alphabetic);
            if unit.scale < 0 && (is_name || !in_minor_unit(&tokens, at)) {
                return None;
            }
            scales += usize::from(unit.scale != 0);
        } else {
            let ends_thousand = token.text == "000" && before == "1";
            if !ends_thousand && !BESIDE.contains(&token.text.to_lowercase().as_str()) {
                return None;
            }
        }
    }
    if scales == 1 {
        unit_in_label(text)
    } else {
        None
    }
}

/// What a label gives as its unit in brackets, behind "in", or in the hundredth part of a currency, where that is no unit
/// that is known or read: "[in Stück]", "Kosten in EUR (in Cent)".
pub fn unknown_unit(label: &str) -> Option<&str> {
    let mut rest = label;
    while let Some(open) = rest.find(['(', '[']) {
        let inner = &rest[open + 1..];
        let end = inner.find([')', ']']).unwrap_or(inner.len());
        let inner_text = inner[..end].trim();
        let mut words = inner_text.split_whitespace();
        let led = words.next().is_some_and(|word| matches!(word, "in" | "i"));
        let named = words
            .next()
            .is_some_and(|word| word.starts_with(char::is_alphabetic));
        if led && named && words.next().is_none() && unit_in_label(inner_text).is_none() {
            return Some(inner_text);
        }
        rest = &inner[end..];
    }
    let tokens = tokens(label);
    let part = |at: &usize| {
        let token = &tokens[*at];
        let is_minor = unit_of(token.text).is_some_and(|unit| unit.scale < 0);
        let before = tokens[at - 1].text;
        let of_unit = unit_of(before).is_some_and(|unit| unit.scale > 0);
        let stands_out = token.opens || leads(before) || of_unit || is_acronym(token.text);
        is_minor && stands_out && !is_per(before) && !in_minor_unit(&tokens, *at)
    };
    (1..tokens.len()).find(part).map(|at| tokens[at].text)
}

/// Whether the label of a rate says that its numbers are per cent: "EU-Anteil in %", "Co-financing percentage". The sign
/// of a rate that stands in the label itself ("höchstens 50 %") says nothing about the cells.
pub fn percent_in_label(label: &str) -> bool {
    const WORDS: [&str; 7] = [
        "%",
        "prozent",
        "procent",
        "percent",
        "per cent",
        "v.h.",
        "vom hundert",
    ];
    let label = label.to_lowercase();
    let mut found = WORDS.iter().flat_map(|word| label.match_indices(*word));
    found.any(|(at, _)| {
        let before = label[..at].trim_end();
        !before.ends_with(|c: char| c.is_ascii_digit())
    })
}

fn tokens(label: &str) -> Vec<Token<'_>> {
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '€' | '$' | '£' | '.' | '\'' | '’');
    let mut tokens = Vec::new();
    let (mut rest, mut opens) = (label, true);
    while let Some(start) = rest.find(is_part) {
        let between = &rest[..start];
        opens |= between.contains(['(', '[', ',', ';', '\n']);
        let is_join = |c: char| c.is_whitespace() || matches!(c, '-' | '\u{2010}' | '\u{2011}');
        let joined = between.chars().all(is_join) && !between.contains('\n');
        let after = &rest[start..];
        let end = after.find(|c| !is_part(c)).unwrap_or(after.len());
        let text = after[..end].trim_end_matches('.');
        rest = &after[end..];
        if !text.is_empty() {
            let behind = rest.split(is_part).next().unwrap_or_default();
            let ends = ['(', ')', '[', ']', ',', ';', '/', '\n'];
            tokens.push(Token {
                text,
                opens,
                joined,
                closes: text.len() < end || behind.len() == rest.len() || behind.contains(ends),
            });
            opens = false;
        }
    }
    tokens
}

/// The power of ten of a number that multiplies: `1.000`, `1000`, `'000`; `1` before `000`.
fn number_scale(text: &str, next: &str) -> Option<i32> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let is_number = text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '\'' | '’'))
        && !text.contains(char::is_alphabetic);
    match digits.as_str() {
        _ if !is_number => None,
        "1" if next == "000" => Some(3),
        "1000" => Some(3),
        "000" if text.starts_with(['\'', '’']) => Some(3),
        "1000000" => Some(6),
        _ => None,
    }
}

/// Whether a word or number of a label multiplies by a hundred: "in Hundert EUR", "(hundra kronor)", "in 100 EUR". "vom
/// Hundert" is a rate, and "100 EUR" an amount.
fn hundreds(tokens: &[Token<'_>], at: usize) -> bool {
    const WORDS: [&str; 4] = ["hundert", "hundra", "hundred", "hundreds"];
    let token = &tokens[at];
    let next = tokens.get(at + 1);
    let before = at.checked_sub(1).map_or("", |before| tokens[before].text);
    let led = ["in", "i", "x", "×"].contains(&before.to_lowercase().as_str());
    let is_word = WORDS
        .iter()
        .any(|word| word.eq_ignore_ascii_case(token.text));
    next.is_some_and(|next| plain_currency(next.text).is_some())
        && ((is_word && (led || token.opens)) || (token.text == "100" && led))
}

/// Whether the word for a hundredth of a currency at a place of a label is the unit of what stands under it: "(in Cent)",
/// "in Euro-Cent", "Belopp, öre". It is none in "Euro und Cent", "per cent" or "Cent-Programm"; and "CENT" may be a name.
fn in_minor_unit(tokens: &[Token<'_>], at: usize) -> bool {
    let before = |at: usize| at.checked_sub(1).map(|before| &tokens[before]);
    let is_whole = |token: &Token<'_>| unit_of(token.text).is_some_and(|unit| unit.scale >= 0);
    // The currency whose part it is: "Euro-Cent".
    let whole =
        before(at).filter(|token| tokens[at].joined && plain_currency(token.text).is_some());
    let named = usize::from(whole.is_some());
    let first = at - named;
    let of_another = tokens.iter().filter(|token| is_whole(token)).count() != named;
    let excluded = before(first).is_some_and(|token| is_per(token.text));
    let led = named == 1 || before(first).is_some_and(|token| leads(token.text));
    let is_unit = led || !is_acronym(tokens[at].text);
    tokens[at].closes && !of_another && !excluded && is_unit
}

/// Words behind which "Cent" is no unit ("per cent", "Euro und Cent", "ohne Cent"), and numbers ("50 Cent").
fn is_per(word: &str) -> bool {
    const WORDS: [&str; 14] = [
        "per", "pro", "je", "und", "u", "och", "and", "oder", "or", "auf", "ohne", "utan",
        "without", "to",
    ];
    let is_number = word.starts_with(|c: char| c.is_ascii_digit());
    is_number || WORDS.iter().any(|known| known.eq_ignore_ascii_case(word))
}

/// Several letters, all of them capitals.
fn is_acronym(word: &str) -> bool {
    word.chars().count() > 1 && word.chars().all(char::is_uppercase)
}

/// Words behind which a number multiplies; behind others ("über 1.000 Euro") it is a bound.
fn leads(word: &str) -> bool {
    ["in", "i", "x", "×", "je", "per"]
        .iter()
        .any(|known| word.eq_ignore_ascii_case(known))
}

/// A currency without a scale.
fn plain_currency(word: &str) -> Option<Currency> {
    unit_of(word)
        .filter(|unit| unit.scale == 0)
        .and_then(|unit| unit.currency)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unit(label: &str) -> Option<(i32, Option<&'static str>)> {
        unit_in_label(label).map(|unit| (unit.scale, unit.currency.map(Currency::code)))
    }

    #[test]
    fn units_in_all_their_spellings() {
        for (label, scale, currency) in [
            ("Belopp (tkr)", 3, Some("SEK")),
            ("Gesamtbetrag in Tsd. EUR", 3, Some("EUR")),
            ("Gesamtkosten, Tsd. EUR", 3, Some("EUR")),
            ("Gesamtkosten Tsd. €", 3, Some("EUR")),
            ("Gesamtkosten in Tausend", 3, None),
            ("Gesamtkosten in T EUR", 3, Some("EUR")),
            ("Gesamtkosten (x 1.000 EUR)", 3, Some("EUR")),
            ("Gesamtkosten (1 000 €)", 3, Some("EUR")),
            ("Total cost in EUR 1000", 3, Some("EUR")),
            ("Total cost (EUR '000)", 3, Some("EUR")),
            ("Total cost (EUR thousand)", 3, Some("EUR")),
            ("Total budget i tusental kr", 3, Some("SEK")),
            ("EU-stöd, tusental kronor", 3, Some("SEK")),
            ("Gesamtkosten in Teuro", 3, Some("EUR")),
            ("Gesamtkosten\nin Tsd. EUR", 3, Some("EUR")),
            (
                "Gesamtkosten in Tsd. € / Total cost in EUR thousand",
                3,
                Some("EUR"),
            ),
            ("Stöd i MSEK", 6, Some("SEK")),
            ("Total budget i miljoner kronor", 6, Some("SEK")),
            ("Gesamtkosten (in Cent)", -2, Some("EUR")),
            ("Gesamtkosten in ct", -2, Some("EUR")),
            ("Gesamtkosten Cent", -2, Some("EUR")),
            ("Gesamtkosten in Euro-Cent", -2, Some("EUR")),
            ("Gesamtkosten (EUR Cent)", -2, Some("EUR")),
            ("Gesamtkosten [Eurocent]", -2, Some("EUR")),
            ("GESAMTKOSTEN (in CENT)", -2, Some("EUR")),
            (
                "Gesamtkosten in Cent / Total cost in cents",
                -2,
                Some("EUR"),
            ),
            ("Belopp, öre", -2, Some("SEK")),
            ("Belopp i öre (beviljat)", -2, Some("SEK")),
            ("Gesamtkosten in Hundert EUR", 2, Some("EUR")),
            ("Gesamtkosten (Hundert Euro)", 2, Some("EUR")),
            ("Stöd i hundra kr", 2, Some("SEK")),
            ("Gesamtkosten in 100 EUR", 2, Some("EUR")),
            ("Kosten in Euro und Cent", 0, Some("EUR")),
            ("Kosten (Euro, Cent)", 0, Some("EUR")),
            ("Kosten in EUR/Cent", 0, Some("EUR")),
            ("Kosten in EUR (in Cent)", 0, Some("EUR")),
            ("Kosten in TEUR, nicht in Cent", 3, Some("EUR")),
            ("Zuwendung (höchstens 100 EUR)", 0, Some("EUR")),
            ("Betrag [EUR]", 0, Some("EUR")),
            ("Zuwendung Euro", 0, Some("EUR")),
            ("Zuwendung (Vorhaben über 1.000 Euro)", 0, Some("EUR")),
        ] {
            assert_eq!(unit(label), Some((scale, currency)), "{label}");
        }
    }

    #[test]
    fn lines_that_say_in_which_unit_a_table_is() {
        for (line, scale) in [
            ("Vorhaben im ESF Plus, Kosten in TEUR", Some(3)),
            ("Liste der Vorhaben (Tsd. EUR)", Some(3)),
            ("* in 1.000 EUR", Some(3)),
            ("Kostnader i tkr", Some(3)),
            ("Ausgaben in Mio. Euro", Some(6)),
            ("Ausgaben in EUR", Some(0)),
            ("Ausgaben in Cent", Some(-2)),
            ("Kosten in Hundert EUR", Some(2)),
            ("Alle Beträge ohne Cent", None),
            ("Kosten von 50 Cent je Kilometer", None),
            ("Vorhaben mit Kosten über 1 Mio. Euro", None),
            ("Insgesamt stehen 4,3 Mio. Euro bereit", None),
            ("Vorhaben mit Kosten über 1.000 EUR", None),
        ] {
            assert_eq!(unit_of_table(line).map(|unit| unit.scale), scale, "{line}");
        }
    }

    #[test]
    fn texts_that_are_a_unit_and_nothing_else() {
        for (text, scale) in [
            ("(in TEUR)", Some(3)),
            ("in Tausend Euro", Some(3)),
            ("Einheit: TEUR", Some(3)),
            ("Angaben jeweils in 1.000 EUR", Some(3)),
            ("(x 1 000 €)", Some(3)),
            ("EUR '000", Some(3)),
            ("T EUR", Some(3)),
            ("in Cent", Some(-2)),
            ("(ct)", Some(-2)),
            ("Einheit: Cent", Some(-2)),
            ("Alla belopp i öre", Some(-2)),
            ("Angaben in Hundert EUR", Some(2)),
            ("Cent", None),
            ("CENT", None),
            ("(CENT)", None),
            ("100 EUR", None),
            ("Cent = Hundertstel Euro", None),
            ("Alla belopp i mkr", Some(6)),
            ("1.000 EUR", None),
            ("EUR 1000", None),
            ("TEUR = Tausend Euro", None),
            ("in EUR", None),
            ("Teilnehmer in Tausend", None),
            ("Stand: 31.12.2019", None),
            ("", None),
        ] {
            assert_eq!(unit_alone(text).map(|unit| unit.scale), scale, "{text}");
        }
    }

    #[test]
    fn units_that_are_not_known() {
        for (label, unit) in [
            ("Gesamtkosten [in Stück]", Some("in Stück")),
            ("Gesamtkosten in EUR (in Cent)", Some("Cent")),
            ("Fördermittel CENT", Some("CENT")),
            ("Belopp SEK, öre", Some("öre")),
            ("Kosten in Tsd. Cent", Some("Cent")),
            ("Kosten in TEUR, nicht in Cent", Some("Cent")),
            ("Gesamtkosten (in Cent)", None),
            ("Belopp, öre", None),
            ("Kosten in Euro und Cent", None),
            ("Anteil per cent", None),
            ("Gesamtkosten (in Euro)", None),
            ("Gesamtkosten (in Tsd. EUR)", None),
            ("Gesamtkosten (in 2016)", None),
            ("Mittel (in der Förderperiode)", None),
            ("Kosten", None),
            ("", None),
        ] {
            assert_eq!(unknown_unit(label), unit, "{label}");
        }
    }

    #[test]
    fn labels_of_rates_that_say_per_cent() {
        for label in [
            "EU-Anteil in %",
            "EU-Anteil\n(%)",
            "Prozentsatz der Unionskofinanzierung",
            "EU-andel i procent",
            "Co-financing percentage",
            "Anteil v. H. (v.H.)",
            "Kofinanzierungssatz (höchstens 50 %) in %",
        ] {
            assert!(percent_in_label(label), "{label}");
        }
        for label in [
            "Kofinanzierungssatz",
            "Kofinanzierungssatz (höchstens 50 %)",
            "Kofinanzierungssatz (bis 85% )",
            "EU-andel",
            "",
        ] {
            assert!(!percent_in_label(label), "{label}");
        }
    }

    #[test]
    fn other_labels_state_none() {
        for label in [
            "Name des Vorhabens",
            "Beträge (gerundet)",
            "Gesamtausgaben 2014-2020",
            "Belopp SEK (EUR)",
            "Mittel der Cent-Initiative",
            "Mittel CENT",
            "Mittel (CENT)",
            "Mittel per cent",
            "Mittel in Prozent",
            "Mittel des Job-Centers",
            "Mittel (50 Cent je Kilometer)",
            "Mittel vom Hundert",
            "Kosten in Tsd. € bzw. Mio. €",
            "",
        ] {
            assert_eq!(unit(label), None, "{label}");
        }
    }
}
