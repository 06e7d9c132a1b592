//! Synthetic participation cells: counts of persons by indicator, quarter, sex, age, education and labour status.
//!
//! The cells of an operation are different ones, so that they have a key. They come in the order of their columns.

use std::sync::LazyLock;

use jiff::civil::{Date, date};

use super::Recipe;
use super::operation::{BLOCK, Operation, day_number};
use super::random::{Choice, Poisson, Purpose, Random};
use super::region::Regions;

/// The indicators, with their shares of the cells. Official lists count no leavers; these are of a list of our own.
pub(super) const INDICATORS: [(&str, f64); 4] = [
    ("employed_6m", 0.20),
    ("entry", 0.45),
    ("leaving", 0.25),
    ("qualified", 0.10),
];

/// Position of the indicator whose counts depend on the region.
const EMPLOYED: usize = 0;

/// Values of a column with their shares, in the order of their texts.
type Values<const N: usize> = [(&'static str, f64); N];

pub(super) const SEXES: Values<3> = [("f", 0.49), ("m", 0.50), ("x", 0.01)];
pub(super) const AGES: Values<4> = [
    ("0-24", 0.25),
    ("25-29", 0.15),
    ("30-54", 0.45),
    ("55+", 0.15),
];
pub(super) const EDUCATIONS: Values<3> = [
    ("ISCED 0-2", 0.40),
    ("ISCED 3-4", 0.42),
    ("ISCED 5-8", 0.18),
];
pub(super) const STATUSES: Values<4> = [
    ("employed", 0.15),
    ("inactive", 0.20),
    ("long_term_unemployed", 0.25),
    ("unemployed", 0.40),
];

/// Cells of one quarter and indicator.
const OF_QUARTER: u32 = 3 * 4 * 3 * 4;

/// Mean of a count.
const MEAN: f64 = 4.0;

/// The first year of all data.
pub(super) const FIRST_YEAR: i16 = 2007;

/// The last year of all data.
pub(super) const LAST_YEAR: i16 = 2027;

/// How many cells the operations have: how they add up over the blocks before each.
#[derive(Debug)]
pub(super) struct Plan {
    /// Sum of the weights before each block, and of all.
    before: Vec<f64>,
    cells: u64,
}

/// What an operation has of cells.
#[derive(Debug, Clone, Copy)]
pub(super) struct Share {
    /// Cells of operations before it.
    before: u64,
    /// Its own cells.
    cells: u64,
    /// Decides which indicators get what cannot be divided.
    rest: f64,
}

impl Plan {
    /// Adds up the weights of all operations; they are not kept.
    pub(super) fn new(recipe: &Recipe) -> Self {
        let mut sum = 0.0;
        let mut before = vec![sum];
        for block in 0..recipe.operations.div_ceil(BLOCK) {
            sum += weights(recipe, block)
                .map(|(weight, _)| weight)
                .sum::<f64>();
            before.push(sum);
        }
        Self {
            before,
            cells: recipe.participations,
        }
    }

    /// The shares of the operations of a block, which together give exactly what was asked for.
    pub(super) fn shares(&self, recipe: &Recipe, block: u64) -> Vec<Share> {
        let (first, last) = (self.before[block as usize], self.before[block as usize + 1]);
        let all = self.before.last().copied().unwrap_or(1.0);
        let upto = |weight: f64| (weight / all * self.cells as f64).round() as u64;
        let (mut sum, mut before) = (0.0, upto(first));
        let mut shares: Vec<Share> = weights(recipe, block)
            .map(|(weight, rest)| {
                sum += weight;
                let cells = upto(first + sum).saturating_sub(before);
                before += cells;
                Share {
                    before: before - cells,
                    cells,
                    rest,
                }
            })
            .collect();
        // The sums of the blocks and of their operations are not rounded alike.
        if let Some(end) = shares.last_mut() {
            end.cells = upto(last).saturating_sub(end.before);
        }
        shares
    }
}

impl Share {
    /// The record number of its first cell of an indicator, and how many follow.
    fn of(&self, indicator: usize) -> (u64, u64) {
        let before = |indicator: usize| {
            let share: f64 = INDICATORS[..indicator].iter().map(|(_, share)| share).sum();
            match indicator {
                4 => self.cells,
                _ => ((self.cells as f64 * share + self.rest) as u64).min(self.cells),
            }
        };
        let (from, to) = (before(indicator), before(indicator + 1));
        (self.before + from + 1, to.saturating_sub(from))
    }
}

/// Weights of the operations of a block and numbers of [0, 1).
fn weights(recipe: &Recipe, block: u64) -> impl Iterator<Item = (f64, f64)> {
    let mut random = Random::new(recipe.seed, Purpose::Weight as u64, block);
    let operations = BLOCK.min(recipe.operations - block * BLOCK);
    (0..operations).map(move |_| (random.lognormal(0.0, 1.0), random.unit()))
}

/// A cell.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cell {
    /// Quarters since the first year.
    pub(super) quarter: u32,
    /// Positions in the lists of values.
    pub(super) sex: u8,
    pub(super) age: u8,
    pub(super) education: u8,
    pub(super) status: u8,
    /// How many.
    pub(super) n: i64,
}

/// Draws the cells of one indicator, operation by operation.
#[derive(Debug)]
pub(super) struct Cells<'a> {
    random: Random,
    indicator: usize,
    regions: &'a Regions,
    choices: [Choice; 4],
    count: Poisson,
    codes: Vec<u32>,
}

impl<'a> Cells<'a> {
    /// The cells of a block.
    pub(super) fn new(recipe: &Recipe, regions: &'a Regions, indicator: usize, block: u64) -> Self {
        let shares = |values: &[(&str, f64)]| {
            Choice::new(&values.iter().map(|(_, share)| *share).collect::<Vec<_>>())
        };
        Self {
            random: Random::new(recipe.seed, Purpose::Cell as u64 + indicator as u64, block),
            indicator,
            regions,
            choices: [
                shares(&SEXES),
                shares(&AGES),
                shares(&EDUCATIONS),
                shares(&STATUSES),
            ],
            count: Poisson::new(MEAN),
            codes: Vec::new(),
        }
    }

    /// The cells of the next operation of the block, with the record number of the first.
    pub(super) fn of(
        &mut self,
        operation: &Operation,
        share: Share,
    ) -> (u64, impl Iterator<Item = Cell>) {
        let (first, cells) = share.of(self.indicator);
        let (from, to) = (quarter_of(operation.start), quarter_of(operation.end));
        self.draw(
            operation,
            from,
            cells.min(u64::from((to - from + 1) * OF_QUARTER)),
        );
        make_different(&mut self.codes, (to - from + 1) * OF_QUARTER);
        let count = match self.indicator {
            EMPLOYED => &self.regions.employed[usize::from(operation.region)],
            _ => &self.count,
        };
        let random = &mut self.random;
        let cells = self.codes.iter().map(move |&code| Cell {
            quarter: from + code / OF_QUARTER,
            sex: (code / 48 % 3) as u8,
            age: (code / 12 % 4) as u8,
            education: (code / 4 % 3) as u8,
            status: (code % 4) as u8,
            n: count.pick(random.bits()),
        });
        (first, cells)
    }

    fn draw(&mut self, operation: &Operation, from: u32, cells: u64) {
        self.codes.clear();
        let days = (operation.end - operation.start) as u64;
        for _ in 0..cells {
            let day = operation.start + self.random.below(days.max(1)) as i32;
            let bits = self.random.bits();
            let [sex, age, education, status] = &self.choices;
            let mut code = quarter_of(day) - from;
            code = code * 3 + sex.pick(bits) as u32;
            code = code * 4 + age.pick(bits >> 16) as u32;
            code = code * 3 + education.pick(bits >> 32) as u32;
            code = code * 4 + status.pick(bits >> 48) as u32;
            self.codes.push(code);
        }
    }
}

/// Sorts codes and moves those that are equal to the next free ones below `all`; there are not more of them than that.
fn make_different(codes: &mut [u32], all: u32) {
    codes.sort_unstable();
    let mut free = 0;
    for code in &mut *codes {
        *code = free.max(*code);
        free = *code + 1;
    }
    let mut end = all;
    for code in codes.iter_mut().rev() {
        *code = (end - 1).min(*code);
        end = *code;
    }
}

/// Quarters since the first year of a day since 1970-01-01.
fn quarter_of(day: i32) -> u32 {
    static QUARTERS: LazyLock<(i32, Vec<u8>)> = LazyLock::new(|| {
        let starts: Vec<i32> = (0..quarters()).map(|q| day_number(quarter(q).0)).collect();
        let end = day_number(quarter(quarters() - 1).1);
        let of = |day: i32| (starts.partition_point(|start| *start <= day) - 1) as u8;
        (starts[0], (starts[0]..=end).map(of).collect())
    });
    let (first, of) = &*QUARTERS;
    u32::from(of[(day - first) as usize])
}

/// How many quarters there are.
pub(super) fn quarters() -> u32 {
    (LAST_YEAR - FIRST_YEAR + 1) as u32 * 4
}

/// First and last day of a quarter since the first year.
pub(super) fn quarter(number: u32) -> (Date, Date) {
    let (year, month) = (FIRST_YEAR + (number / 4) as i16, (number % 4 * 3 + 1) as i8);
    let first = date(year, month, 1);
    (first, date(year, month + 2, 1).last_of_month())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_codes_move_to_the_next_free_ones() {
        let mut codes = [5, 3, 3, 3, 9, 9];
        make_different(&mut codes, 10);
        assert_eq!(codes, [3, 4, 5, 6, 8, 9]);
        let mut codes = [3, 3, 3, 3];
        make_different(&mut codes, 4);
        assert_eq!(codes, [0, 1, 2, 3]);
    }

    #[test]
    fn quarters_are_those_of_the_calendar() {
        assert_eq!(quarter_of(day_number(date(2007, 1, 1))), 0);
        assert_eq!(quarter_of(day_number(date(2014, 6, 30))), 7 * 4 + 1);
        assert_eq!(quarter_of(day_number(date(2027, 12, 31))), quarters() - 1);
        assert_eq!(quarter(29), (date(2014, 4, 1), date(2014, 6, 30)));
    }

    #[test]
    fn shares_add_up_to_what_was_asked_for() {
        let recipe = Recipe {
            operations: 10_000,
            participations: 123_457,
            seed: 3,
        };
        let plan = Plan::new(&recipe);
        let shares: Vec<Share> = (0..3)
            .flat_map(|block| plan.shares(&recipe, block))
            .collect();
        assert_eq!(shares.len(), 10_000);
        let mut next = 1;
        for share in shares {
            for indicator in 0..INDICATORS.len() {
                let (first, cells) = share.of(indicator);
                assert!(cells == 0 || first == next);
                next += cells;
            }
        }
        assert_eq!(next - 1, recipe.participations);
    }
}
