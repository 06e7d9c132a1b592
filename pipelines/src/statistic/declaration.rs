//! `statistic.toml`: what the dimensions and columns of a published table of figures mean.
//!
//! A table of figures becomes rows of one core table, one for each cell with a figure. The declaration names that table
//! and says where each of its columns comes from: a dimension or column of the file, a constant, or the column of figures
//! itself. It is checked against the table when it is read, so that a misspelt name never reaches a release.

use std::collections::{BTreeMap, BTreeSet};

use arrow::datatypes::DataType;
use esf_schemas::{Column, Table, Visibility};
use serde::Deserialize;

use super::value::{Flag, Status};
use crate::source::{SourceError, nearest};
use crate::value::NumberConvention;

/// The code list of what is measured.
pub(super) const STATISTICS: &str = "STATISTIC";

/// The file in a source's folder.
pub const FILE: &str = "statistic.toml";

/// How figures and what they are about are laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Layout {
    /// The first column holds all dimensions of a row, split by commas; its label names them, and behind a backslash the
    /// dimension of the other columns. This is how Eurostat's bulk files are written.
    Dimensions,
    /// Columns that say what a row is about, and columns of figures with labels over one or several rows.
    Columns,
}

/// What codes of regions are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Regions {
    /// NUTS codes of the version that `source.toml` declares.
    Nuts,
    /// National codes of Länder, Regierungsbezirke and Kreise (AGS), län and kommuner.
    National,
}

/// `statistic.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Statistic {
    /// The core table that figures become rows of.
    pub table: String,
    /// How the file is laid out.
    pub layout: Layout,
    /// Rows of labels above the figures.
    #[serde(default = "one")]
    pub header_rows: usize,
    /// How numbers are written, by example.
    pub numbers: String,
    /// The column of the table that holds the figure.
    #[serde(default = "value_column")]
    pub value_column: String,
    /// What codes of regions are.
    #[serde(default)]
    pub regions: Option<Regions>,
    /// Dimension or label (or `#` and the number of a column without one) to a column of the table, `time`
    /// (a period, of which first and last day are stored) or `region`.
    pub columns: BTreeMap<String, String>,
    /// Column of the table to what holds for every figure.
    #[serde(default)]
    pub constants: BTreeMap<String, String>,
    /// Dimension or label to the values that are wanted; a `*` at the end stands for any end.
    #[serde(default)]
    pub keep: BTreeMap<String, Vec<String>>,
    /// Column of the table to published value to value. A published value that is not named is rejected.
    #[serde(default)]
    pub lookups: BTreeMap<String, BTreeMap<String, String>>,
    /// Published codes of regions whose NUTS code no table gives.
    #[serde(default)]
    pub region_codes: BTreeMap<String, String>,
    /// Columns of figures: `label`, rows of labels joined by " / ", and what holds for the column.
    #[serde(default)]
    pub value: Vec<BTreeMap<String, String>>,
    /// Dimension or label to the reason why it is not kept.
    #[serde(default)]
    pub ignore: BTreeMap<String, String>,
    /// Why all columns that are not named are not kept; without it, such a column stops the source.
    #[serde(default)]
    pub rest: Option<String>,
    /// What stands in place of a figure, and what it says.
    #[serde(default)]
    pub words: BTreeMap<String, Status>,
    /// Signs behind a figure, and what they say; of several the first that is named here decides.
    #[serde(default)]
    pub flags: Vec<Flag>,
}

fn one() -> usize {
    1
}

fn value_column() -> String {
    "value".into()
}

/// Columns that are filled by the program: place of the row, state of the figure, codes found for a region.
const FILLED: [&str; 8] = [
    "source_id",
    "source_file",
    "source_location",
    "source_row",
    "value_status",
    "flags",
    "nuts_version",
    "nuts_code",
];

/// Columns that follow from others, see `complete` in the module above.
const FOLLOWING: [&str; 2] = ["is_total", "indicator_list"];

impl Statistic {
    /// Reads and checks a declaration.
    pub fn parse(source_id: &str, text: &str) -> Result<Self, SourceError> {
        let malformed = |cause: String| SourceError::Malformed {
            source_id: source_id.into(),
            file: FILE.into(),
            cause,
        };
        let read: Self =
            toml::from_str(text).map_err(|e| malformed(e.to_string().trim_end().to_string()))?;
        read.check().map_err(malformed)?;
        Ok(read)
    }

    /// The core table.
    pub fn core_table(&self) -> Option<&'static Table> {
        esf_schemas::table(&self.table)
    }

    /// Whether everybody may see its rows. Of a file of people not even a label is repeated: without its header, the first
    /// record stands in its place.
    pub(crate) fn is_public(&self) -> bool {
        let table = self.core_table();
        table.is_none_or(|table| table.visibility == Visibility::Public)
    }

    /// How numbers are written.
    pub fn convention(&self) -> NumberConvention {
        // Checked when it was read.
        self.numbers.parse().unwrap_or(NumberConvention::PLAIN)
    }

    fn check(&self) -> Result<(), String> {
        let table = self.core_table().ok_or_else(|| {
            let names = esf_schemas::tables().iter().map(|t| t.name.as_str());
            let hint = nearest(&self.table, names)
                .map(|n| format!("; did you mean {n:?}?"))
                .unwrap_or_default();
            format!("there is no table {:?}{hint}", self.table)
        })?;
        self.numbers
            .parse::<NumberConvention>()
            .map_err(|e| e.to_string())?;
        let figure = table
            .column(&self.value_column)
            .filter(|c| scale(c).is_some());
        if figure.is_none() {
            return Err(format!(
                "value_column = {:?} is no column of figures of {}",
                self.value_column, table.name
            ));
        }
        let named = self.columns.values().chain(self.constants.keys());
        let of_values = self.value.iter().flat_map(BTreeMap::keys);
        for target in named
            .chain(self.lookups.keys())
            .chain(of_values.filter(|k| *k != "label"))
        {
            if !self.is_target(table, target) {
                let names = table.columns.iter().map(|c| c.name.as_str());
                let hint = nearest(target, names.chain(["time", "region"]))
                    .map(|n| format!("; did you mean {n:?}?"))
                    .unwrap_or_default();
                return Err(format!(
                    "{target:?} is no column of the table {}{hint}",
                    table.name
                ));
            }
        }
        if let Some(value) = self.value.iter().find(|v| !v.contains_key("label")) {
            return Err(format!("a [[value]] has no label: {value:?}"));
        }
        if self.layout == Layout::Columns && self.value.is_empty() {
            return Err("there is no [[value]], so that no column holds figures".into());
        }
        if self.columns.values().any(|target| target == "region") && self.regions.is_none() {
            return Err("a column is a region; say regions = \"nuts\" or \"national\"".into());
        }
        let targets = self.targets();
        let missing = table.columns.iter().find(|column| {
            let name = column.name.as_str();
            !column.nullable
                && name != self.value_column
                && !FOLLOWING.contains(&name)
                && !FILLED.contains(&name)
                && !targets.contains(name)
        });
        match missing {
            Some(column) => Err(format!(
                "nothing says {} of {}; give it under [columns], [constants] or in every [[value]]",
                column.name, table.name
            )),
            None => self.check_codes(),
        }
    }

    /// Statistics that nobody knows by name must be misspelt, unless the source says what they are.
    fn check_codes(&self) -> Result<(), String> {
        let known = esf_schemas::code_list(STATISTICS);
        let Some(list) = known.filter(|_| self.table == "region_statistic") else {
            return Ok(());
        };
        let of_values = self.value.iter().filter_map(|v| v.get("statistic"));
        for name in self.constants.get("statistic").into_iter().chain(of_values) {
            let near = list.entries.iter().map(|e| e.code.as_str());
            if list.by_code(name).is_none()
                && let Some(near) = nearest(name, near).filter(|near| is_slip(name, near))
            {
                return Err(format!("statistic {name:?}: did you mean {near:?}?"));
            }
        }
        Ok(())
    }

    fn is_target(&self, table: &Table, name: &str) -> bool {
        let own = |column: &str| column != self.value_column && !FILLED[..6].contains(&column);
        matches!(name, "time" | "region")
            || table.column(name).is_some_and(|c| own(c.name.as_str()))
    }

    /// Columns of the table that every row gets a value for.
    fn targets(&self) -> BTreeSet<&str> {
        let mut targets: BTreeSet<&str> = self
            .columns
            .values()
            .chain(self.constants.keys())
            .map(String::as_str)
            .collect();
        if let Some((first, rest)) = self.value.split_first() {
            let everywhere = |name: &&String| rest.iter().all(|v| v.contains_key(*name));
            targets.extend(first.keys().filter(everywhere).map(String::as_str));
        }
        if targets.remove("time") {
            targets.extend(["period_start", "period_end"]);
        }
        if targets.remove("region") {
            targets.extend(["region_code", "nuts_code"]);
        }
        targets
    }
}

/// One letter more, less or other.
fn is_slip(name: &str, near: &str) -> bool {
    strsim::levenshtein(name, near) <= 2
}

/// Decimals with which a column stores figures; none for a column that stores no figures.
pub(super) fn scale(column: &Column) -> Option<u32> {
    match column.column_type.arrow() {
        DataType::Int64 => Some(0),
        DataType::Decimal128(_, scale) => u32::try_from(scale).ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "table = \"exchange_rate\"\nlayout = \"columns\"\nnumbers = \"1234.56\"\n\
        value_column = \"rate\"\nrest = \"not asked for\"\n[columns]\n\"Date\" = \"rate_date\"\n\
        [[value]]\nlabel = \"SEK\"\ncurrency = \"SEK\"\n";

    fn fault(from: &str, to: &str) -> String {
        let text = GOOD.replace(from, to);
        Statistic::parse("made", &text).unwrap_err().to_string()
    }

    #[test]
    fn a_sound_declaration_is_taken() {
        Statistic::parse("made", GOOD).unwrap();
    }

    #[test]
    fn what_does_not_fit_the_table_is_told() {
        for (from, to, expected) in [
            (
                "\"exchange_rate\"",
                "\"exchange_rates\"",
                "did you mean \"exchange_rate\"?",
            ),
            (
                "= \"rate_date\"",
                "= \"rate_day\"",
                "did you mean \"rate_date\"?",
            ),
            (
                "value_column = \"rate\"\n",
                "",
                "value_column = \"value\" is no column of figures",
            ),
            (
                "currency = \"SEK\"\n",
                "",
                "nothing says currency of exchange_rate",
            ),
            ("label = \"SEK\"\n", "", "has no label"),
            ("1234.56", "1.2.3", "1.2.3"),
            ("rest =", "remainder =", "unknown field `remainder`"),
            (
                "= \"rate_date\"",
                "= \"rate_date\"\n\"X\" = \"region\"",
                "say regions =",
            ),
        ] {
            let told = fault(from, to);
            assert!(told.contains(expected), "{told}");
        }
    }
}
