//! The statistics of one row: names, documentation, and the function of [`crate::statistics`] behind each.

use super::{Answer, Definition};
use crate::{
    functions::statistic::describe::{Argument, CONFIDENCE, Description, Kind},
    statistics::{funnel::limits, interval, normal, overlap, poisson::poisson},
};

const SUCCESSES: Argument = Argument::number("successes", "cases with the outcome, a whole number");
const CASES: Argument = Argument::number("n", "cases, a whole number");
const RATES: [Argument; 5] = [
    Argument::number("x1", "cases with the outcome in the first group"),
    Argument::number("n1", "cases in the first group"),
    Argument::number("x2", "cases with the outcome in the second group"),
    Argument::number("n2", "cases in the second group"),
    CONFIDENCE,
];
const EVENTS: Argument = Argument::number("events", "the events counted, a whole number");
const TARGET: Argument = Argument::number("target", "the rate compared with, between 0 and 1");

pub(super) static ALL: [Definition; 13] = [
    Definition {
        description: Description {
            name: "wilson_lower",
            arguments: &[SUCCESSES, CASES, CONFIDENCE],
            optional: 1,
            summary: "Lower end of Wilson's score interval of the rate successes / n, without continuity correction. \
                Null if n is 0, a count is negative or no whole number, successes exceed n, or the confidence is not \
                between 0 and 1 (0.95, not 95).",
            example: ("SELECT wilson_lower(81, 263)", "0.2552885"),
        },
        answer: Answer::Number(|row| {
            interval::wilson(row.count(0)?, row.count(1)?, row.confidence(2)).map(|ends| ends.lower)
        }),
    },
    Definition {
        description: Description {
            name: "wilson_upper",
            arguments: &[SUCCESSES, CASES, CONFIDENCE],
            optional: 1,
            summary: "Upper end of Wilson's score interval of the rate successes / n, without continuity correction. \
                Null if n is 0, a count is negative or no whole number, successes exceed n, or the confidence is not \
                between 0 and 1 (0.95, not 95).",
            example: ("SELECT wilson_upper(81, 263)", "0.3662096"),
        },
        answer: Answer::Number(|row| {
            interval::wilson(row.count(0)?, row.count(1)?, row.confidence(2)).map(|ends| ends.upper)
        }),
    },
    Definition {
        description: Description {
            name: "newcombe_lower",
            arguments: &RATES,
            optional: 1,
            summary: "Lower end of Newcombe's hybrid score interval of the difference of two independent rates, \
                x1 / n1 - x2 / n2. Null if n1 or n2 is 0, a count is negative or no whole number, x exceeds n, or the \
                confidence is not between 0 and 1 (0.95, not 95).",
            example: ("SELECT newcombe_lower(56, 70, 48, 80)", "0.0524315"),
        },
        answer: Answer::Number(|row| {
            let (first, second) = (
                (row.count(0)?, row.count(1)?),
                (row.count(2)?, row.count(3)?),
            );
            interval::newcombe(first.0, first.1, second.0, second.1, row.confidence(4))
                .map(|ends| ends.lower)
        }),
    },
    Definition {
        description: Description {
            name: "newcombe_upper",
            arguments: &RATES,
            optional: 1,
            summary: "Upper end of Newcombe's hybrid score interval of the difference of two independent rates, \
                x1 / n1 - x2 / n2. Null if n1 or n2 is 0, a count is negative or no whole number, x exceeds n, or the \
                confidence is not between 0 and 1 (0.95, not 95).",
            example: ("SELECT newcombe_upper(56, 70, 48, 80)", "0.3338727"),
        },
        answer: Answer::Number(|row| {
            let (first, second) = (
                (row.count(0)?, row.count(1)?),
                (row.count(2)?, row.count(3)?),
            );
            interval::newcombe(first.0, first.1, second.0, second.1, row.confidence(4))
                .map(|ends| ends.upper)
        }),
    },
    Definition {
        description: Description {
            name: "poisson_lower",
            arguments: &[EVENTS, CONFIDENCE],
            optional: 1,
            summary: "Lower end of the interval of a count of events: exact for fewer than 10, Byar's approximation \
                from 10 on. Null if the count is negative or no whole number, or the confidence is not between 0 and 1 \
                (0.95, not 95).",
            example: ("SELECT poisson_lower(5)", "1.6234864"),
        },
        answer: Answer::Number(|row| {
            poisson(row.count(0)?, row.confidence(1)).map(|ends| ends.lower)
        }),
    },
    Definition {
        description: Description {
            name: "poisson_upper",
            arguments: &[EVENTS, CONFIDENCE],
            optional: 1,
            summary: "Upper end of the interval of a count of events: exact for fewer than 10, Byar's approximation \
                from 10 on. Null if the count is negative or no whole number, or the confidence is not between 0 and 1 \
                (0.95, not 95).",
            example: ("SELECT poisson_upper(5)", "11.6683321"),
        },
        answer: Answer::Number(|row| {
            poisson(row.count(0)?, row.confidence(1)).map(|ends| ends.upper)
        }),
    },
    Definition {
        description: Description {
            name: "funnel_lower",
            arguments: &[TARGET, CASES, CONFIDENCE],
            optional: 1,
            summary: "Lower funnel limit: how far below the target a rate of n cases may lie by chance; 0.95 warns, \
                0.998 is the alarm. Null if n is 0 or no whole number, or the target or the confidence is not between \
                0 and 1.",
            example: ("SELECT funnel_lower(0.5, 100, 0.998)", "0.345488"),
        },
        answer: Answer::Number(|row| {
            limits(row.number(0), row.count(1)?, row.confidence(2), 1.0).map(|ends| ends.lower)
        }),
    },
    Definition {
        description: Description {
            name: "funnel_upper",
            arguments: &[TARGET, CASES, CONFIDENCE],
            optional: 1,
            summary: "Upper funnel limit: how far above the target a rate of n cases may lie by chance; 0.95 warns, \
                0.998 is the alarm. Null if n is 0 or no whole number, or the target or the confidence is not between \
                0 and 1.",
            example: ("SELECT funnel_upper(0.5, 100)", "0.598"),
        },
        answer: Answer::Number(|row| {
            limits(row.number(0), row.count(1)?, row.confidence(2), 1.0).map(|ends| ends.upper)
        }),
    },
    Definition {
        description: Description {
            name: "normal_quantile",
            arguments: &[Argument::number("p", "a probability, between 0 and 1")],
            optional: 0,
            summary: "The value below which a standard normal deviate lies with probability p. Null for 0 and 1.",
            example: ("SELECT normal_quantile(0.975)", "1.959964"),
        },
        answer: Answer::Number(|row| normal::quantile(row.number(0))),
    },
    Definition {
        description: Description {
            name: "normal_cdf",
            arguments: &[Argument::number("z", "a value in standard deviations")],
            optional: 0,
            summary: "The probability of a standard normal deviate below z; 2 * normal_cdf(-abs(z)) is the two-sided p.",
            example: ("SELECT normal_cdf(-1.959964)", "0.025"),
        },
        answer: Answer::Number(|row| normal::cdf(row.number(0))),
    },
    Definition {
        description: Description {
            name: "day_overlap",
            arguments: &[
                Argument::new("a_start", Kind::Day, "first day of a period"),
                Argument::new("a_end", Kind::Day, "last day of that period"),
                Argument::new("b_start", Kind::Day, "first day of another period"),
                Argument::new("b_end", Kind::Day, "last day of the other period"),
            ],
            optional: 0,
            summary: "The days that lie in both periods, ends included; 0 if they do not meet. \
                Null if a period ends before it begins.",
            example: (
                "SELECT day_overlap('2021-02-01', '2022-12-31', '2022-01-01', '2022-12-31')",
                "365",
            ),
        },
        answer: Answer::Days(|row| {
            overlap::day_overlap(row.day(0)?, row.day(1)?, row.day(2)?, row.day(3)?)
        }),
    },
    Definition {
        description: Description {
            name: "duration_days",
            arguments: &[
                Argument::new("start", Kind::Day, "first day"),
                Argument::new("end", Kind::Day, "last day"),
            ],
            optional: 0,
            summary: "The length of a period in days, both ends included. Null if it ends before it begins.",
            example: ("SELECT duration_days('2021-02-01', '2022-12-31')", "699"),
        },
        answer: Answer::Days(|row| overlap::duration_days(row.day(0)?, row.day(1)?)),
    },
    Definition {
        description: Description {
            name: "year_days",
            arguments: &[
                Argument::new("start", Kind::Day, "first day"),
                Argument::new("end", Kind::Day, "last day"),
            ],
            optional: 0,
            summary: "The days of a period in each of the calendar years that it touches, both ends included: a list, \
                whose first number is that of the year of `start`. Null if the period ends before it begins, or touches \
                more than 1000 years.",
            example: ("SELECT year_days('2021-02-01', '2022-12-31')", "[334, 365]"),
        },
        answer: Answer::DayList(|row| overlap::year_days(row.day(0)?, row.day(1)?)),
    },
];
