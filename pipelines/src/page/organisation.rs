//! Names of organisations out of published lists of names: splitting, repeated spellings of one body, kind.

use super::text::folded;
use crate::personal::without_contact;

/// A name and the spellings it was published in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Named {
    /// None if the name was a person's.
    pub(super) name: Option<String>,
    pub(super) published: Vec<String>,
}

/// Countries that lists of partners put before a name.
const COUNTRIES: &[&str] = &[
    "Deutschland",
    "Schweden",
    "Österreich",
    "Sverige",
    "Tyskland",
    "Germany",
    "Sweden",
];
/// Words that say that a comma is inside a name: "Ministerium für Arbeit, Soziales und …".
const ENUMERATING: &[&str] = &[
    "Ministerium",
    "ministerium",
    "Behörde",
    "Senatsverwaltung",
    "Amt für",
    "Dezernat",
    "Verwaltung",
];

/// The one or several bodies that a beneficiary cell names. Cells name one body, sometimes twice in two spellings
/// ("X Sverige, X Sverige ek"); a comma alone does not part two bodies, since addresses and departments follow commas.
pub(super) fn beneficiary(text: &str) -> Named {
    let parts: Vec<&str> = text.split(", ").map(str::trim).collect();
    let first = folded(parts[0]);
    let repeats = parts.len() > 1
        && !first.is_empty()
        && parts[1..].iter().all(|part| {
            let part = folded(part);
            // The same words, one of them with a legal form or the start of one behind.
            (part.starts_with(&first) && part[first.len()..].split_whitespace().count() <= 3)
                || first.starts_with(&part)
        });
    let name = if repeats {
        parts
            .iter()
            .max_by_key(|part| part.chars().count())
            .copied()
            .unwrap_or(text)
    } else {
        text
    };
    Named {
        name: person_or(&whole_form(name)),
        published: vec![text.to_owned()],
    }
}

/// `ek` is what is left of `ek. för.` (ekonomisk förening) in exports that cut names.
fn whole_form(name: &str) -> String {
    match name
        .strip_suffix(" ek")
        .or_else(|| name.strip_suffix(" ek."))
        .or_else(|| name.strip_suffix(" ek för"))
    {
        Some(stem) => format!("{stem} ek. för."),
        None => name.to_owned(),
    }
}

fn person_or(name: &str) -> Option<String> {
    let name = name.trim().trim_end_matches([',', ';']).trim();
    let left = without_contact(name);
    (left.chars().filter(|c| c.is_alphabetic()).count() >= 2)
        .then(|| left.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// The bodies of one line or item of a list of partners.
pub(super) fn partners(text: &str) -> Vec<Named> {
    let text = without_full_stop(text.trim().trim_end_matches([';', ',']));
    let text = match text.split_once(": ") {
        Some((country, rest)) if COUNTRIES.contains(&country) => rest,
        _ => text,
    };
    split_names(text)
        .into_iter()
        .filter_map(|name| {
            let name = name.trim();
            let short = without_description(name);
            person_or(short).map(|short| Named {
                name: Some(short),
                published: vec![name.to_owned()],
            })
        })
        .collect()
}

/// Takes a sentence's full stop away, but not that of "e.V." and "ek. för.".
fn without_full_stop(text: &str) -> &str {
    let abbreviated = ["e.V.", "e. V.", "för.", "inkl.", "Co.", "f.", "u.a."]
        .iter()
        .any(|end| text.ends_with(end));
    if abbreviated {
        text
    } else {
        text.trim_end_matches('.')
    }
}

fn split_names(text: &str) -> Vec<String> {
    if text.contains(';') {
        return text.split(';').map(str::to_owned).collect();
    }
    // One name with an enumeration inside stays whole.
    if ENUMERATING.iter().any(|word| text.contains(word)) {
        return vec![text.to_owned()];
    }
    let mut names = Vec::new();
    let mut depth = 0_i32;
    let mut name = String::new();
    for c in text.chars() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if c == ',' && depth <= 0 {
            names.push(std::mem::take(&mut name));
        } else {
            name.push(c);
        }
    }
    names.push(name);
    // The last of several names stands behind "und", "och", "samt"; a single name may hold the word itself.
    if names.len() > 1
        && let Some(last) = names.pop()
    {
        let pieces = [" och ", " samt ", " und ", " sowie "]
            .iter()
            .find_map(|and| last.split_once(and));
        match pieces {
            Some((left, right)) if starts_name(right) => {
                names.extend([left.to_owned(), right.to_owned()]);
            }
            _ => names.push(last),
        }
    }
    if let [pair] = names.as_slice()
        && let Some((left, right)) = pair.split_once(" och ")
        && [" kommun", " universitet", " högskola", " stad"]
            .iter()
            .any(|end| right.ends_with(end))
        && left.chars().next().is_some_and(char::is_uppercase)
        && starts_name(right)
    {
        names = vec![left.to_owned(), right.to_owned()];
    }
    names.retain(|name| !name.trim().is_empty());
    let legal = |name: &str| {
        matches!(
            name.trim(),
            "e.V."
                | "e. V."
                | "gGmbH"
                | "GmbH"
                | "AB"
                | "eG"
                | "AG"
                | "ek. för."
                | "ideell förening"
        )
    };
    let mut out: Vec<String> = Vec::new();
    for name in names {
        match out.last_mut() {
            Some(last) if legal(&name) => *last = format!("{last},{name}"),
            _ => out.push(name),
        }
    }
    out
}

fn starts_name(text: &str) -> bool {
    without_description(text.trim())
        .chars()
        .next()
        .is_some_and(|c| c.is_uppercase() || c.is_ascii_digit())
}

/// Swedish puts what a body is before its name in small letters ("företaget X"): that is no part of the name.
fn without_description(name: &str) -> &str {
    const DESCRIBING: &[&str] = &[
        "företaget",
        "bolaget",
        "föreningen",
        "organisationen",
        "stiftelsen",
        "förbundet",
        "koncernen",
        "kooperativet",
        "myndigheten",
        "die",
        "der",
        "das",
        "den",
        "dem",
    ];
    match name.split_once(' ') {
        Some((word, rest))
            if word.chars().next().is_some_and(char::is_lowercase)
                && rest.chars().next().is_some_and(char::is_uppercase)
                && DESCRIBING.iter().any(|end| word.ends_with(end)) =>
        {
            rest
        }
        _ => name,
    }
}

/// The kind of a body where its name says it.
pub(super) fn kind(name: &str) -> Option<&'static str> {
    const KINDS: &[(&str, &[&str])] = &[
        ("ministry", &["ministerium", "mags ", "bmas", "departement"]),
        ("jobcenter", &["jobcenter"]),
        (
            "employment_agency",
            &[
                "agentur für arbeit",
                "arbeitsagentur",
                "bundesagentur",
                "arbetsförmedlingen",
            ],
        ),
        (
            "land",
            &[
                "land nordrhein",
                "land rheinland",
                "land hessen",
                "land brandenburg",
                "land berlin",
                "freistaat",
            ],
        ),
        (
            "company",
            &["gmbh", "mbh", " ag", " ab", " kg", "aktiebolag"],
        ),
        (
            "association",
            &[
                "e.v",
                "e. v",
                "verein",
                "verband",
                "ek. för",
                "förening",
                "förbund",
                "stiftung",
                "stiftelse",
            ],
        ),
        (
            "university",
            &["universität", "hochschule", "universitet", "högskola"],
        ),
        (
            "municipality",
            &["stadt ", "kreis ", "gemeinde", "kommun", " stad", "region "],
        ),
    ];
    let name = format!("{} ", name.to_lowercase());
    KINDS
        .iter()
        .find(|(_, words)| words.iter().any(|word| name.contains(word)))
        .map(|(kind, _)| *kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<String> {
        partners(text)
            .into_iter()
            .filter_map(|named| named.name)
            .collect()
    }

    #[test]
    fn one_body_named_twice_is_one() {
        assert_eq!(
            beneficiary("Muster Sverige, Muster Sverige ek")
                .name
                .unwrap(),
            "Muster Sverige ek. för."
        );
        assert_eq!(
            beneficiary("Stadt Beispiel, Amt für Soziales")
                .name
                .unwrap(),
            "Stadt Beispiel, Amt für Soziales"
        );
        assert_eq!(beneficiary(crate::page::REMOVED).name, None);
    }

    #[test]
    fn lists_of_partners_are_split_with_care() {
        assert_eq!(
            names("ABC, Mitt Förbund och driftsföretaget Nord"),
            ["ABC", "Mitt Förbund", "Nord"]
        );
        assert_eq!(
            names("Deutschland: Ministerium für Arbeit, Soziales und Frauen"),
            ["Ministerium für Arbeit, Soziales und Frauen"]
        );
        assert_eq!(
            names("Bildung und Arbeit, e.V."),
            ["Bildung und Arbeit, e.V."]
        );
        assert_eq!(
            names("Musterverein (Ost, West), Andere GmbH"),
            ["Musterverein (Ost, West)", "Andere GmbH"]
        );
    }
}
