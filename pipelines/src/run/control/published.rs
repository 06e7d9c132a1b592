//! Totals that the publisher states as controls: those of a whole list one by one, those of its parts together.

use std::collections::BTreeMap;

use super::ControlReport;
use crate::check::{Comparison, PublishedTotal, StatedIn, kind_in, money};

/// What the comparisons found. A total that was not compared passes, with the reason in the message.
pub(super) fn controls(totals: &[PublishedTotal]) -> Vec<ControlReport> {
    let mut controls = Vec::new();
    let mut parts: BTreeMap<String, Vec<(&str, &PublishedTotal)>> = BTreeMap::new();
    for total in totals {
        match &total.stated_in {
            StatedIn::List(place) => {
                let says = format!("its own total at {place} says");
                controls.push(of_whole("published_total", &says, total));
            }
            StatedIn::Declaration => {
                let says = "[[control.stated]] in source.toml says";
                controls.push(of_whole("stated_total", says, total));
            }
            StatedIn::Part(place) => {
                let of_kind = parts.entry(kind(total)).or_default();
                of_kind.push((place.as_str(), total));
            }
        }
    }
    controls.extend(parts.iter().map(|(of, parts)| of_parts(of, parts)));
    controls
}

fn kind(total: &PublishedTotal) -> String {
    kind_in(&total.amount_kind, total.currency.as_deref())
}

fn of_whole(control: &str, says: &str, total: &PublishedTotal) -> ControlReport {
    let of = kind(total);
    let bounds = match total.comparison {
        Comparison::Rows { rounding, .. } => Some((
            euro(2 * total.stated - rounding) / 2.0,
            euro(2 * total.stated + rounding) / 2.0,
        )),
        Comparison::None(_) => None,
    };
    let passed = total.agrees() != Some(false);
    let message = match &total.comparison {
        Comparison::None(why) => {
            format!(
                "{says} {} {of}, which is not compared: {why}",
                money(total.stated)
            )
        }
        Comparison::Rows { .. } if passed => String::new(),
        Comparison::Rows { rows, sum, .. } => {
            format!("{says} {}", against(total, &of, *rows, *sum))
        }
    };
    let found = match total.comparison {
        Comparison::Rows { sum, .. } => euro(sum),
        Comparison::None(_) => euro(total.stated),
    };
    ControlReport {
        least: bounds.map(|(least, _)| least),
        most: bounds.map(|(_, most)| most),
        // Decided in hundredths: the bounds in euro are rounded.
        passed,
        message,
        ..ControlReport::new(control, found).of(&of)
    }
}

/// How many sums of parts agree, of those that were compared.
fn of_parts(of: &str, parts: &[(&str, &PublishedTotal)]) -> ControlReport {
    let with = |agrees: Option<bool>| parts.iter().filter(move |(_, t)| t.agrees() == agrees);
    let (agreeing, wrong) = (with(Some(true)).count(), with(Some(false)).count());
    let compared = agreeing + wrong;
    let mut messages = Vec::new();
    if let Some((place, total)) = with(Some(false)).next()
        && let Comparison::Rows { rows, sum, .. } = &total.comparison
    {
        messages.push(format!(
            "{wrong} of its {compared} subtotals of {of} are wrong, the first at {place} says {}",
            against(total, of, *rows, *sum)
        ));
    }
    if let Some((place, total)) = with(None).next()
        && let Comparison::None(why) = &total.comparison
    {
        let n = parts.len() - compared;
        messages.push(format!(
            "{n} of its subtotals of {of} are not compared, the first at {place}: {why}"
        ));
    }
    // Also where all agree it may be to be said that some were not compared.
    ControlReport {
        message: messages.join("; "),
        ..ControlReport::new("published_subtotals", agreeing as f64)
            .of(of)
            .at_least(compared as f64)
    }
}

/// A total, and what its rows add up to instead.
fn against(total: &PublishedTotal, of: &str, rows: u64, sum: i128) -> String {
    let difference = sum - total.stated;
    let more = if difference < 0 { "less" } else { "more" };
    format!(
        "{} {of}, and its {rows} rows add up to {}, {} {more}",
        money(total.stated),
        money(sum),
        money(difference.abs())
    )
}

fn euro(hundredths: i128) -> f64 {
    hundredths as f64 / 100.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn total(stated_in: StatedIn, sum: Option<i128>) -> PublishedTotal {
        PublishedTotal {
            amount_kind: "granted".into(),
            currency: Some("EUR".into()),
            stated_in,
            stated: 100_000,
            comparison: match sum {
                Some(sum) => Comparison::Rows {
                    rows: 4,
                    sum,
                    rounding: 100,
                },
                None => Comparison::None("a reason".into()),
            },
        }
    }

    #[test]
    fn a_total_may_differ_by_its_rounding_and_no_more() {
        for (sum, passes) in [
            (100_000, true),
            (100_050, true),
            (100_051, false),
            (99_949, false),
        ] {
            let controls = controls(&[total(StatedIn::List("A!B9".into()), Some(sum))]);
            let [control] = controls.as_slice() else {
                panic!("{controls:?}");
            };
            assert_eq!(control.passed, passes, "{control:?}");
            assert_eq!(control.message.is_empty(), passes, "{control:?}");
            assert_eq!(
                (control.least, control.most),
                (Some(999.5), Some(1000.5)),
                "half a euro"
            );
        }
    }

    #[test]
    fn a_wrong_total_is_told_with_both_numbers() {
        let controls = controls(&[total(StatedIn::Declaration, Some(90_000))]);
        assert_eq!(
            controls[0].message,
            "[[control.stated]] in source.toml says 1000.00 granted EUR, and its 4 rows add up to 900.00, 100.00 less"
        );
        assert_eq!(controls[0].control, "stated_total");
    }

    #[test]
    fn what_was_not_compared_passes_and_says_why() {
        let part = |place: &str, sum| total(StatedIn::Part(place.into()), sum);
        let controls = controls(&[
            part("A!B3", Some(100_000)),
            part("A!B6", None),
            part("A!B9", Some(1)),
        ]);
        let [control] = controls.as_slice() else {
            panic!("{controls:?}");
        };
        assert_eq!((control.found, control.least), (1.0, Some(2.0)));
        assert!(!control.passed);
        let message = &control.message;
        assert!(
            message.contains("1 of its 2 subtotals of granted EUR are wrong, the first at A!B9"),
            "{message}"
        );
        assert!(message.ends_with("at A!B6: a reason"), "{message}");
    }
}
