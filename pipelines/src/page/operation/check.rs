//! What follows from several fields: programme, summary, instrument, and doubts about amounts and rates.

use std::collections::BTreeSet;

use super::super::instrument::instrument_of;
use super::super::record::{Certainty, PageAmount};
use super::super::text::Place;
use super::{Builder, Origin};

impl Builder<'_> {
    /// A programme that follows from the fields together, and the one fund that stands for the operation.
    pub(super) fn programme(&mut self) {
        let rules = self.rules;
        let page = self.input.places.page;
        for programme in &rules.programmes {
            let fits = |regex: &Option<regex::Regex>, text: Option<&str>| {
                regex
                    .as_ref()
                    .is_none_or(|regex| text.is_some_and(|text| regex.is_match(text)))
            };
            let operation = &self.operation;
            let started = programme.started.as_ref().is_none_or(|(from, to)| {
                operation.start.is_some_and(|start| {
                    let day = start.date.to_string();
                    from.as_str() <= day.as_str() && day.as_str() <= to.as_str()
                })
            });
            let fits = fits(&programme.natural_id, operation.natural_id.as_deref())
                && fits(
                    &programme.objective_code,
                    operation.objective_code.as_deref(),
                )
                && fits(
                    &programme.support_scheme,
                    operation.support_scheme.as_deref(),
                )
                && fits(&programme.text, Some(page))
                && started;
            if !fits || self.operation.programme_id.is_some() {
                continue;
            }
            self.operation.programme_id = Some(programme.id.clone());
            self.operation.programme_name = self
                .operation
                .programme_name
                .take()
                .or_else(|| programme.name.clone());
            self.operation.period = self
                .operation
                .period
                .take()
                .or_else(|| programme.period.clone());
            if let Some(fund) = &programme.fund {
                self.fund(fund, Certainty::Inferred, &Place::default());
            }
            let message = format!(
                "programme {} follows from other fields, it does not stand on the page",
                programme.id
            );
            self.finding(
                "inferred_programme",
                "info",
                Some("programme_id"),
                Some(&programme.id),
                message,
                &Place::default(),
            );
        }
        let order = [
            "EQUAL", "ESF+", "ESF", "ERDF", "CF", "JTF", "NATIONAL", "LAND",
        ];
        self.operation.fund = order
            .iter()
            .find(|fund| self.operation.funds.iter().any(|old| old.fund == **fund))
            .map(|fund| (*fund).to_owned());
    }

    pub(super) fn summary(&mut self) {
        if self.operation.summary.is_some() {
            return;
        }
        let long = |text: &str| {
            text.chars().count() >= 60
                && text.split(' ').count() >= 8
                && text.contains(['.', '!', '?'])
        };
        let prose = self
            .input
            .passages
            .iter()
            .filter(|passage| !passage.heading && !passage.item && long(&passage.text));
        let prose = prose.filter(|passage| {
            !self
                .rules
                .phrases
                .iter()
                .any(|phrase| phrase.is_match(&passage.text))
        });
        let prose: Vec<(&str, Place)> = prose
            .map(|passage| (passage.text.as_str(), passage.place(self.input.blocks, 0)))
            .collect();
        let Some((first, place)) = prose.first().cloned() else {
            return;
        };
        self.operation.summary = Some(
            prose
                .iter()
                .map(|(text, _)| *text)
                .collect::<Vec<_>>()
                .join("\n"),
        );
        self.value(
            "summary",
            &Origin {
                text: first,
                place: &place,
                rule: "running text",
                certainty: Certainty::Stated,
            },
            None,
        );
    }

    pub(super) fn instrument(&mut self) {
        let known = |text: &str| {
            let words: Vec<&str> = text
                .split(|c: char| !(c.is_alphanumeric() || c == '-'))
                .filter(|word| word.chars().count() > 4)
                .collect();
            words
                .into_iter()
                .find_map(|word| instrument_of(word, self.rules))
        };
        let ids: BTreeSet<&str> = self
            .input
            .passages
            .iter()
            .filter_map(|passage| known(&passage.text))
            .collect();
        // Two instruments named on one page do not say which of them is the project's.
        if let [id] = ids.into_iter().collect::<Vec<_>>().as_slice() {
            self.operation.instrument_id = Some((*id).to_owned());
        }
    }

    /// Doubts that need several fields.
    pub(super) fn checks(&mut self) {
        let cents = |kind: &str| {
            self.operation
                .amounts
                .iter()
                .find(|amount| amount.kind == kind)
                .cloned()
        };
        let (granted, eu) = (cents("granted"), cents("eu"));
        let total = ["total_budget", "total_cost", "total_eligible"]
            .iter()
            .find_map(|kind| cents(kind));
        if let (Some(eu), Some(total)) = (&eu, &total) {
            self.check_part(eu, total);
        }
        let Some(rate) = self.operation.union_rate_millionths else {
            return;
        };
        if let (Some(granted), None) = (&granted, &eu) {
            let part = granted.cents * i128::from(rate) / 1_000_000;
            let value = format!(
                "{}.{:02} {}",
                part / 100,
                part % 100,
                granted.currency.as_deref().unwrap_or("")
            );
            let message = format!(
                "the rate of {} % implies an EU part of {}; it is not published, so it is no amount",
                percent(rate),
                value.trim()
            );
            self.finding(
                "implied_eu_part",
                "info",
                Some("eu"),
                Some(value.trim()),
                message,
                &granted.place,
            );
        }
        if let (Some(granted), Some(total)) = (granted, total)
            && total.cents > 0
        {
            let implied =
                i64::try_from(granted.cents * 1_000_000 / total.cents).unwrap_or(i64::MAX);
            if (implied - rate).abs() > 5_000 && granted.currency == total.currency {
                let message = format!(
                    "the grant is {} % of {}, the published rate {} %: neither corrects the other",
                    percent(implied),
                    total.kind,
                    percent(rate)
                );
                self.finding(
                    "rate_conflict",
                    "info",
                    Some("union_rate"),
                    Some(&percent(rate)),
                    message,
                    &granted.place,
                );
            }
        }
    }
}

impl Builder<'_> {
    /// A part that is more than the whole, though each be as exact as it is published.
    fn check_part(&mut self, part: &PageAmount, whole: &PageAmount) {
        let least = part.cents - part.precision_abs_cents.unwrap_or(0);
        let most = whole.cents + whole.precision_abs_cents.unwrap_or(0);
        if part.currency != whole.currency || least <= most {
            return;
        }
        let message = format!(
            "{} is given as {:?} and {} as {:?}: a part is not more than the whole, and neither corrects the other",
            part.kind, part.text, whole.kind, whole.text
        );
        self.finding(
            "part_above_whole",
            "warning",
            Some(&part.kind),
            Some(&part.text),
            message,
            &part.place,
        );
    }
}

fn percent(millionths: i64) -> String {
    let text = format!("{}.{:04}", millionths / 10_000, millionths % 10_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
