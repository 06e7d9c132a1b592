//! What the lists of a question publish: some have the number for none of their operations, since nobody asked them for it.

use std::collections::{BTreeMap, BTreeSet};

use datafusion::prelude::SessionContext;

use super::{CompareError, texts};
use crate::chart::{Comparison, Format, Language};
use crate::metric::{Coverage, Metric};

/// Operations of a list that a question asks for.
#[derive(Debug, Default)]
struct Operations {
    all: f64,
    known: f64,
    numbers: f64,
    periods: BTreeSet<String>,
}

/// The lists of a question.
#[derive(Debug, Default)]
pub(super) struct Lists(BTreeMap<String, Operations>);

impl Lists {
    /// Those of a statement that gives `list`, `period`, `operations`, `known` and `numbers`; where it does not tell how many
    /// operations there are, none is counted.
    pub(super) async fn read(ctx: &SessionContext, statement: &str) -> Result<Self, CompareError> {
        let mut lists = Self::default();
        for row in texts(ctx, statement).await? {
            if let [Some(list), period, all, known, numbers] = row.as_slice() {
                let counts = [all, known, numbers].map(|count| {
                    let count = count.as_deref().unwrap_or_default();
                    count.parse::<f64>().unwrap_or_default()
                });
                lists.add(list, period.as_deref(), counts);
            }
        }
        Ok(lists)
    }

    fn add(&mut self, list: &str, period: Option<&str>, [all, known, numbers]: [f64; 3]) {
        let of_list = self.0.entry(list.to_owned()).or_default();
        of_list.all += all;
        of_list.known += known;
        of_list.numbers += numbers;
        of_list.periods.extend(period.map(str::to_owned));
    }

    /// The lists that have a number for the question.
    pub(super) fn with_number(&self) -> BTreeSet<String> {
        let having = self.0.iter().filter(|(_, list)| list.numbers > 0.0);
        having.map(|(list, _)| list.clone()).collect()
    }

    /// How many operations are in lists that have the number for none, and what the others have; nothing where all lists, or
    /// none, have it.
    pub(super) fn note(&self, metric: &Metric, language: Language) -> Option<String> {
        let (having, silent): (Vec<_>, Vec<_>) = self.0.values().partition(|list| list.known > 0.0);
        let (of_silent, of_having) = (sum(&silent, |l| l.all), sum(&having, |l| l.all));
        if of_silent <= 0.0 || of_having <= 0.0 {
            return None;
        }
        let format = Format::of(&Comparison {
            language,
            ..Comparison::default()
        });
        let count = |n: f64| format.count(n.round() as i64);
        let (without, all) = (count(of_silent), count(of_silent + of_having));
        let share = format.share(sum(&having, |l| l.known) / of_having);
        let periods: BTreeSet<&str> = silent
            .iter()
            .flat_map(|list| list.periods.iter().map(String::as_str))
            .collect();
        let periods = periods.into_iter().collect::<Vec<_>>().join(", ");
        let told = |before: &str| {
            if periods.is_empty() {
                String::new()
            } else {
                format!(" ({before} {periods})")
            }
        };
        // Coverage of money leaves out what has none.
        let is_counted = metric.definition.coverage == Coverage::Operations;
        let counted = |text: &'static str| if is_counted { text } else { "" };
        Some(match language {
            Language::De => format!(
                "{without} von {all} Vorhaben der Frage stehen in Listen, die diese Zahl für keines davon veröffentlichen{}; in den übrigen Listen haben sie {share} der Vorhaben.{}",
                told("Förderperiode"),
                counted(" In der Abdeckung zählen beide gleich: als Vorhaben ohne die Zahl.")
            ),
            Language::Sv => format!(
                "{without} av {all} projekt i frågan står i listor som inte redovisar detta tal för något av dem{}; i övriga listor har {share} av projekten det.{}",
                told("programperiod"),
                counted(" I täckningen räknas båda lika: som projekt utan talet.")
            ),
            Language::En => format!(
                "{without} of {all} operations asked for are in lists that publish this number for none of them{}; in the other lists {share} of the operations have it.{}",
                told("funding period"),
                counted(" Coverage counts both alike, as operations without it.")
            ),
        })
    }
}

fn sum(lists: &[&Operations], of: fn(&Operations) -> f64) -> f64 {
    lists.iter().copied().map(of).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metric::Metrics;

    fn lists() -> Lists {
        let mut lists = Lists::default();
        for (list, period, counts) in [
            ("old", Some("2007-2013"), [1500.0, 0.0, 0.0]),
            ("new", Some("2014-2020"), [900.0, 870.0, 870.0]),
            ("new", None, [100.0, 100.0, 100.0]),
            // A number without the other part of a ratio.
            ("half", Some("2014-2020"), [500.0, 0.0, 500.0]),
        ] {
            lists.add(list, period, counts);
        }
        lists
    }

    #[test]
    fn what_lists_never_publish_is_told_apart_from_what_is_missing() {
        let metrics = Metrics::bundled().unwrap();
        let metric = metrics.get("funding_total_eligible").unwrap();
        let note = lists().note(metric, Language::En).unwrap();
        assert!(
            note.starts_with("2,000 of 3,000 operations asked for")
                && note
                    .contains("(funding period 2007-2013, 2014-2020); in the other lists 97% of"),
            "{note}"
        );
        let note = lists().note(metric, Language::De).unwrap();
        assert!(note.starts_with("2.000 von 3.000 Vorhaben"), "{note}");
        let with_number = BTreeSet::from(["half".to_owned(), "new".to_owned()]);
        assert_eq!(lists().with_number(), with_number);
    }

    #[test]
    fn where_all_lists_have_the_number_or_none_nothing_is_told() {
        let metrics = Metrics::bundled().unwrap();
        let metric = metrics.get("funding_total_eligible").unwrap();
        for keep in ["old", "new"] {
            let mut lists = lists();
            lists.0.retain(|list, _| list == keep);
            assert_eq!(lists.note(metric, Language::En), None);
        }
    }
}
