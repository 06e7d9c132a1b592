//! What is drawn: a comparison and its rows. Plain data that the caller fills; the few methods here decide once, for
//! every output, what of a row may be seen. A number that is not finite counts as missing.

use crate::chart::{format::Format, notes::unallocated, text::fill};

/// What lies farther from zero than the largest row by this factor does not set the scale: it would flatten all bars.
pub(crate) const FARTHEST: f64 = 2.5;

/// The language of all texts of a picture. Labels, title and reading come from the caller in that language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    /// German
    De,
    /// Swedish
    Sv,
    /// English
    #[default]
    En,
}

/// Whether a row has a number, and if not, why.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Status {
    /// It has one
    #[default]
    Shown,
    /// There is none, for this reason; the reason may be empty.
    Missing(String),
    /// There is one, which disclosure control keeps back.
    Suppressed,
}

/// One line of a comparison.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Row {
    /// Code of what is compared, such as a NUTS code; maps find their places by it.
    pub key: String,
    /// Its name
    pub label: String,
    /// The number, in the comparison's unit; shares from 0 to 1
    pub value: Option<f64>,
    /// Lower bound of the interval
    pub lower: Option<f64>,
    /// Upper bound of the interval
    pub upper: Option<f64>,
    /// How many cases the number stands on
    pub n: Option<i64>,
    /// Share of the money or operations that the number could be computed from, 0 to 1
    pub coverage: Option<f64>,
    /// Best and worst rank that the interval allows
    pub rank: Option<(u32, u32)>,
    /// Whether the number is shown
    pub status: Status,
    /// Doubts: known codes (`small_n`, `not_comparable`, `definition_break`, `low_coverage`) are put in words,
    /// anything else is printed as it is.
    pub flags: Vec<String>,
}

/// What the question leaves out: only what fits each of these is in the numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// Operations of this country
    Country(String),
    /// Operations of this funding period
    Period(String),
    /// Operations of which this condition in SQL holds
    Where(String),
    /// Data of an earlier release: its number, or the time it was asked for by
    AsOf(String),
}

/// What is shared out over the rows of a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Shared {
    /// Operations
    #[default]
    Operations,
    /// The money that is added up
    Money,
    /// Counts of people
    Counts,
    /// Published figures
    Figures,
}

/// A question answered: rows with their numbers and everything that makes them honest.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Comparison {
    /// Title for people
    pub title: String,
    /// The one sentence that says what the numbers show and what they do not
    pub reading: String,
    /// Unit of the values; `share`, or anything that begins with `share `, is shown in per cent.
    pub unit: String,
    /// What the rows are: region, programme, instrument
    pub by: String,
    /// State of the data: release number or date
    pub as_of: String,
    /// How to cite it
    pub citation: String,
    /// What the intervals are, such as `95 %, Wilson`; empty if there are none
    pub interval: String,
    /// The rows, in the order in which they are drawn
    pub rows: Vec<Row>,
    /// Further rows, which are counted and not listed
    pub beyond: Vec<Row>,
    /// What the question asks for alone
    pub conditions: Vec<Condition>,
    /// Whether the data are made up for a demonstration
    pub demonstration: bool,
    /// The value of all rows together
    pub overall: Option<f64>,
    /// Whether the rows are parts that add up to it
    pub adds_up: bool,
    /// What of an inequality lies within the rows and what between them, where the measure can be taken apart
    pub within_between: Option<(f64, f64)>,
    /// Share of what is shared out that no row could be given, 0 to 1
    pub unallocated_share: Option<f64>,
    /// What is shared out over the rows
    pub shared: Shared,
    /// What has to be known before the numbers are used
    pub caveats: Vec<String>,
    /// The same, of what is there in English alone where the language is another
    pub english_caveats: Vec<String>,
    /// Language of everything
    pub language: Language,
}

/// What of a row may be seen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Seen<'a> {
    /// A finite number and, if both bounds are, its interval
    Value(f64, Option<(f64, f64)>),
    /// Nothing, for a reason that may be empty
    Missing(&'a str),
    /// Nothing, on purpose
    Suppressed,
}

fn finite(value: Option<f64>) -> Option<f64> {
    value.filter(|v| v.is_finite())
}

impl Row {
    /// A row with a number and nothing else.
    pub fn shown(key: &str, label: &str, value: f64) -> Self {
        Self {
            key: key.to_owned(),
            label: label.to_owned(),
            value: Some(value),
            ..Self::default()
        }
    }

    /// A row without a number, and why.
    pub fn missing(key: &str, label: &str, reason: &str) -> Self {
        Self {
            key: key.to_owned(),
            label: label.to_owned(),
            status: Status::Missing(reason.to_owned()),
            ..Self::default()
        }
    }

    /// A row whose number is kept back.
    pub fn suppressed(key: &str, label: &str) -> Self {
        Self {
            key: key.to_owned(),
            label: label.to_owned(),
            status: Status::Suppressed,
            ..Self::default()
        }
    }

    /// What of the number may be seen.
    pub(crate) fn seen(&self) -> Seen<'_> {
        match &self.status {
            Status::Suppressed => Seen::Suppressed,
            Status::Missing(reason) => Seen::Missing(reason),
            Status::Shown => match finite(self.value) {
                None => Seen::Missing(""),
                Some(value) => {
                    let bounds = finite(self.lower).zip(finite(self.upper));
                    Seen::Value(value, bounds.filter(|(low, high)| low <= high))
                }
            },
        }
    }

    /// The number, if it may be seen.
    pub(crate) fn number(&self) -> Option<f64> {
        match self.seen() {
            Seen::Value(value, _) => Some(value),
            _ => None,
        }
    }

    /// The number of cases, unless the row is suppressed: it is what gave the reason.
    pub(crate) fn cases(&self) -> Option<i64> {
        self.n.filter(|_| self.status != Status::Suppressed)
    }

    /// The coverage, unless the row is suppressed.
    pub(crate) fn covered(&self) -> Option<f64> {
        finite(self.coverage).filter(|_| self.status != Status::Suppressed)
    }

    /// The interval of ranks of a row whose number may be seen.
    pub(crate) fn ranks(&self) -> Option<(u32, u32)> {
        self.rank.filter(|_| self.number().is_some())
    }
}

impl Comparison {
    /// The same with so many of its rows listed; 0 lists all.
    #[must_use]
    pub fn first(&self, most: usize) -> Self {
        let mut first = self.clone();
        if (1..first.rows.len()).contains(&most) {
            first.beyond = first.rows.split_off(most);
        }
        first
    }

    /// All rows, also those that are not listed.
    pub(crate) fn counted(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter().chain(&self.beyond)
    }

    /// All numbers that may be seen, in row order.
    pub(crate) fn numbers(&self) -> Vec<f64> {
        self.rows.iter().filter_map(Row::number).collect()
    }

    /// The overall value, if it is a number.
    pub(crate) fn whole(&self) -> Option<f64> {
        finite(self.overall)
    }

    /// The overall value, where bars can be measured by it: not where it is the sum of them, nor where it lies so far off
    /// that the bars could no longer be read.
    pub(crate) fn measure(&self) -> Option<f64> {
        let largest = self.largest();
        let near = |whole: &f64| largest <= 0.0 || whole.abs() / FARTHEST <= largest;
        self.whole().filter(|_| !self.adds_up).filter(near)
    }

    /// The size of the row that is farthest from zero; 0 without any number.
    pub(crate) fn largest(&self) -> f64 {
        let sizes = self.numbers().into_iter().map(f64::abs);
        sizes.fold(0.0, f64::max)
    }

    /// The sentence on what no row could be given, if there is a share of that.
    pub fn left_over(&self) -> Option<String> {
        let share = unallocated(self)?;
        let words = self.language.words();
        let sentence = match self.shared {
            Shared::Operations => words.unallocated_cases,
            Shared::Money => words.unallocated,
            Shared::Counts => words.unallocated_counts,
            Shared::Figures => words.unallocated_figures,
        };
        Some(fill(sentence, &[&Format::of(self).share(share)]))
    }

    /// Whether values are shares, to be shown in per cent.
    pub(crate) fn is_share(&self) -> bool {
        self.unit == "share" || self.unit.starts_with("share ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_suppressed_row_shows_nothing_it_holds() {
        let row = Row {
            value: Some(7.0),
            n: Some(2),
            coverage: Some(0.5),
            rank: Some((1, 2)),
            status: Status::Suppressed,
            ..Row::default()
        };
        assert_eq!(row.seen(), Seen::Suppressed);
        assert_eq!(
            (row.number(), row.cases(), row.covered(), row.ranks()),
            (None, None, None, None)
        );
    }

    #[test]
    fn what_is_no_number_is_missing() {
        for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert_eq!(Row::shown("a", "A", value).seen(), Seen::Missing(""));
        }
        assert_eq!(Row::default().seen(), Seen::Missing(""));
    }

    #[test]
    fn rows_beyond_the_first_are_counted_and_not_listed() {
        let row = |key: &str| Row::shown(key, key, 1.0);
        let comparison = Comparison {
            rows: vec![row("a"), row("b"), row("c")],
            ..Comparison::default()
        };
        let counts = |most| {
            let first = comparison.first(most);
            (
                first.rows.len(),
                first.beyond.len(),
                first.counted().count(),
            )
        };
        assert_eq!(counts(2), (2, 1, 3));
        assert_eq!([counts(0), counts(3), counts(9)], [(3, 0, 3); 3]);
    }

    #[test]
    fn bars_are_measured_by_a_mean_and_not_by_their_sum() {
        let with = |overall, adds_up| {
            let comparison = Comparison {
                rows: vec![Row::shown("a", "A", -4.0), Row::shown("b", "B", 2.0)],
                overall: Some(overall),
                adds_up,
                ..Comparison::default()
            };
            comparison.measure()
        };
        assert_eq!(with(3.0, false), Some(3.0));
        assert_eq!(with(3.0, true), None);
        // Two and a half times the largest, and farther.
        assert_eq!(with(10.0, false), Some(10.0));
        assert_eq!(with(-10.1, false), None);
        let alone = Comparison {
            overall: Some(7.0),
            ..Comparison::default()
        };
        assert_eq!((alone.measure(), alone.largest()), (Some(7.0), 0.0));
    }

    #[test]
    fn an_interval_needs_both_bounds_in_order() {
        let with = |lower, upper| Row {
            lower,
            upper,
            ..Row::shown("a", "A", 1.0)
        };
        assert_eq!(
            with(Some(0.5), Some(2.0)).seen(),
            Seen::Value(1.0, Some((0.5, 2.0)))
        );
        for row in [
            with(Some(0.5), None),
            with(Some(2.0), Some(0.5)),
            with(Some(f64::NAN), Some(2.0)),
        ] {
            assert_eq!(row.seen(), Seen::Value(1.0, None));
        }
    }
}
