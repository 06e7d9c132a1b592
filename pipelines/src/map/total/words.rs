//! Words by which a row says that it sums others up, or that it is a figure about them.

/// Words under which publishers sum a list up, and which say nothing else.
const SUMS: [&str; 20] = [
    "summe",
    "summen",
    "gesamtsumme",
    "gesamtergebnis",
    "gesamtbetrag",
    "endsumme",
    "endergebnis",
    "teilsumme",
    "teilergebnis",
    "zwischensumme",
    "zwischenergebnis",
    "übertrag",
    "summa",
    "totalsumma",
    "delsumma",
    "slutsumma",
    "subtotal",
    "sum",
    "sums",
    "σ",
];

/// Words that say so only among others of this kind: firms and schools are called after them too.
const WHOLES: [&str; 11] = [
    "gesamt",
    "insgesamt",
    "gesamtvolumen",
    "gesamtförderung",
    "totalbelopp",
    "ergebnis",
    "total",
    "totalt",
    "totals",
    "grand",
    "totale",
];

/// Words of sums of a part of a list.
const PARTS: [&str; 6] = [
    "teilsumme",
    "teilergebnis",
    "zwischensumme",
    "zwischenergebnis",
    "delsumma",
    "subtotal",
];

/// Words of sums of the whole list.
const ALL: [&str; 12] = [
    "gesamtsumme",
    "gesamtergebnis",
    "endsumme",
    "endergebnis",
    "totalsumma",
    "slutsumma",
    "gesamt",
    "insgesamt",
    "grand",
    "aller",
    "alle",
    "all",
];

/// Words of sums that go from one page to the next.
const CARRIED: [&str; 1] = ["übertrag"];

/// Words that may stand beside them.
const SUMMED: [&str; 16] = [
    "eur", "euro", "sek", "kr", "aller", "alle", "der", "des", "vorhaben", "projekte", "projekt",
    "ausgaben", "betrag", "amount", "all", "projects",
];

/// Words with which a line of statistics begins, if its row has hardly more than them.
const FIGURES: [&str; 12] = [
    "anzahl",
    "durchschnitt",
    "durchschnittlich",
    "mittelwert",
    "davon",
    "darunter",
    "nachrichtlich",
    "antal",
    "genomsnitt",
    "varav",
    "average",
    "thereof",
];

/// Words with which the name of a group ends, if its row has the sum of the group.
const ENDS: [&str; 4] = ["gesamt", "insgesamt", "zusammen", "totalt"];

/// What a sum says that it sums up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::map) enum Extent {
    /// The whole list.
    Whole,
    /// Nothing more than that it is a sum.
    Unsaid,
    /// A part of the list: a group, a year, a page.
    Part,
    /// What earlier pages add up to.
    Carried,
}

impl Extent {
    /// What a row of this name sums up.
    pub(super) fn of(name: &str) -> Self {
        let words = lower_words(name);
        let any = |of: &[&str]| words.iter().any(|word| of.contains(&word.as_str()));
        if any(&CARRIED) {
            return Self::Carried;
        }
        // A name or a number beside the word says which part is summed up.
        if any(&PARTS) || !is_plain(name) {
            return Self::Part;
        }
        if any(&ALL) { Self::Whole } else { Self::Unsaid }
    }
}

/// The words of a name in small letters; one that is written with blanks between its letters is one word.
fn lower_words(name: &str) -> Vec<String> {
    let words: Vec<String> = words(name).map(str::to_lowercase).collect();
    if words.len() >= SPACED && words.iter().all(|word| word.chars().count() == 1) {
        return vec![words.concat()];
    }
    words
}

/// Letters with blanks between them that are a word.
const SPACED: usize = 3;

fn words(name: &str) -> impl Iterator<Item = &str> {
    let words = name.split(|c: char| !c.is_alphabetic());
    words.filter(|word| !word.is_empty())
}

/// The first word of a name, in small letters.
pub(super) fn first_word(name: &str) -> Option<String> {
    words(name).next().map(str::to_lowercase)
}

fn is_one(word: &str, of: &[&str]) -> bool {
    word.len() <= 16 && of.contains(&word.to_lowercase().as_str())
}

/// Whether a name is that of a sum.
pub(crate) fn is_sum(name: &str) -> bool {
    if name.starts_with(['Σ', '∑']) {
        return true;
    }
    // Names are long and sums are few: most rows are settled by their first word.
    let mut rest = words(name);
    let Some(first) = rest.next() else {
        return false;
    };
    if first.chars().nth(1).is_none()
        && let [one] = lower_words(name).as_slice()
    {
        return is_one(one, &SUMS) || is_one(one, &WHOLES);
    }
    if is_one(first, &SUMS) {
        return crate::organisation::legal_form(name).is_none();
    }
    is_one(first, &WHOLES)
        && rest.all(|word| is_one(word, &WHOLES) || is_one(word, &SUMS) || is_one(word, &SUMMED))
}

/// Whether a name says that it is a sum, and nothing else.
pub(super) fn is_plain(name: &str) -> bool {
    let is_known = |word: &String| {
        let word = word.as_str();
        SUMS.contains(&word) || WHOLES.contains(&word) || SUMMED.contains(&word)
    };
    !name.contains(char::is_numeric) && lower_words(name).iter().all(is_known)
}

/// Whether a name is that of a figure about a list or a group. Bodies and projects may be called so, too: their rows have more
/// than a name.
pub(super) fn is_figure(name: &str) -> bool {
    let mut rest = words(name);
    let Some(first) = rest.next() else {
        return false;
    };
    is_one(first, &FIGURES) || rest.last().is_some_and(|last| is_one(last, &ENDS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_say_so() {
        for name in [
            "Summe",
            "Zwischensumme Programm 1",
            "Summe Prioritätsachse A",
            "Gesamtergebnis",
            "Übertrag",
            "Subtotal Achse 1",
            "Summa beviljat",
            "Grand total",
            "Gesamt",
            "Total EUR",
            "Summe förderfähige Ausgaben (8 Vorhaben)",
            "Σ 12",
            "S u m m e",
            "Gesamtvolumen",
        ] {
            assert!(is_sum(name), "{name}");
        }
    }

    #[test]
    fn bodies_named_after_sums_are_none() {
        for name in [
            "Total Deutschland GmbH",
            "Gesamtschule Musterstadt",
            "Summa Muster GmbH",
            "Ergebnis und Wirkung e.V.",
            "Gesamtverband Muster",
            "Zusammen",
            "A B C Summe",
            "",
        ] {
            assert!(!is_sum(name), "{name}");
        }
    }

    #[test]
    fn figures_begin_or_groups_end_with_their_words() {
        for name in [
            "Anzahl der Vorhaben",
            "davon EU-Mittel",
            "Prioritätsachse A gesamt",
            "Landkreis Muster zusammen",
        ] {
            assert!(is_figure(name) && !is_sum(name), "{name}");
        }
        for name in [
            "Zusammen",
            "Zusammen wachsen",
            "Gesamt Muster",
            "Davonika",
            "",
        ] {
            assert!(!is_figure(name), "{name}");
        }
    }

    #[test]
    fn sums_say_what_they_sum_up() {
        for (name, extent) in [
            ("Gesamtsumme", Extent::Whole),
            ("Summe aller Vorhaben", Extent::Whole),
            ("Grand total", Extent::Whole),
            ("Summe", Extent::Unsaid),
            ("Total EUR", Extent::Unsaid),
            ("Σ", Extent::Unsaid),
            ("S u m m e", Extent::Unsaid),
            ("Zwischensumme", Extent::Part),
            ("Summe Prioritätsachse A", Extent::Part),
            ("Gesamtsumme 2015", Extent::Part),
            ("Übertrag", Extent::Carried),
        ] {
            assert_eq!(Extent::of(name), extent, "{name}");
        }
    }
}
