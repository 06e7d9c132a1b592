//! What a figure can be at all, by the code list of what is measured.
//!
//! A share of people is 0 to 100 percent, and a count of people is whole and not below 0; but a rate of change may be negative,
//! and a share of something else above 100 percent. So no unit has bounds by itself: the code list STATISTIC says which figures
//! have some, in the unit that it names there. Owns which figures are outside of them, by column. What becomes of those is the
//! business of `reader`. Bounds are in units of the last decimal that the column of figures keeps.

use esf_schemas::{Entry, Table};

use super::declaration::STATISTICS;
use crate::value::{NumberConvention, parse_decimal};

/// The bounds that figures of a table have, and how many figures of each column of a file are outside of theirs.
pub(super) struct Bounds {
    /// Where a row says what is measured, and in which unit.
    at: Option<(usize, usize)>,
    known: Vec<Bound>,
    tallies: Vec<Tally>,
}

/// What figures of one statistic can be.
struct Bound {
    statistic: &'static str,
    unit: &'static str,
    least: Option<i128>,
    most: Option<i128>,
    /// They are whole multiples of it.
    step: Option<i128>,
}

/// The figures of one column.
#[derive(Clone, Default)]
pub(super) struct Tally {
    /// Those that have bounds.
    pub(super) judged: u64,
    /// Those outside of them.
    pub(super) outside: u64,
    /// What the first of these is not, and where it stands.
    pub(super) first: Option<(String, String)>,
}

impl Bounds {
    /// Those of a table whose figures are kept with so many decimals, for so many columns of a file.
    pub(super) fn of(table: &Table, scale: u32, columns: usize) -> Self {
        let position = |name: &str| table.columns.iter().position(|c| c.name == name);
        let list = esf_schemas::code_list(STATISTICS).into_iter();
        let entries = list.flat_map(|list| &list.entries);
        let known = entries.filter_map(|entry| Bound::of(entry, scale));
        Self {
            at: position("statistic").zip(position("unit")),
            known: known.collect(),
            tallies: vec![Tally::default(); columns],
        }
    }

    /// Counts a figure of a row that says `cells`, in a column; `place` gives where it stands. Gives what it would have to be, where
    /// it is not.
    pub(super) fn judge(
        &mut self,
        column: usize,
        cells: &[Option<String>],
        value: Option<i128>,
        place: impl FnOnce() -> String,
    ) -> Option<String> {
        let (statistic, unit) = self.at?;
        let of = [statistic, unit].map(|at| cells.get(at).and_then(Option::as_deref));
        let mut known = self.known.iter();
        let bound = known.find(|b| of == [Some(b.statistic), Some(b.unit)])?;
        let (value, tally) = (value?, self.tallies.get_mut(column)?);
        tally.judged += 1;
        if bound.allows(value) {
            return None;
        }
        tally.outside += 1;
        let told = bound.told();
        if tally.first.is_none() {
            tally.first = Some((told.clone(), place()));
        }
        Some(told)
    }

    /// The first column most of whose figures are outside of their bounds.
    pub(super) fn most_outside(&self) -> Option<(usize, &Tally)> {
        let mut columns = self.tallies.iter().enumerate();
        columns.find(|(_, tally)| tally.outside * 2 > tally.judged)
    }
}

impl Bound {
    /// What an entry of the code list says; nothing where it names no bounds.
    fn of(entry: &'static Entry, scale: u32) -> Option<Self> {
        let number =
            |column: &str| parse_decimal(entry.get(column)?, NumberConvention::PLAIN, scale);
        let whole = entry.get("whole") == Some("yes");
        let bound = Self {
            statistic: &entry.code,
            unit: entry.get("unit")?,
            least: number("least"),
            most: number("most"),
            step: 10_i128.checked_pow(scale).filter(|_| whole),
        };
        let has_some = bound.least.is_some() || bound.most.is_some() || bound.step.is_some();
        has_some.then_some(bound)
    }

    fn allows(&self, value: i128) -> bool {
        self.least.is_none_or(|least| value >= least)
            && self.most.is_none_or(|most| value <= most)
            && self.step.is_none_or(|step| value % step == 0)
    }

    /// What such figures are, in words.
    fn told(&self) -> String {
        let list = esf_schemas::code_list(STATISTICS);
        let entry = list.and_then(|list| list.by_code(self.statistic));
        let published = |column: &str| entry.and_then(|entry| entry.get(column));
        let range = match (published("least"), published("most")) {
            (Some(least), Some(most)) => Some(format!("{least} to {most}")),
            (Some(least), None) => Some(format!("at least {least}")),
            (None, Some(most)) => Some(format!("at most {most}")),
            (None, None) => None,
        };
        let whole = self.step.map(|_| "a whole number".to_owned());
        let parts: Vec<String> = range.into_iter().chain(whole).collect();
        let (of, unit) = (self.statistic, self.unit);
        format!("{of} in {unit} is {}", parts.join(" and "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is wrong with a figure in units of the sixth decimal.
    fn judge(statistic: &str, unit: &str, value: i128) -> Option<String> {
        let table = esf_schemas::table("region_statistic").unwrap();
        let mut cells = vec![None; table.columns.len()];
        for (name, text) in [("statistic", statistic), ("unit", unit)] {
            let at = table.columns.iter().position(|c| c.name == name).unwrap();
            cells[at] = Some(text.to_owned());
        }
        let mut bounds = Bounds::of(table, 6, 1);
        bounds.judge(0, &cells, Some(value), || "line 2".to_owned())
    }

    #[test]
    fn a_figure_is_bound_by_what_is_measured_in_the_unit_of_the_code_list() {
        for (statistic, unit, value, passes) in [
            ("unemployment_rate", "percent", 0, true),
            ("unemployment_rate", "percent", 100_000_000, true),
            ("unemployment_rate", "percent", 100_000_001, false),
            ("unemployment_rate", "percent", -1, false),
            ("registered_unemployed", "persons", 7_000_000, true),
            ("registered_unemployed", "persons", 7_500_000, false),
            ("registered_unemployed", "persons", -7_000_000, false),
            ("registered_unemployed", "persons", i128::MAX / 2, false),
            // Neither another unit nor what the code list says nothing of has bounds.
            ("registered_unemployed", "thousand_persons", 7_500_000, true),
            ("unemployment_rate_change", "percent", -7_500_000, true),
            ("disposable_income", "EUR", -7_500_000, true),
        ] {
            let told = judge(statistic, unit, value);
            assert_eq!(told.is_none(), passes, "{statistic} {value}: {told:?}");
        }
    }

    #[test]
    fn it_is_said_what_a_figure_would_have_to_be() {
        assert_eq!(
            judge("unemployment_rate", "percent", -1).as_deref(),
            Some("unemployment_rate in percent is 0 to 100")
        );
        assert_eq!(
            judge("registered_unemployed", "persons", -1).as_deref(),
            Some("registered_unemployed in persons is at least 0 and a whole number")
        );
    }

    #[test]
    fn every_bound_of_the_code_list_is_a_number() {
        let list = esf_schemas::code_list(STATISTICS).unwrap();
        let mut bounds = 0;
        for entry in &list.entries {
            for column in ["least", "most"] {
                let Some(text) = entry.get(column) else {
                    continue;
                };
                let number = parse_decimal(text, NumberConvention::PLAIN, 6);
                assert!(number.is_some(), "{}: {column} = {text}", entry.code);
                bounds += 1;
            }
            let whole = entry.get("whole");
            assert!(matches!(whole, None | Some("yes")), "{}", entry.code);
        }
        assert!(bounds > 0);
    }
}
