//! How what a new file says compares with what stood before it came: which operations come again, which of them and which figures
//! are gone, by what factor the same amounts, rates and figures differ, which of them slipped (`slip`), which amounts changed places
//! with those of another kind (`exchange`), and which operations stand in another region (`moved`).
//!
//! Owns the comparison of one vintage with those before it, by ids and keys as they are derived now. Does not own whether a file
//! is held for it (`run::control`). What came in the same run is not compared: of two new files nobody knows which one is sound.

mod exchange;
mod figure;
mod gone;
mod moved;
mod operation;
mod slip;

use std::collections::{BTreeMap, HashSet};

use arrow::array::{AsArray, Decimal128Array};
use arrow::datatypes::Decimal128Type;

use super::part::Part;
use super::vintage::Vintage;

pub(super) use figure::compare_figures;
pub(super) use gone::are_last;
pub(super) use moved::compare_places;
pub(super) use operation::{amounts, compare_operations};

/// The field of rates, in words of what is compared.
const RATE: &str = "union_rate";

/// How far off a power of ten a value may be: values that are published anew are corrected and rounded as well.
const TOLERANCE: f64 = 0.05;

/// How a file compares with the vintage before it.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// The best file of that vintage.
    pub before: String,
    /// Operations that are in both; none for figures.
    pub returning: Option<Returning>,
    /// Values that are in both, by what they are.
    pub ratios: Vec<Ratios>,
    /// Operations, or figures with a value, of the vintage before that are gone; none where figures add to those before.
    pub gone: Option<Gone>,
    /// Figures of the vintage before with a value, and all; none for operations, and where figures add to those before.
    pub with_value: Option<(u64, u64)>,
    /// Amounts and rates of operations that slipped, by kind and currency; of each that has any.
    pub slips: Vec<Slips>,
    /// Amounts that changed places with those of another kind, by both kinds; of each two that have any in both directions.
    pub exchanges: Vec<Exchange>,
    /// Operations that are elsewhere; none of figures, and none of a list that grows.
    pub places: Option<Places>,
}

/// Operations whose amount of one kind is what another kind was before, and the other way round.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exchange {
    /// Both kinds, each with its currency and who pays where that is known.
    pub of: [String; 2],
    /// Operations that have another amount of the kind than before, or none any more, for each of both.
    pub left: [u64; 2],
    /// Those of them whose amount before is that of the other kind now.
    pub exchanged: [u64; 2],
}

/// Operations with an id of their own that have a region of their own below the country in both files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Places {
    /// All of them.
    pub both: u64,
    /// Those whose region is neither what it was, nor a part of that, nor the whole of it.
    pub moved: u64,
}

/// Operations or figures that are gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gone {
    /// Those of the vintage before.
    pub before: u64,
    /// Those of them that the file does not have, operations under whatever id.
    pub gone: u64,
    /// Whether these are the last of the file before.
    pub at_end: bool,
    /// What no figure of the file is about any more, such as years or regions, in words; none for operations.
    pub lacking: Option<String>,
}

/// Amounts of one kind and currency, or rates, that differ from what they were before as mistakes do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slips {
    /// Kind of amount and currency.
    pub of: String,
    /// Amounts that differ from what they were.
    pub changed: u64,
    /// Those that are exactly ten, a hundred … times what they were, or that part of it.
    pub tenfold: u64,
    /// The first of these with its place, in words.
    pub first: Option<String>,
    /// Those that are what the operation below had in the file before.
    pub from_below: u64,
    /// Those that are what the operation above had there.
    pub from_above: u64,
}

/// Numbers of operations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Returning {
    /// Those of the vintage before.
    pub before: u64,
    /// Those of the file.
    pub now: u64,
    /// Those of both.
    pub both: u64,
}

/// By what factor values of one kind differ from the same values before. Zeros are not compared.
#[derive(Debug, Clone, PartialEq)]
pub struct Ratios {
    /// What the values are: kind of amount and currency, or what is measured.
    pub of: String,
    /// Values that are in both.
    pub common: u64,
    /// The power of ten, other than 1, by which most values differ.
    pub power: i32,
    /// Values that differ by it.
    pub scaled: u64,
    /// The factor in the middle of all.
    pub median: f64,
}

impl Ratios {
    /// Of the factors of single values; nothing where there are none.
    fn of(of: String, mut factors: Vec<f64>) -> Option<Self> {
        factors.sort_by(f64::total_cmp);
        let median = *factors.get(factors.len() / 2)?;
        let mut powers: BTreeMap<i32, u64> = BTreeMap::new();
        for power in factors.iter().filter_map(|factor| power_of_ten(*factor)) {
            *powers.entry(power).or_default() += 1;
        }
        let most = powers.into_iter().max_by_key(|(_, n)| *n);
        let (power, scaled) = most.unwrap_or_default();
        Some(Self {
            of,
            common: factors.len() as u64,
            power,
            scaled,
            median,
        })
    }
}

/// The power of ten that a factor nearly is, unless it is nearly 1.
fn power_of_ten(factor: f64) -> Option<i32> {
    // What has no logarithm becomes 0.
    let power = factor.log10().round() as i32;
    let off = factor / 10f64.powi(power) - 1.0;
    (power != 0 && off.abs() <= TOLERANCE).then_some(power)
}

/// The rates of a file, in millionths; none where it has no such column.
fn rates(part: &Part) -> Option<&Decimal128Array> {
    let rates = part.mapped.rows.column_by_name(RATE)?;
    rates.as_primitive_opt::<Decimal128Type>()
}

/// Ids of operations that share with others of their file what these are made of, in any of the files compared.
fn shared<'p>(part: &'p Part, before: &[&'p Part]) -> HashSet<&'p str> {
    let all = before.iter().copied().chain([part]);
    all.flat_map(|part| {
        let rows = part.ids.shared_rows.iter();
        rows.map(move |row| part.ids.ids.value(*row))
    })
    .collect()
}

/// Factors of values by what they are, as they are gathered.
#[derive(Default)]
struct Factors(BTreeMap<String, Vec<f64>>);

impl Factors {
    /// Adds a value that stands in both, `before` and `now` in the same unit.
    fn add(&mut self, of: &str, before: i128, now: i128) {
        if before == 0 || now == 0 {
            return;
        }
        let factor = now as f64 / before as f64;
        match self.0.get_mut(of) {
            Some(factors) => factors.push(factor),
            None => {
                self.0.insert(of.to_owned(), vec![factor]);
            }
        }
    }

    fn ratios(self) -> Vec<Ratios> {
        let of_kinds = self.0.into_iter();
        of_kinds
            .filter_map(|(of, factors)| Ratios::of(of, factors))
            .collect()
    }
}

/// The best files of the vintages before one that were there before its own best file came, the oldest first. `first_seen` gives
/// the release in which a file came.
fn standing(order: &[Vintage], at: usize, first_seen: &dyn Fn(usize) -> u64) -> Vec<usize> {
    let best = |vintage: &Vintage| vintage.files.first().copied();
    let Some(own) = order.get(at).and_then(best).map(first_seen) else {
        return Vec::new();
    };
    let earlier = order[..at].iter().filter_map(best);
    earlier.filter(|file| first_seen(*file) < own).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_factor_that_is_nearly_a_power_of_ten_is_one() {
        for (factor, power) in [
            (100.0, Some(2)),
            (104.0, Some(2)),
            (106.0, None),
            (0.001, Some(-3)),
            (1.0, None),
            (1.04, None),
            (3.0, None),
            (-100.0, None),
        ] {
            assert_eq!(power_of_ten(factor), power, "{factor}");
        }
    }

    #[test]
    fn values_are_counted_by_the_power_that_most_of_them_differ_by() {
        let mut factors = Factors::default();
        for (before, now) in [(5, 500), (7, 700), (9, 9000), (4, 4), (0, 3), (3, 0)] {
            factors.add("rate", before, now);
        }
        let all = factors.ratios();
        let [ratios] = all.as_slice() else {
            panic!("{all:?}");
        };
        assert_eq!((ratios.common, ratios.power, ratios.scaled), (4, 2, 2));
        assert!((ratios.median - 100.0).abs() < 1e-9, "{ratios:?}");
    }

    #[test]
    fn what_came_together_is_not_compared() {
        let vintage = |file: usize| Vintage {
            published: None,
            files: vec![file],
            by_arrival: false,
            together: false,
        };
        let order = [vintage(2), vintage(0), vintage(1)];
        let first_seen = |file: usize| [3_u64, 3, 1][file];
        assert_eq!(standing(&order, 2, &first_seen), [2]);
        assert_eq!(standing(&order, 1, &first_seen), [2]);
        assert!(standing(&order, 0, &first_seen).is_empty());
    }
}
