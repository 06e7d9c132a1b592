//! The statistics of a group: names, documentation, and the function of [`crate::statistics`] behind each.

use super::Definition;
use crate::{
    functions::statistic::{
        describe::{Argument, Description, GROUP_CONFIDENCE, Kind},
        group::Group,
    },
    statistics::{
        NoValue,
        indirect::{Indirect, expected, indirect},
        inequality::{TheilParts, gini, gini_weighted, hhi, theil, theil_parts, theil_weighted},
        interval::Bounds,
        percentile::weighted_percentile,
        ratio::ratio_bounds,
        standardise::direct,
    },
};

const AMOUNT: Argument = Argument::number("x", "the amount that a member of the group holds");
const PER_HEAD: Argument = Argument::number("x", "the amount per head");
const HEADS: Argument = Argument::number("heads", "the heads (persons) that have it");
const GROUP_KEY: Argument = Argument::new(
    "group_key",
    Kind::Key,
    "the group within the group, such as a region",
);
const EVENTS: Argument = Argument::number("events", "events in the stratum, a whole number");
const PERSONS: Argument = Argument::number("persons", "persons in the stratum, a whole number");
const STRATUM_WEIGHT: Argument = Argument::number(
    "weight",
    "weight of the stratum in the pooled composition, in any scale",
);
const OBSERVED: Argument =
    Argument::number("observed", "events observed in the stratum, a whole number");
const REFERENCE: Argument = Argument::number(
    "reference_rate",
    "the pooled rate of the stratum, between 0 and 1",
);
const NUMERATOR: Argument = Argument::number("numerator", "the amount of a project");
const DENOMINATOR: Argument = Argument::number(
    "denominator",
    "the participants (or another denominator) of the project",
);

pub(super) static ALL: [Definition; 16] = [
    Definition {
        description: Description {
            name: "hhi",
            arguments: &[AMOUNT],
            optional: 0,
            summary: "Herfindahl-Hirschman index: the sum of squared shares, from 1/n (equal) to 1 (all held by one). \
                Null if all amounts are 0 or one is negative.",
            example: (
                "SELECT hhi(x) FROM (VALUES (1), (2), (3), (4)) AS v(x)",
                "0.30",
            ),
        },
        answer: |group| hhi(group.column(0)),
    },
    Definition {
        description: Description {
            name: "gini",
            arguments: &[AMOUNT],
            optional: 0,
            summary: "Gini coefficient, from 0 (equal) to (n-1)/n (all held by one), without small-sample correction. \
                Null for one member, if all amounts are 0, or if one is negative.",
            example: (
                "SELECT gini(x) FROM (VALUES (1), (2), (3), (4)) AS v(x)",
                "0.25",
            ),
        },
        answer: |group| gini(group.column(0)),
    },
    Definition {
        description: Description {
            name: "gini_weighted",
            arguments: &[PER_HEAD, HEADS],
            optional: 0,
            summary: "Gini coefficient of an amount per head among heads. Null as gini.",
            example: (
                "SELECT gini_weighted(x, heads) FROM (VALUES (1, 1), (2, 2), (3, 1)) AS v(x, heads)",
                "0.1875",
            ),
        },
        answer: |group| gini_weighted(group.column(0), group.column(1)),
    },
    Definition {
        description: Description {
            name: "theil",
            arguments: &[AMOUNT],
            optional: 0,
            summary: "Theil index T, from 0 (equal) to ln n (all held by one). \
                Null for one member, if all amounts are 0, or if one is negative.",
            example: (
                "SELECT theil(x) FROM (VALUES (1), (2), (3), (4)) AS v(x)",
                "0.1064401",
            ),
        },
        answer: |group| theil(group.column(0)),
    },
    Definition {
        description: Description {
            name: "theil_weighted",
            arguments: &[PER_HEAD, HEADS],
            optional: 0,
            summary: "Theil index T of an amount per head among heads. Null as theil.",
            example: (
                "SELECT theil_weighted(x, heads) FROM (VALUES (1, 1), (2, 2), (3, 1)) AS v(x, heads)",
                "0.0654060",
            ),
        },
        answer: |group| theil_weighted(group.column(0), group.column(1)),
    },
    Definition {
        description: Description {
            name: "theil_within",
            arguments: &[PER_HEAD, HEADS, GROUP_KEY],
            optional: 0,
            summary: "The part of theil_weighted that comes from differences inside groups. Null as theil_weighted, \
                and if there is one group.",
            example: (
                "SELECT theil_within(x, 1, region) FROM (VALUES (1, 'a'), (2, 'a'), (3, 'b'), (4, 'b')) AS v(x, region)",
                "0.0242",
            ),
        },
        answer: |group| parts(group).map(|parts| parts.within),
    },
    Definition {
        description: Description {
            name: "theil_between",
            arguments: &[PER_HEAD, HEADS, GROUP_KEY],
            optional: 0,
            summary: "The part of theil_weighted that comes from differences between the means of groups. Null as \
                theil_within; the two add up to theil_weighted.",
            example: (
                "SELECT theil_between(x, 1, region) FROM (VALUES (1, 'a'), (2, 'a'), (3, 'b'), (4, 'b')) AS v(x, region)",
                "0.0823",
            ),
        },
        answer: |group| parts(group).map(|parts| parts.between),
    },
    Definition {
        description: Description {
            name: "weighted_percentile",
            arguments: &[
                Argument::number("x", "a value; it may be negative"),
                Argument::number("weight", "its weight, in any scale"),
                Argument::new("share", Kind::Constant, "0.5 for the median"),
            ],
            optional: 0,
            summary: "The value at or below which the share of the weight lies; the mean of two values where the share \
                falls exactly between them. Null without weight, if a weight is negative, or if the share is not from \
                0 to 1 (0.5, not 50).",
            example: (
                "SELECT weighted_percentile(x, w, 0.5) FROM (VALUES (1, 1), (5, 1), (9, 4)) AS v(x, w)",
                "9",
            ),
        },
        answer: |group| {
            let share = group.constants.first().copied().unwrap_or(f64::NAN);
            weighted_percentile(group.column(0), group.column(1), share)
        },
    },
    Definition {
        description: Description {
            name: "direct_rate",
            arguments: &[STRATUM_WEIGHT, EVENTS, PERSONS],
            optional: 0,
            summary: "Directly standardised rate, a row a stratum: the rate a region would have with the pooled \
                composition. Null if a stratum with weight has no persons: then take indirect_ratio.",
            example: (
                "SELECT direct_rate(w, e, p) FROM (VALUES (1, 2, 10), (3, 10, 20)) AS v(w, e, p)",
                "0.425",
            ),
        },
        answer: |group| {
            direct(group.column(0), &group.counts(1)?, &group.counts(2)?).map(|direct| direct.rate)
        },
    },
    Definition {
        description: Description {
            name: "direct_rate_lower",
            arguments: &[STRATUM_WEIGHT, EVENTS, PERSONS, GROUP_CONFIDENCE],
            optional: 1,
            summary: "Lower end of the normal interval of direct_rate, with the binomial variance of its strata. Null \
                as direct_rate, and if none or all had the event in every stratum.",
            example: (
                "SELECT direct_rate_lower(w, e, p) FROM (VALUES (1, 2, 10), (3, 10, 20)) AS v(w, e, p)",
                "0.249353",
            ),
        },
        answer: |group| direct_bounds(group).map(|ends| ends.lower),
    },
    Definition {
        description: Description {
            name: "direct_rate_upper",
            arguments: &[STRATUM_WEIGHT, EVENTS, PERSONS, GROUP_CONFIDENCE],
            optional: 1,
            summary: "Upper end of the normal interval of direct_rate, with the binomial variance of its strata. Null \
                as direct_rate, and if none or all had the event in every stratum.",
            example: (
                "SELECT direct_rate_upper(w, e, p) FROM (VALUES (1, 2, 10), (3, 10, 20)) AS v(w, e, p)",
                "0.600647",
            ),
        },
        answer: |group| direct_bounds(group).map(|ends| ends.upper),
    },
    Definition {
        description: Description {
            name: "indirect_ratio",
            arguments: &[OBSERVED, PERSONS, REFERENCE],
            optional: 0,
            summary: "Indirectly standardised ratio, a row a stratum: all events observed over all expected at the \
                pooled rates; 1 is as expected. Null if none are expected.",
            example: (
                "SELECT indirect_ratio(o, p, r) FROM (VALUES (3, 10, 0.2), (9, 20, 0.4)) AS v(o, p, r)",
                "1.2",
            ),
        },
        answer: |group| standardised(group).map(|indirect| indirect.ratio),
    },
    Definition {
        description: Description {
            name: "indirect_ratio_lower",
            arguments: &[OBSERVED, PERSONS, REFERENCE, GROUP_CONFIDENCE],
            optional: 1,
            summary: "Lower end of the interval of indirect_ratio: that of the observed count (poisson_lower) over the \
                expected one. Null as indirect_ratio.",
            example: (
                "SELECT indirect_ratio_lower(o, p, r) FROM (VALUES (3, 10, 0.2), (9, 20, 0.4)) AS v(o, p, r)",
                "0.6194",
            ),
        },
        answer: |group| standardised(group).map(|indirect| indirect.ratio_bounds.lower),
    },
    Definition {
        description: Description {
            name: "indirect_ratio_upper",
            arguments: &[OBSERVED, PERSONS, REFERENCE, GROUP_CONFIDENCE],
            optional: 1,
            summary: "Upper end of the interval of indirect_ratio: that of the observed count (poisson_upper) over the \
                expected one. Null as indirect_ratio.",
            example: (
                "SELECT indirect_ratio_upper(o, p, r) FROM (VALUES (3, 10, 0.2), (9, 20, 0.4)) AS v(o, p, r)",
                "2.0963",
            ),
        },
        answer: |group| standardised(group).map(|indirect| indirect.ratio_bounds.upper),
    },
    Definition {
        description: Description {
            name: "ratio_lower",
            arguments: &[NUMERATOR, DENOMINATOR],
            optional: 0,
            summary: "Lower bound beside sum(numerator) / sum(denominator), a row a project: from 30 projects on the \
                95 % interval by the delta method, below that the smallest ratio of a single project. Null for one \
                project, for a negative amount, and below 30 if a denominator is 0.",
            example: (
                "SELECT ratio_lower(y, x) FROM (VALUES (10, 2), (20, 5), (30, 4)) AS v(y, x)",
                "4",
            ),
        },
        answer: |group| ratio_bounds(group.column(0), group.column(1)).map(|(ends, _)| ends.lower),
    },
    Definition {
        description: Description {
            name: "ratio_upper",
            arguments: &[NUMERATOR, DENOMINATOR],
            optional: 0,
            summary: "Upper bound beside sum(numerator) / sum(denominator), a row a project: from 30 projects on the \
                95 % interval by the delta method, below that the largest ratio of a single project. Null for one \
                project, for a negative amount, and below 30 if a denominator is 0.",
            example: (
                "SELECT ratio_upper(y, x) FROM (VALUES (10, 2), (20, 5), (30, 4)) AS v(y, x)",
                "7.5",
            ),
        },
        answer: |group| ratio_bounds(group.column(0), group.column(1)).map(|(ends, _)| ends.upper),
    },
];

fn parts(group: &Group<'_>) -> Result<TheilParts, NoValue> {
    theil_parts(group.column(0), group.column(1), group.keys)
}

fn direct_bounds(group: &Group<'_>) -> Result<Bounds, NoValue> {
    direct(group.column(0), &group.counts(1)?, &group.counts(2)?)?.bounds(group.confidence())
}

/// The ratio of sums: the observed events of all strata over the expected ones.
fn standardised(group: &Group<'_>) -> Result<Indirect, NoValue> {
    let observed = group
        .counts(0)?
        .into_iter()
        .try_fold(0_i64, i64::checked_add)
        .ok_or(NoValue::Overflow)?;
    let expected = expected(&group.counts(1)?, group.column(2))?;
    indirect(observed, expected, 1.0, group.confidence())
}
