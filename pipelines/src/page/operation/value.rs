//! Setting single values of an operation: the first one stays, a different second one is a finding.

use super::super::record::{Certainty, PageAmount, PageTarget, TWO_AMOUNTS, UNREADABLE};
use super::super::typed;
use super::{Builder, Origin};

impl Builder<'_> {
    pub(super) fn natural_id(&mut self, origin: &Origin<'_>) {
        let known = |text: &str| self.rules.ids.iter().position(|id| id.shape.is_match(text));
        let new = known(origin.text);
        let old = self.operation.natural_id.as_deref().and_then(known);
        if self.operation.natural_id.is_some() && !(old.is_none() && new.is_some()) {
            self.once("natural_id", origin, |operation| &mut operation.natural_id);
            return;
        }
        self.operation.natural_id = Some(origin.text.to_owned());
        self.value("natural_id", origin, None);
        if let Some(shape) = new.and_then(|at| self.rules.ids.get(at)) {
            if let Some(fund) = &shape.fund {
                self.fund(fund, Certainty::Inferred, origin.place);
            }
            self.operation.period = self
                .operation
                .period
                .take()
                .or_else(|| shape.period.clone());
            self.operation.programme_id = self
                .operation
                .programme_id
                .take()
                .or_else(|| shape.programme_id.clone());
        }
    }

    pub(super) fn period(&mut self, origin: &Origin<'_>) {
        let Some(period) = typed::period(origin.text) else {
            return;
        };
        let typed::Period { start, end, .. } = period;
        let same = |old: Option<typed::PageDate>, new: Option<typed::PageDate>| {
            old.is_none() || new.is_none() || old.map(|d| d.date) == new.map(|d| d.date)
        };
        if !same(self.operation.start, start) || !same(self.operation.end, end) {
            let message = format!(
                "another period, {:?}, stands beside the first one, which is kept",
                origin.text
            );
            self.finding(
                "two_periods",
                "info",
                Some("duration"),
                Some(origin.text),
                message,
                origin.place,
            );
            return;
        }
        if (self.operation.start.is_some() || start.is_none())
            && (self.operation.end.is_some() || end.is_none())
        {
            return;
        }
        self.operation.start = self.operation.start.or(start);
        self.operation.end = self.operation.end.or(end);
        self.value("duration", origin, None);
        if let (Some(before), Some(end)) = (period.extended_from, end) {
            let message = format!(
                "the period ended on {} and was extended to {}; the new end counts",
                before.date, end.date
            );
            self.finding(
                "period_extended",
                "info",
                Some("end_date"),
                Some(origin.text),
                message,
                origin.place,
            );
        }
    }

    pub(super) fn date(&mut self, origin: &Origin<'_>, last: bool) {
        let Some(date) = typed::date(origin.text, last) else {
            return;
        };
        let slot = if last {
            &mut self.operation.end
        } else {
            &mut self.operation.start
        };
        if slot.is_none() {
            *slot = Some(date);
            self.value(if last { "end_date" } else { "start_date" }, origin, None);
        }
    }

    /// The first rate stays. What a bare number means is said by its label or by itself, or it is null.
    pub(super) fn rate(&mut self, label: &str, origin: &Origin<'_>) {
        if let Some(rate) = typed::rate(origin.text, typed::percent_in_label(label)) {
            self.operation.union_rate_millionths.get_or_insert(rate);
            self.value("union_rate", origin, None);
            return;
        }
        let message = format!(
            "{:?} under {label:?} can be read as a percentage and as a share of 1, so it is null",
            origin.text
        );
        self.finding(
            UNREADABLE,
            "warning",
            Some("union_rate"),
            Some(origin.text),
            message,
            origin.place,
        );
    }

    pub(super) fn amount(
        &mut self,
        kind: &str,
        source: &str,
        currency: Option<&str>,
        origin: &Origin<'_>,
    ) {
        let Some(money) = typed::money(origin.text) else {
            return;
        };
        let stated = money
            .currency
            .map(str::to_owned)
            .or_else(|| currency.map(str::to_owned));
        let inferred = match self.input.places.country {
            "SE" => Some("SEK"),
            "DE" => Some("EUR"),
            _ => None,
        };
        let certainty = if stated.is_some() {
            Certainty::Stated
        } else {
            Certainty::Inferred
        };
        let old = self.operation.amounts.iter().find(|amount| {
            amount.kind == kind
                && (amount.financing_source == source || amount.cents == money.cents)
        });
        if let Some(old) = old {
            if old.cents != money.cents {
                let message = format!(
                    "{kind} is given as {:?} and as {:?}; the first is kept",
                    old.text, origin.text
                );
                self.finding(
                    TWO_AMOUNTS,
                    "warning",
                    Some(kind),
                    Some(origin.text),
                    message,
                    origin.place,
                );
            }
            return;
        }
        self.operation.amounts.push(PageAmount {
            kind: kind.to_owned(),
            financing_source: source.to_owned(),
            cents: money.cents,
            currency: stated.or_else(|| inferred.map(str::to_owned)),
            currency_certainty: certainty,
            precision_abs_cents: money.precision,
            text: origin.text.to_owned(),
            place: origin.place.clone(),
        });
        self.value(kind, origin, None);
    }

    pub(super) fn target(&mut self, measure: &str, group: Option<&str>, origin: &Origin<'_>) {
        let Some(value) = typed::count(origin.text) else {
            return;
        };
        if let Some(old) = self
            .operation
            .targets
            .iter()
            .find(|target| target.measure == measure)
        {
            if old.value != value {
                let message = format!(
                    "{measure} is given as {} and as {value}; the first is kept",
                    old.value
                );
                self.finding(
                    "two_targets",
                    "info",
                    Some(measure),
                    Some(origin.text),
                    message,
                    origin.place,
                );
            }
            return;
        }
        let group = group.map(str::trim).filter(|group| !group.is_empty());
        let named = group.and_then(|group| {
            self.rules
                .target_groups
                .iter()
                .find(|(regex, _)| regex.is_match(group))
        });
        self.operation.targets.push(PageTarget {
            measure: measure.to_owned(),
            value,
            target_group: named
                .map(|(_, name)| name.clone())
                .or_else(|| group.map(str::to_owned)),
            target_group_text: group.map(str::to_owned),
            certainty: origin.certainty,
            place: origin.place.clone(),
        });
        self.value(measure, origin, None);
    }
}
