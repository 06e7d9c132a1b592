//! What a refusal says, in the language of the question: why, and what can be asked instead.
//!
//! Owns what there is to know of each reason, its code, and how its sentences (`sentence`) are put together. Does not own which
//! questions are refused (`answerable`).

mod sentence;
#[cfg(test)]
mod tests;

use crate::chart::Language;
use crate::dimension::Dimension;
use crate::wording::{Caveat, Text};
use sentence::{Sentences, fill};

/// Why a question is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// The metric is not defined over this dimension.
    Dimension {
        /// The metric.
        metric: String,
        /// What was asked.
        by: Dimension,
        /// What there is.
        known: Vec<String>,
    },
    /// The data that it needs are published by nobody.
    Lacks {
        /// The metric.
        metric: String,
        /// What is missing.
        lacks: Lacking,
    },
    /// What is asked for cannot be put side by side.
    Incomparable {
        /// The metric.
        metric: String,
        /// The countries.
        countries: Vec<String>,
        /// Why.
        reason: Option<Caveat>,
    },
    /// The country that is asked for has nothing.
    Country {
        /// The metric.
        metric: String,
        /// What was asked.
        country: String,
        /// What there is.
        known: Vec<String>,
    },
    /// Nothing of what is asked for has a number.
    Nothing {
        /// The metric.
        metric: String,
        /// What there is nothing of.
        asked: Asked,
        /// What there is.
        known: Known,
    },
    /// The condition is on what operations and rows of the metric both have, and the two differ.
    Condition {
        /// The metric.
        metric: String,
        /// The column.
        column: String,
    },
}

/// What a release lacks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lacking {
    /// Rows.
    Rows {
        /// The table.
        table: String,
    },
    /// Values.
    Values {
        /// The column.
        column: String,
        /// Its table.
        table: String,
    },
    /// A statistic.
    Statistic {
        /// Its code.
        statistic: String,
    },
    /// Numbers of what the metric is about.
    Numbers {
        /// What the release has none of.
        none: Text,
    },
}

/// What a question asks for that nothing is of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// What the rows are.
    pub by: Dimension,
    /// Its country.
    pub country: Option<String>,
    /// Its funding period.
    pub period: Option<String>,
    /// Its condition.
    pub filter: Option<String>,
    /// Whether there are numbers of all this, which name nothing of the rows.
    pub has_others: bool,
}

/// What there are numbers of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Known {
    /// Countries.
    pub countries: Vec<String>,
    /// Funding periods.
    pub periods: Vec<String>,
    /// Funds.
    pub funds: Vec<String>,
}

impl Refusal {
    /// The codes of all refusals, under which `esf explain` says more.
    pub const CODES: [&'static str; 6] = [
        "compare-dimension",
        "compare-lacks",
        "compare-incomparable",
        "compare-country",
        "compare-nothing",
        "compare-condition",
    ];

    /// Its code.
    pub fn code(&self) -> &'static str {
        let [dimension, lacks, incomparable, country, nothing, condition] = Self::CODES;
        match self {
            Self::Dimension { .. } => dimension,
            Self::Lacks { .. } => lacks,
            Self::Incomparable { .. } => incomparable,
            Self::Country { .. } => country,
            Self::Nothing { .. } => nothing,
            Self::Condition { .. } => condition,
        }
    }

    /// Why, and what can be asked instead. What a metric of one's own says in English alone is said so.
    pub fn told(&self, language: Language) -> String {
        let says = Sentences::of(language);
        match self {
            Self::Dimension { metric, by, known } => fill(
                says.dimension,
                &[
                    ("metric", metric.as_str()),
                    ("by", by.name()),
                    ("known", known.join(", ").as_str()),
                ],
            ),
            Self::Lacks { metric, lacks } => fill(
                says.lacks,
                &[
                    ("metric", metric.as_str()),
                    ("lacks", lacks.told(says, language).as_str()),
                ],
            ),
            Self::Incomparable {
                metric,
                countries,
                reason,
            } => {
                let why = reason.as_ref();
                let why = why.map(|why| why.of(language).unwrap_or_else(|| why.english()));
                let options = countries.iter().map(|code| format!("--country {code}"));
                let options: Vec<String> = options.collect();
                fill(
                    says.incomparable,
                    &[
                        ("metric", metric.as_str()),
                        ("countries", countries.join(says.and).as_str()),
                        ("reason", why.unwrap_or_default()),
                        ("instead", options.join(says.or).as_str()),
                    ],
                )
            }
            Self::Country {
                metric,
                country,
                known,
            } => {
                let known = if known.is_empty() {
                    says.no_country.to_owned()
                } else {
                    known.join(", ")
                };
                fill(
                    says.country,
                    &[
                        ("metric", metric.as_str()),
                        ("country", country.as_str()),
                        ("known", known.as_str()),
                    ],
                )
            }
            Self::Nothing {
                metric,
                asked,
                known,
            } => fill(
                says.nothing,
                &[
                    ("metric", metric.as_str()),
                    ("lacks", asked.told(says, language).as_str()),
                    ("known", known.told(says).as_str()),
                ],
            ),
            Self::Condition { metric, column } => fill(
                says.condition,
                &[("metric", metric.as_str()), ("column", column.as_str())],
            ),
        }
    }
}

impl Lacking {
    fn told(&self, says: &Sentences, language: Language) -> String {
        match self {
            Self::Rows { table } => fill(says.lacks_rows, &[("table", table.as_str())]),
            Self::Values { column, table } => fill(
                says.lacks_values,
                &[("column", column.as_str()), ("table", table.as_str())],
            ),
            Self::Statistic { statistic } => {
                fill(says.lacks_statistic, &[("statistic", statistic.as_str())])
            }
            Self::Numbers { none } => fill(says.lacks_numbers, &[("none", none.of(language))]),
        }
    }
}

impl Asked {
    fn told(&self, says: &Sentences, language: Language) -> String {
        let row = match self.by {
            Dimension::Region => says.this_level.to_owned(),
            by => language.dimension(by.name()),
        };
        if self.has_others {
            return fill(says.no_row, &[("row", row.as_str())]);
        }
        let conditions = [
            (says.of_country, "country", &self.country),
            (says.of_period, "period", &self.period),
            (says.of_condition, "condition", &self.filter),
        ];
        let mut parts: Vec<String> = conditions
            .into_iter()
            .filter_map(|(sentence, place, text)| {
                Some(fill(sentence, &[(place, text.as_deref()?)]))
            })
            .collect();
        if parts.is_empty() {
            parts.push(fill(says.of_row, &[("row", row.as_str())]));
        }
        fill(says.no_number, &[("asked", parts.join(says.and).as_str())])
    }
}

impl Known {
    fn told(&self, says: &Sentences) -> String {
        let kinds = [
            (says.in_countries, &self.countries),
            (says.in_periods, &self.periods),
            (says.in_funds, &self.funds),
        ];
        let parts: Vec<String> = kinds
            .into_iter()
            .filter(|(_, values)| !values.is_empty())
            .map(|(sentence, values)| fill(sentence, &[("values", values.join(", ").as_str())]))
            .collect();
        if parts.is_empty() {
            return says.names_none.to_owned();
        }
        fill(says.there_are, &[("parts", parts.join(", ").as_str())])
    }
}
