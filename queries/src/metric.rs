//! Metrics as they are declared: one folder each, a `metric.toml` and a `metric.sql`.
//!
//! The query gives one row per operation of the metric's population: `operation_id`, `numerator` and, for ratios,
//! `denominator`; null where the operation publishes too little. Rows without an operation may carry a denominator of a
//! region (`nuts_code`). How rows become a value is one of a few ways that `value` names.

use std::collections::BTreeMap;
use std::path::Path;

use rust_embed::RustEmbed;
use serde::Deserialize;

use crate::chart::Shared;
use crate::dimension::Dimension;
use crate::wording::{Caveat, Text};

#[derive(RustEmbed)]
#[folder = "metrics/"]
struct Folders;

/// How the rows of a group become its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Value {
    /// Sum of numerators.
    Sum,
    /// Sum of numerators over sum of denominators.
    Ratio,
    /// Herfindahl-Hirschman index over units.
    Hhi,
    /// Gini coefficient over units.
    Gini,
    /// Theil index over units.
    Theil,
}

/// What the rows of a metric's query are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rows {
    /// Operations, and regions of statistics.
    #[default]
    Operation,
    /// Counts of people of an operation or a programme (`programme_id`), whole or of a region (`nuts_code`), of a
    /// period (`period_start`, `period_end`), with `is_suppressed`.
    Cell,
    /// Published figures that carry the columns they are compared by, which `own` names.
    Own,
}

/// What coverage is a share of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Coverage {
    /// Of operations.
    #[default]
    Operations,
    /// Of the money in the numerators.
    Money,
}

/// Which interval a value has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Interval {
    /// Delta method over operations; below 30 of them the range of single operations.
    Ratio,
    /// Wilson's score interval of a share of people.
    Wilson,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct MetricToml {
    title: Text,
    reading: Text,
    definition: Definition,
    comparability: Comparability,
}

/// What a metric is.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Definition {
    /// Unit of the value; `share` is shown in per cent.
    pub unit: String,
    /// How rows become a value.
    pub value: Value,
    /// The unit over which an index is computed: a dimension.
    #[serde(default)]
    pub per: Option<String>,
    /// Which interval it has.
    #[serde(default)]
    pub interval: Option<Interval>,
    /// What the rows of its query are about.
    #[serde(default)]
    pub rows: Rows,
    /// Whether rows about operations say with `is_suppressed` that disclosure control hides a part of them.
    #[serde(default)]
    pub suppressed: bool,
    /// What its coverage is a share of.
    #[serde(default)]
    pub coverage: Coverage,
    /// Whether its sum is money whose parts add up to the cent.
    #[serde(default)]
    pub cents: bool,
    /// Dimensions that its rows carry themselves, in columns of these names.
    #[serde(default)]
    pub own: Vec<String>,
    /// Whether more is better: higher, lower or neither.
    pub direction: String,
    /// input, output, result, longer_term_result or impact.
    pub kind: String,
    /// What a row of its query is.
    pub grain: String,
    /// Which operations or cells it is about.
    pub population: String,
    /// The formula in words.
    pub formula: String,
    /// What the definition rests on.
    pub source: String,
    /// Tables that must hold rows, or columns (`table.column`) that must hold values.
    #[serde(default)]
    pub needs: Vec<String>,
    /// Statistics that `region_statistic` must hold.
    #[serde(default)]
    pub statistics: Vec<String>,
    /// Dimensions it can be compared by; all, if empty.
    #[serde(default)]
    pub dimensions: Vec<String>,
    /// What to know before using it.
    #[serde(default)]
    pub caveats: Vec<Caveat>,
}

impl Definition {
    /// What cannot be meant.
    fn contradiction(&self) -> Option<&'static str> {
        let of_units = matches!(self.value, Value::Hhi | Value::Gini | Value::Theil);
        if of_units != self.per.is_some() {
            Some("`per` names the units of an index, and only an index has them")
        } else if of_units && self.rows != Rows::Operation {
            Some("an index is over operations")
        } else if self.cents && self.value != Value::Sum {
            Some("`cents` is for sums of money")
        } else if self.rows == Rows::Own && self.dimensions.is_empty() {
            Some("rows of their own carry their dimensions: name them in `own` and `dimensions`")
        } else if self.rows == Rows::Own && self.dimensions.iter().any(|d| !self.own.contains(d)) {
            Some("`dimensions` names one that its rows do not carry; see `own`")
        } else {
            None
        }
    }
}

/// What it may be put side by side across.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Comparability {
    /// Germany with Sweden.
    pub countries: bool,
    /// Funding periods with each other, in one row; if not, such a row is flagged as a break in the definition.
    #[serde(default = "yes")]
    pub periods: bool,
    /// Why not.
    #[serde(default)]
    pub reason: Option<Caveat>,
}

fn yes() -> bool {
    true
}

/// A metric.
#[derive(Debug, Clone)]
pub struct Metric {
    /// Folder name.
    pub name: String,
    /// Title for people.
    pub title: Text,
    /// One sentence: what it shows and what it does not.
    pub reading: Text,
    /// Definition.
    pub definition: Definition,
    /// Comparability.
    pub comparability: Comparability,
    /// Its query.
    pub sql: String,
    /// The questions that it is tested with, and their answers.
    pub test: Option<String>,
}

impl Metric {
    /// What of it is shared out over the rows of a comparison, as the unallocated share measures it.
    pub fn shared(&self) -> Shared {
        let definition = &self.definition;
        if definition.rows == Rows::Cell {
            Shared::Counts
        } else if definition.cents || definition.coverage == Coverage::Money {
            Shared::Money
        } else if definition.rows == Rows::Own {
            Shared::Figures
        } else {
            Shared::Operations
        }
    }

    /// Its query as it stands within another.
    pub(crate) fn statement(&self) -> &str {
        self.sql.trim().trim_end_matches(';')
    }
}

/// Why a metric cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum MetricError {
    /// A folder is not as it must be.
    #[error("metric {name}: {file} is not as expected: {cause}")]
    Declaration {
        /// Folder name.
        name: String,
        /// File in it.
        file: String,
        /// What is wrong.
        cause: String,
    },
    /// Nobody declared such a metric.
    #[error("there is no metric {name:?}{hint}; `esf metric list` shows them all")]
    Unknown {
        /// What was asked for.
        name: String,
        /// Nearest name, as a phrase.
        hint: String,
    },
    /// Two folders have the same name.
    #[error("metric {name} is declared twice; folders given with --metrics may not repeat a name")]
    Twice {
        /// Folder name.
        name: String,
    },
}

/// All metrics, by name.
#[derive(Debug, Clone, Default)]
pub struct Metrics(BTreeMap<String, Metric>);

impl Metrics {
    /// The bundled metrics. Fails on a folder that is not as it must be.
    pub fn bundled() -> Result<Self, MetricError> {
        let mut metrics = Self::default();
        for path in Folders::iter() {
            let Some(name) = path.strip_suffix("/metric.toml") else {
                continue;
            };
            let text = |file: &str| {
                let found = Folders::get(&format!("{name}/{file}"));
                found.map(|f| String::from_utf8_lossy(&f.data).into_owned())
            };
            metrics.add(name, text)?;
        }
        Ok(metrics)
    }

    /// Adds the metrics of a folder, one folder each.
    pub fn read(&mut self, folder: &Path) -> Result<(), MetricError> {
        let failed = |file: &Path, cause: &std::io::Error| MetricError::Declaration {
            name: folder.display().to_string(),
            file: file.display().to_string(),
            cause: cause.to_string(),
        };
        let entries = std::fs::read_dir(folder).map_err(|e| failed(folder, &e))?;
        let mut folders: Vec<_> = entries
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|path| path.join("metric.toml").is_file())
            .collect();
        folders.sort();
        for path in folders {
            let name = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            if self.0.contains_key(&name) {
                return Err(MetricError::Twice { name });
            }
            let text = |file: &str| std::fs::read_to_string(path.join(file)).ok();
            self.add(&name, text)?;
        }
        Ok(())
    }

    fn add(
        &mut self,
        name: &str,
        text: impl Fn(&str) -> Option<String>,
    ) -> Result<(), MetricError> {
        let wrong = |file: &str, cause: String| MetricError::Declaration {
            name: name.into(),
            file: file.into(),
            cause,
        };
        let read = |file: &str| text(file).ok_or_else(|| wrong(file, "it cannot be read".into()));
        let (toml, sql) = (read("metric.toml")?, read("metric.sql")?);
        let declared: MetricToml = toml::from_str(&toml)
            .map_err(|e| wrong("metric.toml", e.to_string().trim_end().to_owned()))?;
        if let Some(cause) = declared.definition.contradiction() {
            return Err(wrong("metric.toml", cause.into()));
        }
        self.0.insert(
            name.into(),
            Metric {
                name: name.into(),
                title: declared.title,
                reading: declared.reading,
                definition: declared.definition,
                comparability: declared.comparability,
                sql,
                test: text("metric.slt"),
            },
        );
        Ok(())
    }

    /// All metrics in the order of their names.
    pub fn iter(&self) -> impl Iterator<Item = &Metric> {
        self.0.values()
    }

    /// What a metric is compared by where nobody says: regions, or the first dimension that it is defined by.
    pub fn usual_dimension(&self, name: &str) -> Dimension {
        let declared = self.0.get(name).map(|metric| &metric.definition.dimensions);
        let region = Dimension::Region;
        match declared.and_then(|names| names.first().map(|first| (first, names))) {
            Some((first, names)) if !names.iter().any(|name| name == region.name()) => {
                first.parse().unwrap_or(region)
            }
            _ => region,
        }
    }

    /// A metric by its name.
    pub fn get(&self, name: &str) -> Result<&Metric, MetricError> {
        self.0.get(name).ok_or_else(|| {
            let near = self
                .0
                .keys()
                .map(|known| (strsim::jaro_winkler(known, name), known))
                .filter(|(score, _)| *score > 0.75)
                .max_by(|a, b| a.0.total_cmp(&b.0));
            MetricError::Unknown {
                name: name.into(),
                hint: near.map_or(String::new(), |(_, n)| format!(" (did you mean {n}?)")),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bundled_metric_is_whole() {
        let metrics = Metrics::bundled().unwrap();
        assert!(metrics.iter().count() >= 20);
        for metric in metrics.iter() {
            let d = &metric.definition;
            assert!(metric.sql.starts_with("-- Grain: "), "{}", metric.name);
            assert!(
                ["input", "output", "result", "longer_term_result", "impact"]
                    .contains(&d.kind.as_str()),
                "{}",
                metric.name
            );
            assert!(["higher", "lower", "neither"].contains(&d.direction.as_str()));
            for dimension in d.per.iter().chain(&d.dimensions) {
                assert!(dimension.parse::<Dimension>().is_ok(), "{dimension}");
            }
            let c = &metric.comparability;
            assert_eq!(c.countries, c.reason.is_none(), "{}", metric.name);
            let mut texts = vec![&metric.title, &metric.reading];
            for caveat in d.caveats.iter().chain(&c.reason) {
                match caveat {
                    Caveat::Translated(text) => texts.push(text),
                    Caveat::English(text) => panic!("{}: in English alone: {text}", metric.name),
                }
            }
            let kinds = esf_schemas::code_list("amount_kind").map_or(&[][..], |list| &list.entries);
            for text in texts {
                assert!(![&text.en, &text.de, &text.sv].iter().any(|t| t.is_empty()));
                // People read the label of an amount, not its code.
                for kind in kinds.iter().filter(|kind| kind.code.contains('_')) {
                    let mut told = [&text.en, &text.de, &text.sv].into_iter();
                    assert!(!told.any(|t| t.contains(&kind.code)), "{}", metric.name);
                }
            }
        }
    }

    #[test]
    fn an_unknown_metric_names_the_nearest() {
        let error = Metrics::bundled().unwrap().get("duratoin").unwrap_err();
        assert!(
            error.to_string().contains("did you mean duration?"),
            "{error}"
        );
    }

    #[test]
    fn what_is_shared_out_is_what_the_rows_are_about() {
        let metrics = Metrics::bundled().unwrap();
        for (name, shared) in [
            ("completeness", Shared::Operations),
            ("funding_paid", Shared::Money),
            ("women_share", Shared::Counts),
            ("absorption", Shared::Figures),
        ] {
            assert_eq!(metrics.get(name).unwrap().shared(), shared, "{name}");
        }
    }

    #[test]
    fn an_index_needs_its_units() {
        let toml = Folders::get("beneficiary_gini/metric.toml").unwrap();
        let toml = String::from_utf8(toml.data.into_owned()).unwrap();
        let without = toml.replace("per = \"beneficiary\"\n", "");
        let added = Metrics::default().add("made", |file| match file {
            "metric.toml" => Some(without.clone()),
            _ => Some(String::new()),
        });
        assert!(
            added
                .unwrap_err()
                .to_string()
                .contains("`per` names the units")
        );
    }
}
