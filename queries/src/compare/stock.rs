//! The years of the statistics that money and people are set against.

use std::collections::{BTreeMap, BTreeSet};

use datafusion::prelude::SessionContext;

use super::{CompareError, texts};
use crate::chart::Language;

/// The years that count, by country.
#[derive(Debug, Default)]
pub(super) struct Years(BTreeMap<String, BTreeSet<i64>>);

impl Years {
    /// Those of a statement that gives country and year; of one country where one is asked for.
    pub(super) async fn read(
        ctx: &SessionContext,
        statement: &str,
        asked: Option<&str>,
    ) -> Result<Self, CompareError> {
        let mut years = Self::default();
        for row in texts(ctx, statement).await? {
            if let [Some(country), Some(year)] = row.as_slice()
                && asked.is_none_or(|asked| asked == country)
                && let Ok(year) = year.parse()
            {
                years.0.entry(country.clone()).or_default().insert(year);
            }
        }
        Ok(years)
    }

    /// Countries that have any.
    pub(super) fn countries(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Whether a country has any.
    pub(super) fn has(&self, country: &str) -> bool {
        self.0.contains_key(country)
    }

    /// What is to be known of them.
    pub(super) fn note(&self, language: Language) -> Option<String> {
        let of_countries: Vec<String> = match self.0.len() {
            0 => return None,
            1 => self.0.values().map(spans).collect(),
            _ => {
                let of_countries = self.0.iter();
                of_countries
                    .map(|(country, years)| format!("{country} {}", spans(years)))
                    .collect()
            }
        };
        let years = of_countries.join("; ");
        Some(match language {
            Language::De => format!("Jahre der Statistik, deren Bestände zählen: {years}."),
            Language::Sv => format!("Statistikens år vars antal räknas: {years}."),
            Language::En => format!("Years of the statistic whose stocks count: {years}."),
        })
    }
}

/// Years in words: those that follow each other as the first and the last.
pub(super) fn spans(years: &BTreeSet<i64>) -> String {
    let mut spans: Vec<(i64, i64)> = Vec::new();
    for year in years {
        match spans.last_mut() {
            Some((_, last)) if *last + 1 == *year => *last = *year,
            _ => spans.push((*year, *year)),
        }
    }
    let spans: Vec<String> = spans
        .into_iter()
        .map(|(first, last)| {
            if first == last {
                first.to_string()
            } else {
                format!("{first}-{last}")
            }
        })
        .collect();
    spans.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn years_that_follow_each_other_are_a_span() {
        assert_eq!(spans(&BTreeSet::from([2016])), "2016");
        assert_eq!(
            spans(&BTreeSet::from([2015, 2016, 2018, 2020, 2021, 2022])),
            "2015-2016, 2018, 2020-2022"
        );
    }

    #[test]
    fn countries_are_named_where_there_are_several() {
        let mut years = Years::default();
        assert_eq!(years.note(Language::En), None);
        years.0.insert("DE".into(), BTreeSet::from([2015, 2016]));
        let one = years.note(Language::En).unwrap();
        assert_eq!(one, "Years of the statistic whose stocks count: 2015-2016.");
        years.0.insert("SE".into(), BTreeSet::from([2020]));
        let both = years.note(Language::De).unwrap();
        assert!(both.ends_with(": DE 2015-2016; SE 2020."), "{both}");
    }
}
