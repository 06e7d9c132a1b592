//! The statistics of a window: names, documentation, and the function of [`crate::statistics`] behind each.

use arrow::{
    array::ArrayRef,
    datatypes::{DataType, Float64Type, Int64Type},
};
use datafusion::common::Result;

use super::{Definition, complete, largest_remainder};
use crate::{
    functions::statistic::{
        describe::{Argument, Description, Kind},
        money::MONEY,
    },
    statistics::{
        interval::Bounds,
        multiple::benjamini_hochberg,
        rank::{Better, RankInterval, rank_intervals},
        shrink::{Variation, shrink},
    },
};

const LOWER: Argument =
    Argument::number("lower", "lower end of the interval of the member's value");
const UPPER: Argument =
    Argument::number("upper", "upper end of the interval of the member's value");
const BETTER: Argument = Argument::new(
    "better",
    Kind::Word,
    "which end of the values is the better one: 'higher', which stands if left out, or 'lower'",
);

pub(super) static ALL: [Definition; 6] = [
    Definition {
        description: Description {
            name: "benjamini_hochberg",
            arguments: &[Argument::number(
                "p",
                "p value of the member's test, between 0 and 1",
            )],
            optional: 0,
            summary: "The p value adjusted for all tests of the window: calling different what is at most 0.05 keeps \
                the expected share of false calls at 5 %. Null for all if a p lies outside 0-1.",
            example: (
                "SELECT benjamini_hochberg(p) OVER () FROM (VALUES (0.01), (0.02), (0.9)) AS v(p) ORDER BY p",
                "0.03",
            ),
        },
        data_type: DataType::Float64,
        answer: |values, _| {
            complete::<Float64Type>(values, |columns| {
                Ok(benjamini_hochberg(&columns[0])?
                    .into_iter()
                    .map(Some)
                    .collect())
            })
        },
    },
    Definition {
        description: Description {
            name: "shrunk_rate",
            arguments: &[
                Argument::number("events", "cases with the outcome"),
                Argument::number("n", "cases"),
            ],
            optional: 0,
            summary: "The rate events / n drawn towards the common rate of the window by how uncertain it is \
                (Marshall's empirical Bayes). Null where n is 0; null for all if one member has cases or events exceed n.",
            example: (
                "SELECT shrunk_rate(y, n) OVER () FROM (VALUES (5, 50), (45, 50)) AS v(y, n) ORDER BY y",
                "0.1125",
            ),
        },
        data_type: DataType::Float64,
        answer: |values, _| shrunk(values, Variation::Binomial),
    },
    Definition {
        description: Description {
            name: "shrunk_poisson",
            arguments: &[
                Argument::number("events", "events, which may be repeated"),
                Argument::number("exposure", "persons or time in which they can occur"),
            ],
            optional: 0,
            summary: "The rate events / exposure drawn towards the common rate of the window by how uncertain it is, \
                events counted as by Poisson. Null where the exposure is 0; null for all if one member has exposure.",
            example: (
                "SELECT shrunk_poisson(y, n) OVER () FROM (VALUES (5, 50), (45, 50)) AS v(y, n) ORDER BY y",
                "0.125",
            ),
        },
        data_type: DataType::Float64,
        answer: |values, _| shrunk(values, Variation::Poisson),
    },
    Definition {
        description: Description {
            name: "rank_best",
            arguments: &[LOWER, UPPER, BETTER],
            optional: 1,
            summary: "The best place the member may hold in the window: one more than those whose intervals lie wholly \
                on the better side. Members without an interval are not ranked. Null for one member.",
            example: (
                "SELECT rank_best(l, u) OVER () FROM (VALUES (0.1, 0.3), (0.2, 0.4), (0.5, 0.6)) AS v(l, u) ORDER BY l",
                "2",
            ),
        },
        data_type: DataType::Int64,
        answer: |values, better| places(values, better, |places| places.best),
    },
    Definition {
        description: Description {
            name: "rank_worst",
            arguments: &[LOWER, UPPER, BETTER],
            optional: 1,
            summary: "The worst place the member may hold in the window: the members whose intervals do not lie wholly \
                on the worse side, itself included. Members without an interval are not ranked. Null for one member.",
            example: (
                "SELECT rank_worst(l, u) OVER () FROM (VALUES (0.1, 0.3), (0.2, 0.4), (0.5, 0.6)) AS v(l, u) ORDER BY l",
                "3",
            ),
        },
        data_type: DataType::Int64,
        answer: |values, better| places(values, better, |places| places.worst),
    },
    Definition {
        description: Description {
            name: "largest_remainder",
            arguments: &[
                Argument::number(
                    "total",
                    "money to the cent, the same for all members of the window",
                ),
                Argument::number(
                    "weight",
                    "days, persons or shares, in any scale; floats count to 15 digits of the largest",
                ),
            ],
            optional: 0,
            summary: "The member's part of the total by its weight, to the cent: the parts add up to the total exactly. \
                Cents left over go to the largest remainders, of equal ones to the first in ORDER BY, so name one. Null \
                for all if all weights are 0, one is negative, or the total is not in whole cents.",
            example: (
                "SELECT largest_remainder(22399883, days) OVER (ORDER BY year) \
                FROM (VALUES (2021, 334), (2022, 365)) AS v(year, days) ORDER BY year",
                "10703234.51",
            ),
        },
        data_type: MONEY,
        answer: |values, _| largest_remainder::parts(values),
    },
];

fn shrunk(values: &[ArrayRef], variation: Variation) -> Result<ArrayRef> {
    complete::<Float64Type>(values, |columns| {
        Ok(shrink(&columns[0], &columns[1], variation)?.estimates)
    })
}

fn places(
    values: &[ArrayRef],
    better: Better,
    end: fn(&RankInterval) -> usize,
) -> Result<ArrayRef> {
    complete::<Int64Type>(&values[..2], |columns| {
        let bounds: Vec<Bounds> = columns[0]
            .iter()
            .zip(&columns[1])
            .map(|(lower, upper)| Bounds::new(*lower, *upper))
            .collect::<Result<_, _>>()?;
        let places = rank_intervals(&bounds, better)?;
        Ok(places
            .iter()
            .map(|places| i64::try_from(end(places)).ok())
            .collect())
    })
}
