//! The years of which the rows of a question count people: each programme and region publishes counts for periods of its own.

use std::collections::{BTreeMap, BTreeSet};

use datafusion::prelude::SessionContext;

use super::stock::spans;
use super::{CompareError, texts};
use crate::chart::{Language, Row};

/// More groups of rows than this are not listed.
const LISTED: usize = 6;
/// More rows of the same years than this are not named.
const NAMED: usize = 3;

/// The years that the counts of each row hold, by key.
#[derive(Debug, Default)]
pub(super) struct Counted(BTreeMap<String, BTreeSet<i64>>);

impl Counted {
    /// Those of a statement that gives `key`, `first_year` and `last_year`.
    pub(super) async fn read(ctx: &SessionContext, statement: &str) -> Result<Self, CompareError> {
        let mut counted = Self::default();
        for row in texts(ctx, statement).await? {
            if let [Some(key), Some(first), Some(last)] = row.as_slice()
                && let (Ok(first), Ok(last)) = (first.parse::<i64>(), last.parse::<i64>())
            {
                counted
                    .0
                    .entry(key.clone())
                    .or_default()
                    .extend(first..=last);
            }
        }
        Ok(counted)
    }

    /// The years of the rows with a value, with the labels of the rows; of one time are rows that all have the same years.
    fn groups<'r>(&self, rows: &'r [Row]) -> BTreeMap<&BTreeSet<i64>, Vec<&'r str>> {
        let mut groups: BTreeMap<&BTreeSet<i64>, Vec<&str>> = BTreeMap::new();
        for row in rows.iter().filter(|row| row.value.is_some()) {
            if let Some(years) = self.0.get(&row.key) {
                groups.entry(years).or_default().push(row.label.as_str());
            }
        }
        groups
    }

    /// Flags rows that lack years which others count.
    pub(super) fn flag(&self, rows: &mut [Row]) {
        let all: BTreeSet<i64> = self.groups(rows).into_keys().flatten().copied().collect();
        for row in rows.iter_mut().filter(|row| row.value.is_some()) {
            if self.0.get(&row.key).is_some_and(|years| *years != all) {
                row.flags.push("some_years".to_owned());
            }
        }
    }

    /// What is to be known where rows count people of different years.
    pub(super) fn note(&self, rows: &[Row], language: Language) -> Option<String> {
        let groups = self.groups(rows);
        if groups.len() < 2 {
            return None;
        }
        let told = match language {
            Language::De => "Die Zeilen zählen Menschen verschiedener Jahre",
            Language::Sv => "Raderna räknar personer från olika år",
            Language::En => "The rows count people of different years",
        };
        if groups.len() > LISTED {
            let all: BTreeSet<i64> = groups.into_keys().flatten().copied().collect();
            let within = match language {
                Language::De => "alle zwischen",
                Language::Sv => "alla inom",
                Language::En => "all of them within",
            };
            return Some(format!("{told}, {within} {}.", spans(&all)));
        }
        let listed: Vec<String> = groups
            .into_iter()
            .map(|(years, labels)| format!("{} ({})", spans(years), named(&labels, language)))
            .collect();
        Some(format!("{told}: {}.", listed.join("; ")))
    }
}

/// The first labels, and how many there are besides.
fn named(labels: &[&str], language: Language) -> String {
    if labels.len() <= NAMED {
        return labels.join(", ");
    }
    let further = labels.len() - NAMED;
    let further = match language {
        Language::De => format!("und {further} weitere"),
        Language::Sv => format!("och {further} till"),
        Language::En => format!("and {further} more"),
    };
    format!("{} {further}", labels[..NAMED].join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(years: &[(&str, Vec<i64>)]) -> (Counted, Vec<Row>) {
        let mut counted = Counted::default();
        let mut rows = Vec::new();
        for (key, years) in years {
            let years = years.iter().copied().collect();
            counted.0.insert((*key).to_owned(), years);
            rows.push(Row::shown(key, key, 0.5));
        }
        (counted, rows)
    }

    #[test]
    fn rows_of_different_years_are_told() {
        let (counted, mut rows) = counted(&[
            ("A", vec![2015, 2016, 2017]),
            ("B", vec![2017]),
            ("C", vec![2017]),
            ("D", vec![2017]),
            ("E", vec![2017]),
        ]);
        // A row without a value is of no years.
        let without = Row::missing("F", "F", "");
        rows.push(without);
        let note = counted.note(&rows, Language::En).unwrap();
        assert_eq!(
            note,
            "The rows count people of different years: 2015-2017 (A); 2017 (B, C, D and 1 more)."
        );
        counted.flag(&mut rows);
        let flagged = rows.iter().filter(|row| !row.flags.is_empty());
        assert_eq!(
            flagged.map(|row| row.key.as_str()).collect::<String>(),
            "BCDE"
        );
    }

    #[test]
    fn rows_of_the_same_years_have_nothing_to_be_told() {
        let (counted, mut rows) = counted(&[("A", vec![2015, 2017]), ("B", vec![2015, 2017])]);
        assert_eq!(counted.note(&rows, Language::De), None);
        counted.flag(&mut rows);
        assert!(rows.iter().all(|row| row.flags.is_empty()));
    }
}
