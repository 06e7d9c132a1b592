//! A row of the core table in the making: published texts become what its columns hold, or are refused with the reason.

use esf_schemas::ColumnType;
use jiff::civil::Date;

use super::declaration;
use super::period::period;
use super::reader::Reader;
use super::value::read_cell;

/// Why a record cannot be loaded.
pub(super) struct Rejected {
    pub(super) rule: &'static str,
    pub(super) column: Option<String>,
    pub(super) value: Option<String>,
    pub(super) message: String,
}

/// What is set for a row so far.
#[derive(Clone)]
pub(super) struct Draft {
    pub(super) cells: Vec<Option<String>>,
    pub(super) region: Option<String>,
}

impl Draft {
    /// Takes over what another one has.
    pub(super) fn over(&mut self, other: &Self) {
        for (cell, own) in self.cells.iter_mut().zip(&other.cells) {
            if own.is_some() {
                cell.clone_from(own);
            }
        }
        if other.region.is_some() {
            self.region.clone_from(&other.region);
        }
    }
}

impl Reader<'_> {
    pub(super) fn empty(&self) -> Draft {
        Draft {
            cells: vec![None; self.table.columns.len()],
            region: None,
        }
    }

    /// What holds for all figures of a row.
    pub(super) fn draft(&self, texts: &[(&str, &str)]) -> Result<Draft, Rejected> {
        let mut draft = self.empty();
        for (target, text) in &self.declared.constants {
            self.put(&mut draft, target, text);
        }
        for (name, text) in texts {
            let Some(target) = self.declared.columns.get(*name) else {
                continue;
            };
            self.set(&mut draft, target, text)
                .map_err(|fault| Rejected {
                    column: Some((*name).to_owned()),
                    ..fault
                })?;
        }
        Ok(draft)
    }

    /// Sets a column of the table, or what `time` and `region` stand for, to a published text.
    pub(super) fn set(&self, draft: &mut Draft, target: &str, text: &str) -> Result<(), Rejected> {
        let rejected = |rule, message: String| Rejected {
            rule,
            column: None,
            value: Some(text.to_owned()).filter(|_| self.public),
            message,
        };
        if text.is_empty() {
            return Ok(());
        }
        let text = match self.declared.lookups.get(target) {
            Some(known) => known.get(text).ok_or_else(|| {
                let known = known.keys().cloned().collect::<Vec<_>>().join(", ");
                rejected(
                    "unknown_code",
                    format!("none of the declared values: {known}"),
                )
            })?,
            None => text,
        };
        match target {
            "time" => {
                let (first, last) = period(text).ok_or_else(|| {
                    rejected(
                        "period",
                        "not a period such as 2013, 2013-Q1, 2013-02 or a day".into(),
                    )
                })?;
                self.put(draft, "period_start", &first.to_string());
                self.put(draft, "period_end", &last.to_string());
            }
            "region" => {
                self.put(draft, "region_code", text);
                draft.region = Some(text.to_owned());
            }
            column => {
                let text = self.typed(column, text).map_err(|()| {
                    rejected("not_of_type", format!("not what the column {column} holds"))
                })?;
                if let Some(text) = text {
                    self.put(draft, column, &text);
                }
            }
        }
        Ok(())
    }

    /// A text as its column stores it; nothing for a word that stands for no value. Fails for what is not of its type.
    fn typed(&self, column: &str, text: &str) -> Result<Option<String>, ()> {
        let declared = self.table.column(column).ok_or(())?;
        match declared.column_type {
            ColumnType::Text => Ok(Some(text.to_owned())),
            ColumnType::Date => {
                let day: Date = text.parse().map_err(|_| ())?;
                Ok(Some(day.to_string()))
            }
            ColumnType::Bool if matches!(text, "true" | "false") => Ok(Some(text.to_owned())),
            ColumnType::Bool => Err(()),
            _ => {
                let scale = declaration::scale(declared).ok_or(())?;
                let cell = read_cell(self.declared, Some(text), scale);
                match cell.doubt {
                    None => Ok(cell.value.map(|v| v.to_string())),
                    Some(_) => Err(()),
                }
            }
        }
    }

    fn put(&self, draft: &mut Draft, column: &str, text: &str) {
        if let Some(at) = self.table.columns.iter().position(|c| c.name == column) {
            draft.cells[at] = Some(text.to_owned());
        }
    }

    fn get<'d>(&self, draft: &'d Draft, column: &str) -> Option<&'d str> {
        let at = self.table.columns.iter().position(|c| c.name == column)?;
        draft.cells[at].as_deref()
    }

    /// Fills what follows from the other columns, and refuses rows that name what does not exist or lack what they need.
    pub(super) fn complete(&self, draft: &mut Draft) -> Result<(), Rejected> {
        let rejected = |rule, column: &str, message: String| Rejected {
            rule,
            column: Some(column.to_owned()),
            value: None,
            message,
        };
        let has = |column: &str| self.table.column(column).is_some();
        if let Some(code) = self.get(draft, "indicator_code") {
            let lists = esf_schemas::code_lists().iter();
            let mut lists = lists.filter(|l| l.id.starts_with("INDICATOR_") && l.table.is_none());
            let list = lists.find(|list| list.by_code(code).is_some());
            let list = list.ok_or_else(|| {
                rejected(
                    "unknown_indicator",
                    "indicator_code",
                    "no common indicator of 2014-2020 or 2021-2027 has this code".into(),
                )
            })?;
            self.put(draft, "indicator_list", &list.id);
        }
        if let Some(programme) = self.get(draft, "programme_id") {
            let known = esf_schemas::code_list("PROGRAMME");
            if known.is_some_and(|list| list.by_code(programme).is_none()) {
                let message = "no programme of the code list PROGRAMME has this code";
                return Err(rejected(
                    "unknown_programme",
                    "programme_id",
                    message.into(),
                ));
            }
        }
        if has("is_total") && self.get(draft, "is_total").is_none() {
            let groups = ["sex", "age_group", "education", "labour_status"];
            let total = groups.iter().all(|g| self.get(draft, g) == Some("total"));
            self.put(draft, "is_total", if total { "true" } else { "false" });
        }
        if has("operation_id") && has("programme_id") {
            let ids = ["operation_id", "programme_id"].map(|id| self.get(draft, id).is_some());
            if ids[0] == ids[1] {
                let message =
                    "a count is about one operation or one programme: give one of the two ids";
                return Err(rejected("one_id", "operation_id", message.into()));
            }
        }
        let filled = |name: &str| {
            name == self.declared.value_column
                || matches!(name, "value_status" | "nuts_code")
                || name.starts_with("source_")
        };
        let columns = self.table.columns.iter().zip(&draft.cells);
        let mut lacking =
            columns.filter(|(c, cell)| !c.nullable && cell.is_none() && !filled(&c.name));
        match lacking.next() {
            Some((column, _)) => Err(rejected(
                "missing_value",
                &column.name,
                format!("nothing stands where {} is expected", column.name),
            )),
            None => Ok(()),
        }
    }

    /// What tells a row from all others of the file.
    pub(super) fn key(&self, draft: &Draft) -> Vec<Option<String>> {
        let cells = self.table.columns.iter().zip(&draft.cells);
        let mut key: Vec<Option<String>> = cells
            .filter(|(column, _)| self.table.key.contains(&column.name))
            .map(|(_, cell)| cell.clone())
            .collect();
        key.push(draft.region.clone());
        key
    }
}
