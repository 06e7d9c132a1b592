//! Code lists with their labels, from `codes/<list>/`.
//!
//! `codes.toml` says what the list is and who stands behind it; the CSV holds the entries. Every entry has a code, labels
//! in English, German and Swedish, a status and a source; further columns differ by list. Labels are never learnt from a
//! published list of operations: some print the label of one code at another.

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use serde::Deserialize;

use crate::{Declarations, SchemaError, declaration, normalise_label};

/// One code of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The code. Lists of things that change over time may hold it more than once.
    pub code: String,
    /// Labels by language (`en`, `de`, `sv`).
    pub labels: BTreeMap<String, String>,
    /// Whether the entry was checked: `confirmed`, `unconfirmed` or `own`.
    pub status: String,
    /// What it rests on.
    pub source: String,
    /// Further columns of the list, where filled.
    pub more: BTreeMap<String, String>,
}

impl Entry {
    /// The label in a language, else in English.
    pub fn label(&self, language: &str) -> Option<&str> {
        self.labels
            .get(language)
            .or_else(|| self.labels.get("en"))
            .map(String::as_str)
    }

    /// A further column of the entry, if it is filled.
    pub fn get(&self, column: &str) -> Option<&str> {
        self.more.get(column).map(String::as_str)
    }
}

/// A code list.
#[derive(Debug, Clone)]
pub struct CodeList {
    /// The name of its folder, e.g. `esf_2014_20`.
    pub name: String,
    /// The id that tables store beside the code, e.g. `ESF_2014_20`.
    pub id: String,
    /// What it lists.
    pub title: String,
    /// The act or body that the codes come from.
    pub authority: String,
    /// Edition of the authority.
    pub edition: String,
    /// What is confirmed and what is not.
    pub status: String,
    /// The table that shows its entries as more than codes, e.g. `price_level`; none for a list that only names things.
    pub table: Option<String>,
    /// What the figures of the list are, where it holds some.
    pub series: Vec<Series>,
    /// The entries in the order of the file.
    pub entries: Vec<Entry>,
    by_code: HashMap<String, usize>,
    by_label: BTreeMap<String, Option<usize>>,
}

/// A series of figures in a code list.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Series {
    /// Its name in the tables; what is not comparable has another name.
    pub series: String,
    /// What kind of figure it is: national, harmonised, parity or exchange_rate.
    pub kind: String,
    /// Unit of its values.
    pub unit: String,
    /// What an index is relative to.
    pub base: Option<String>,
    /// The column that holds it, with `country`; absent where every entry names its own country, series and value.
    pub column: Option<String>,
    /// The country that the column is about.
    pub country: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ListToml {
    id: String,
    title: String,
    authority: String,
    edition: String,
    status: String,
    #[serde(default)]
    table: Option<String>,
    #[serde(default)]
    series: Vec<Series>,
}

/// A shared beginning this long makes a label recognisable although its end is cut off or worded differently.
const RECOGNISABLE: usize = 25;

impl CodeList {
    /// The entry of a code; the first one, if the code stands for several states over time.
    pub fn by_code(&self, code: &str) -> Option<&Entry> {
        self.by_code.get(code.trim()).map(|i| &self.entries[*i])
    }

    /// The entry of a published label, in any language. A label that is cut off ("…"), or whose end is worded
    /// differently, is found by its beginning, if no other code shares it.
    ///
    /// ```
    /// let list = esf_schemas::code_list("ESF_2014_20").unwrap();
    /// let entry = list.by_label("Anpassung der Arbeitskräfte, Unternehmen und Unternehmer an...").unwrap();
    /// assert_eq!(entry.code, "106");
    /// ```
    pub fn by_label(&self, text: &str) -> Option<&Entry> {
        let key = label_key(text);
        if let Some(known) = self.by_label.get(&key) {
            return known.map(|i| &self.entries[i]);
        }
        if key.len() < RECOGNISABLE {
            return None;
        }
        // Sorted neighbours share the longest beginning.
        let before = self.by_label.range(..key.clone()).next_back();
        let after = self.by_label.range(key.clone()..).next();
        let shared = |label: &str| {
            label
                .bytes()
                .zip(key.bytes())
                .take_while(|(a, b)| a == b)
                .count()
        };
        let longest = [before, after]
            .iter()
            .flatten()
            .map(|(label, _)| shared(label))
            .max()?;
        if longest < RECOGNISABLE {
            return None;
        }
        let mut codes = self
            .by_label
            .iter()
            .filter(|(label, _)| shared(label) >= longest)
            .map(|(_, entry)| entry.map(|i| self.entries[i].code.as_str()));
        let code = codes.next()??;
        codes
            .all(|other| other == Some(code))
            .then(|| self.by_code(code))
            .flatten()
    }

    fn parse(name: &str, toml: ListToml, path: &str, csv: &str) -> Result<Self, SchemaError> {
        let fault = |source| SchemaError::Csv {
            path: path.to_owned(),
            source: Box::new(source),
        };
        let mut reader = csv::Reader::from_reader(csv.as_bytes());
        let headers = reader.headers().map_err(fault)?.clone();
        let mut entries = Vec::new();
        for record in reader.records() {
            let record = record.map_err(fault)?;
            let mut cells: BTreeMap<String, String> = headers
                .iter()
                .zip(record.iter())
                .filter(|(_, cell)| !cell.is_empty())
                .map(|(header, cell)| (header.to_owned(), cell.to_owned()))
                .collect();
            let line = record.position().map_or(0, csv::Position::line);
            let mut required = |column: &'static str| {
                cells.remove(column).ok_or_else(|| SchemaError::EmptyCell {
                    path: path.to_owned(),
                    line,
                    column,
                })
            };
            let (code, status, source) =
                (required("code")?, required("status")?, required("source")?);
            let labels = ["en", "de", "sv"]
                .iter()
                .filter_map(|language| {
                    Some((
                        (*language).to_owned(),
                        cells.remove(&format!("label_{language}"))?,
                    ))
                })
                .collect();
            entries.push(Entry {
                code,
                labels,
                status,
                source,
                more: cells,
            });
        }
        let mut list = Self {
            name: name.to_owned(),
            id: toml.id,
            title: toml.title,
            authority: toml.authority,
            edition: toml.edition,
            status: toml.status,
            table: toml.table,
            series: toml.series,
            by_code: HashMap::new(),
            by_label: BTreeMap::new(),
            entries,
        };
        list.make_index();
        Ok(list)
    }

    fn make_index(&mut self) {
        for (i, entry) in self.entries.iter().enumerate() {
            self.by_code.entry(entry.code.clone()).or_insert(i);
            let aliases = entry
                .get("alias")
                .unwrap_or_default()
                .split('|')
                .map(str::to_owned);
            let code = std::iter::once(entry.code.clone());
            for label in entry.labels.values().cloned().chain(aliases).chain(code) {
                let key = label_key(&label);
                if key.is_empty() {
                    continue;
                }
                let known = self.by_label.entry(key).or_insert(Some(i));
                // A label of two codes names neither.
                if known.is_some_and(|first| self.entries[first].code != entry.code) {
                    *known = None;
                }
            }
        }
    }
}

/// All code lists, by name.
///
/// # Panics
/// If an embedded list is broken, which a test of this crate excludes.
pub fn code_lists() -> &'static [CodeList] {
    static LISTS: LazyLock<Vec<CodeList>> =
        LazyLock::new(|| load().unwrap_or_else(|error| panic!("{error}")));
    &LISTS
}

/// The code list of this name or id (`esf_2014_20`, `ESF_2014_20`), if there is one.
pub fn code_list(name: &str) -> Option<&'static CodeList> {
    code_lists()
        .iter()
        .find(|list| list.name == name || list.id == name)
}

fn load() -> Result<Vec<CodeList>, SchemaError> {
    let mut lists = BTreeMap::new();
    for path in Declarations::iter() {
        let Some(name) = path
            .strip_prefix("codes/")
            .and_then(|rest| rest.strip_suffix("/codes.toml"))
        else {
            continue;
        };
        let toml = toml::from_str(&declaration(&path)?).map_err(|source| SchemaError::Toml {
            path: path.to_string(),
            source: Box::new(source),
        })?;
        let csv = format!("codes/{name}/{name}.csv");
        lists.insert(
            name.to_owned(),
            CodeList::parse(name, toml, &csv, &declaration(&csv)?)?,
        );
    }
    Ok(lists.into_values().collect())
}

/// Letters and digits only, so that hyphens, blanks and dots at the end make no difference. "+" tells ESF from ESF+.
fn label_key(text: &str) -> String {
    normalise_label(text)
        .chars()
        .filter(|c| c.is_alphanumeric() || *c == '+')
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_embedded_list_is_valid() {
        let lists = load().expect("the lists are valid");
        assert!(lists.len() >= 15);
        for list in &lists {
            assert!(!list.entries.is_empty(), "{}", list.name);
            assert!(
                !list.authority.is_empty() && !list.edition.is_empty() && !list.status.is_empty(),
                "{}",
                list.name
            );
        }
    }

    #[test]
    fn intervention_labels_are_found_whole_cut_off_and_broken() {
        let list = code_list("ESF_2014_20").expect("there");
        let code = |text: &str| list.by_label(text).map(|entry| entry.code.as_str());
        assert_eq!(
            code("Anpassung der Arbeitskräfte, Unternehmen und Unternehmer an den Wandel"),
            Some("106")
        );
        assert_eq!(
            code("Anpassung der Arbeits-\nkräfte, Unternehmen und Unternehmer an den Wandel "),
            Some("106")
        );
        assert_eq!(
            code("Gleichstellung von Frauen und Männern auf allen Gebieten, einschließlich..."),
            Some("105")
        );
        assert_eq!(
            code(
                "Förderung des gleichen Zugangs zum lebenslangen Lernen für alle Altersgruppen im formalen, nichtformalen und informellen..."
            ),
            Some("117")
        );
        assert_eq!(
            code(
                "Verringerung und Verhütung der frühen Beendigung der Schullaufbahn, anders weiter"
            ),
            Some("115")
        );
        assert_eq!(code("Information und Kommunikation"), Some("123"));
        assert_eq!(code("Förderung des"), None);
        assert_eq!(
            code("Etwas ganz anderes, das in keiner Verordnung steht und lang genug ist"),
            None
        );
        assert_eq!(code(""), None);
    }

    #[test]
    fn every_label_finds_its_own_code() {
        for list in ["ESF_2007_13", "ESF_2014_20", "ESF_2021_27"]
            .iter()
            .filter_map(|id| code_list(id))
        {
            for entry in &list.entries {
                for label in entry.labels.values() {
                    assert_eq!(
                        list.by_label(label).map(|e| &e.code),
                        Some(&entry.code),
                        "{}: {label}",
                        list.id
                    );
                }
            }
        }
    }

    #[test]
    fn funds_are_known_by_their_names_in_all_languages() {
        let funds = code_list("FUND").expect("there");
        let code = |text: &str| funds.by_label(text).map(|entry| entry.code.as_str());
        assert_eq!(code("EFRE"), Some("ERDF"));
        assert_eq!(code("ESF Plus"), Some("ESF+"));
        assert_eq!(code("ESF+"), Some("ESF+"));
        assert_eq!(code("ESF"), Some("ESF"));
        assert_eq!(code("Europeiska socialfonden"), Some("ESF"));
        assert_eq!(code("Europäischer Sozialfonds Plus"), Some("ESF+"));
    }

    #[test]
    fn programmes_are_the_corrected_ones() {
        let programmes = code_list("programme").expect("there");
        assert!(
            programmes.by_code("2014SE05SFOP001").is_none(),
            "the Swedish programme is 2014SE05M9OP001"
        );
        let land = programmes.by_code("2014DE05SFOP001").expect("there");
        assert!(
            land.label("en")
                .is_some_and(|label| label.starts_with("Schleswig-Holstein"))
        );
    }
}
