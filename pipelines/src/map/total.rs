//! Rows that sum others up: grand totals, subtotals, and headings of groups that carry their group's sum.
//!
//! A sum says so ("Zwischensumme Programm 1"), or it adds up: a row without a date and with fewer names than the others
//! whose amounts are, to the cent, those of the rows since the last sum, of the rows up to the next one, or of all. Both
//! kinds would count money twice.

use arrow::array::{Array, StringArray};

use super::amount::AmountColumn;

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
const WHOLES: [&str; 8] = [
    "gesamt",
    "insgesamt",
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

/// The rows that are sums.
pub(super) struct Totals {
    sums: Vec<bool>,
    said: Vec<Said>,
}

/// A row that calls itself a sum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Said {
    /// The row.
    pub(super) row: usize,
    /// What it says that it sums up.
    pub(super) extent: Extent,
}

/// What a sum says that it sums up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Extent {
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
    fn of(name: &str) -> Self {
        let words: Vec<String> = name
            .split(|c: char| !c.is_alphabetic())
            .filter(|word| !word.is_empty())
            .map(str::to_lowercase)
            .collect();
        let any = |of: &[&str]| words.iter().any(|word| of.contains(&word.as_str()));
        if any(&CARRIED) {
            return Self::Carried;
        }
        let is_plain = |word: &String| {
            let word = word.as_str();
            SUMS.contains(&word) || WHOLES.contains(&word) || SUMMED.contains(&word)
        };
        // A name or a number beside the word says which part is summed up.
        let names_more = name.contains(char::is_numeric) || !words.iter().all(is_plain);
        if any(&PARTS) || names_more {
            return Self::Part;
        }
        if any(&ALL) { Self::Whole } else { Self::Unsaid }
    }
}

/// A row that may be a sum.
struct Candidate {
    row: usize,
    /// It calls itself one.
    says_so: bool,
}

impl Totals {
    /// Looks at all rows of a table: its columns of names, its amounts, which rows have a date, and what stands first in a
    /// row without a name, where many lists have the word under a column of numbers.
    pub(super) fn find<'s>(
        names: &'s [&'s StringArray],
        amounts: &[AmountColumn],
        rows: usize,
        dated: impl Fn(usize) -> bool,
        unnamed: impl Fn(usize) -> Option<&'s str>,
    ) -> Self {
        let has_amount = |row: usize| amounts.iter().any(|a| a.values.is_valid(row));
        let count = |row: usize| names.iter().filter(|c| c.is_valid(row)).count();
        let with_amount: Vec<usize> = (0..rows).filter(|row| has_amount(*row)).collect();
        let label = |row: usize| {
            let name = names.iter().find(|c| c.is_valid(row));
            name.map_or_else(|| unnamed(row), |c| Some(c.value(row)))
        };
        let usual = usual(with_amount.iter().map(|row| count(*row)), names.len());
        let candidates: Vec<Candidate> = with_amount
            .iter()
            .filter(|row| !dated(**row) && count(**row) <= 1)
            .map(|row| Candidate {
                row: *row,
                says_so: label(*row).is_some_and(is_sum),
            })
            // With one column of names every row has one name; then only words tell.
            .filter(|c| c.says_so || (usual >= 2 && count(c.row) < usual))
            .collect();
        let mut sums = vec![false; rows];
        for candidate in candidates.iter().filter(|c| c.says_so) {
            sums[candidate.row] = true;
        }
        let silent: Vec<usize> = candidates.iter().map(|c| c.row).collect();
        if candidates.iter().any(|c| !c.says_so) {
            let ledger = Ledger::new(amounts, &with_amount, &silent);
            for (at, row) in silent.iter().enumerate() {
                sums[*row] |= ledger.adds_up(at);
            }
        }
        let said = candidates.iter().filter(|c| c.says_so);
        let said = said.filter_map(|c| {
            let extent = Extent::of(label(c.row)?);
            Some(Said { row: c.row, extent })
        });
        Self {
            said: said.collect(),
            sums,
        }
    }

    /// Whether a row is a sum.
    pub(super) fn contains(&self, row: usize) -> bool {
        self.sums[row]
    }

    /// The rows that call themselves sums, in their order.
    pub(super) fn said(self) -> Vec<Said> {
        self.said
    }
}

/// How many names most rows have.
fn usual(counts: impl Iterator<Item = usize>, most: usize) -> usize {
    let mut rows = vec![0_usize; most + 1];
    for count in counts {
        rows[count] += 1;
    }
    (0..=most).max_by_key(|names| rows[*names]).unwrap_or(0)
}

/// The amounts of the rows between the candidates.
struct Ledger {
    /// For each candidate its amounts by column.
    own: Vec<Vec<Option<i128>>>,
    /// For each stretch before, between and behind the candidates: how many rows, and their sums by column.
    stretches: Vec<(usize, Vec<i128>)>,
}

impl Ledger {
    fn new(amounts: &[AmountColumn], rows: &[usize], candidates: &[usize]) -> Self {
        let mut stretches = vec![(0, vec![0; amounts.len()])];
        let mut own = Vec::new();
        let mut next = candidates.iter().peekable();
        let value = |amount: &AmountColumn, row: usize| {
            amount
                .values
                .is_valid(row)
                .then(|| amount.values.value(row))
        };
        for row in rows {
            if next.peek() == Some(&row) {
                next.next();
                own.push(amounts.iter().map(|a| value(a, *row)).collect());
                stretches.push((0, vec![0; amounts.len()]));
            } else if let Some((n, sums)) = stretches.last_mut() {
                *n += 1;
                for (sum, amount) in sums.iter_mut().zip(amounts) {
                    *sum += value(amount, *row).unwrap_or(0);
                }
            }
        }
        Self { own, stretches }
    }

    /// Whether the candidate is the sum of the rows before it, of those behind it, or of all.
    fn adds_up(&self, candidate: usize) -> bool {
        let all =
            self.stretches
                .iter()
                .fold((0, vec![0; self.own[candidate].len()]), |(n, sums), s| {
                    let sums: Vec<i128> = sums.iter().zip(&s.1).map(|(a, b)| a + b).collect();
                    (n + s.0, sums)
                });
        let (before, behind) = (&self.stretches[candidate], &self.stretches[candidate + 1]);
        [before, behind, &all]
            .into_iter()
            .any(|(rows, sums)| *rows >= 2 && self.equals(candidate, sums))
    }

    fn equals(&self, candidate: usize, sums: &[i128]) -> bool {
        let own = &self.own[candidate];
        let mut stated = own
            .iter()
            .zip(sums)
            .filter_map(|(own, sum)| Some((*own.as_ref()?, *sum)));
        own.iter().flatten().any(|amount| *amount != 0) && stated.all(|(own, sum)| own == sum)
    }
}

/// Whether a name is that of a sum.
fn is_sum(name: &str) -> bool {
    if name.starts_with(['Σ', '∑']) {
        return true;
    }
    // Names are long and sums are few: most rows are settled by their first word.
    let mut words = name
        .split(|c: char| !c.is_alphabetic())
        .filter(|word| !word.is_empty());
    let is_one =
        |word: &str, of: &[&str]| word.len() <= 16 && of.contains(&word.to_lowercase().as_str());
    let Some(first) = words.next() else {
        return false;
    };
    if is_one(first, &SUMS) {
        return crate::organisation::legal_form(name).is_none();
    }
    is_one(first, &WHOLES)
        && words.all(|word| is_one(word, &WHOLES) || is_one(word, &SUMS) || is_one(word, &SUMMED))
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
            "",
        ] {
            assert!(!is_sum(name), "{name}");
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
            ("Zwischensumme", Extent::Part),
            ("Summe Prioritätsachse A", Extent::Part),
            ("Gesamtsumme 2015", Extent::Part),
            ("Übertrag", Extent::Carried),
        ] {
            assert_eq!(Extent::of(name), extent, "{name}");
        }
    }
}
