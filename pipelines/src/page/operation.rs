//! One operation out of the labels of a thing and what the running text says. A label wins over the text, the first
//! label over a later one; what disagrees becomes a finding and corrects nothing.

use std::collections::BTreeSet;

use super::block::Block;
use super::instrument::instrument_of;
use super::label::{Pair, holds, postcode};
use super::organisation;
use super::pattern::{Found, Passage};
use super::people::REMOVED;
use super::place::{Places, Published};
use super::record::{
    Certainty, PageAmount, PageFinding, PageFund, PageKind, PageOperation, PageOrganisation,
    PageRecord, PageTarget, PageValue,
};
use super::rules::{LabelRule, PageRules};
use super::text::{Place, folded};
use super::title;
use super::typed;

/// What the builder reads from.
pub(super) struct Input<'a> {
    pub(super) thing: &'a [Pair],
    pub(super) found: &'a [Found<'a>],
    pub(super) passages: &'a [Passage],
    pub(super) blocks: &'a [Block],
    pub(super) used: &'a [bool],
    pub(super) places: &'a Places<'a>,
    pub(super) language: Option<&'a str>,
    pub(super) contact_present: bool,
}

/// Builds the record of one operation.
pub(super) fn build(input: &Input<'_>, findings: &mut Vec<PageFinding>) -> PageRecord {
    let mut builder = Builder {
        input,
        rules: input.places.rules,
        operation: PageOperation::default(),
        values: Vec::new(),
        findings,
    };
    builder.labels();
    builder.text();
    builder.titles();
    builder.programme();
    builder.summary();
    builder.instrument();
    builder.checks();
    let mut operation = builder.operation;
    operation.language = input.language.map(str::to_owned);
    operation.country = Some(input.places.country.to_owned());
    operation.contact_present = input.contact_present;
    PageRecord {
        kind: PageKind::Operation,
        values: builder.values,
        operation: Some(operation),
        instrument_label: None,
    }
}

struct Builder<'a> {
    input: &'a Input<'a>,
    rules: &'a PageRules,
    operation: PageOperation,
    values: Vec<PageValue>,
    findings: &'a mut Vec<PageFinding>,
}

/// A value with all that is known of its origin.
struct Origin<'a> {
    text: &'a str,
    place: &'a Place,
    rule: &'a str,
    certainty: Certainty,
}

impl Builder<'_> {
    fn value(&mut self, field: &str, origin: &Origin<'_>, role: Option<&str>) {
        self.values.push(PageValue {
            field: field.to_owned(),
            text: origin.text.to_owned(),
            place: origin.place.clone(),
            rule: origin.rule.to_owned(),
            role: role.map(str::to_owned),
            certainty: origin.certainty,
        });
    }

    fn finding(
        &mut self,
        rule: &str,
        severity: &str,
        field: Option<&str>,
        value: Option<&str>,
        message: String,
        place: &Place,
    ) {
        self.findings.push(PageFinding {
            rule: rule.to_owned(),
            severity: severity.to_owned(),
            field: field.map(str::to_owned),
            value: value.map(str::to_owned),
            message,
            place: place.clone(),
        });
    }

    fn labels(&mut self) {
        for pair in self.input.thing {
            let field = pair.rule.field.clone();
            if field.starts_with("contact_") {
                continue;
            }
            for (text, place) in &pair.values {
                let origin = Origin {
                    text,
                    place,
                    rule: pair.how,
                    certainty: Certainty::Stated,
                };
                if holds(&field, text) {
                    self.label_value(&pair.rule, &pair.label, &origin);
                } else {
                    let message = format!(
                        "{:?} under {:?} cannot be read as {field}, so it is null",
                        text, pair.label
                    );
                    self.finding(
                        "unreadable_value",
                        "warning",
                        Some(&field),
                        Some(text),
                        message,
                        place,
                    );
                }
            }
        }
    }

    fn label_value(&mut self, rule: &LabelRule, label: &str, origin: &Origin<'_>) {
        let text = origin.text.to_owned();
        let field = rule.field.as_str();
        match field {
            "natural_id" => self.natural_id(origin),
            "title" => self.once(field, origin, |operation| &mut operation.title),
            "summary" => {
                let part = match self.operation.summary.take() {
                    Some(summary) => format!("{summary}\n{text}"),
                    None => text.clone(),
                };
                self.operation.summary = Some(part);
                self.value(field, origin, None);
            }
            "duration" => self.period(origin),
            "start_date" => self.date(origin, false),
            "end_date" => self.date(origin, true),
            "granted" | "total_budget" | "total_cost" | "total_eligible" | "eu" | "cofinancing"
            | "paid" => {
                let source = rule
                    .financing_source
                    .clone()
                    .unwrap_or_else(|| if field == "eu" { "eu" } else { "unknown" }.to_owned());
                let currency = rule.currency.clone().or_else(|| currency_of_label(label));
                let scaled = scale_of_label(label)
                    .map(|scale| format!("{text} {scale}"))
                    .filter(|scaled| typed::money(scaled).is_some());
                let scaled = scaled.unwrap_or_else(|| text.clone());
                self.amount(
                    field,
                    &source,
                    currency.as_deref(),
                    &Origin {
                        text: &scaled,
                        ..*origin
                    },
                );
                self.fund_of_label(label, origin);
            }
            "union_rate" => {
                self.operation.union_rate_millionths = self
                    .operation
                    .union_rate_millionths
                    .or_else(|| typed::rate(&text));
                self.value(field, origin, None);
            }
            "beneficiary_name" => {
                let named = organisation::beneficiary(&text);
                self.organisation("beneficiary", named, None, origin);
            }
            "beneficiary_id" => {
                let beneficiary = self
                    .operation
                    .organisations
                    .iter_mut()
                    .find(|organisation| organisation.role == "beneficiary");
                if let Some(beneficiary) = beneficiary {
                    beneficiary.registered_id = Some(text.clone());
                }
                self.value(field, origin, None);
            }
            "partner" | "implementer" | "subcontractor" => {
                for named in organisation::partners(&text) {
                    self.organisation(field, named, None, origin);
                }
            }
            "funder" => self.funders(&text, origin),
            "beneficiary_postcode" | "beneficiary_place" => self.region("seat", origin),
            "postcode" | "place" | "municipality" | "district" | "region" | "nuts_code" => {
                self.region("implementation", origin)
            }
            "intervention" => {
                let code: String = text.chars().take_while(|c| c.is_ascii_digit()).collect();
                self.operation.intervention_code = Some(code).filter(|code| !code.is_empty());
                self.value(field, origin, None);
            }
            "priority_axis" => self.once(field, origin, |operation| &mut operation.priority_axis),
            "objective_code" => self.once(field, origin, |operation| &mut operation.objective_code),
            "support_scheme" => {
                self.once(field, origin, |operation| &mut operation.support_scheme);
                self.funds_in(&text, origin, Certainty::Stated);
            }
            "programme_name" => {
                self.once(field, origin, |operation| &mut operation.programme_name);
                self.funds_in(&text, origin, Certainty::Stated);
            }
            "programme_code" => self.once(field, origin, |operation| &mut operation.programme_id),
            "funding_period" => self.once(field, origin, |operation| &mut operation.period),
            "fund" => self.funds_in(&text, origin, Certainty::Stated),
            "planned_jobs" | "planned_participants" => {
                let group = self
                    .input
                    .thing
                    .iter()
                    .find(|pair| pair.rule.field == "target_group")
                    .and_then(Pair::first);
                self.target(field, group.map(|(text, _)| text.as_str()), origin);
            }
            _ => self.value(field, origin, None),
        }
    }

    /// Sets a text field that has one value; a different second one is a finding.
    fn once(
        &mut self,
        field: &str,
        origin: &Origin<'_>,
        of: fn(&mut PageOperation) -> &mut Option<String>,
    ) {
        let slot = of(&mut self.operation);
        match slot {
            None => {
                *slot = Some(origin.text.to_owned());
                self.value(field, origin, None);
            }
            Some(old) if folded(old) != folded(origin.text) => {
                let message = format!(
                    "{field} is given as {old:?} and as {:?}; the first is kept",
                    origin.text
                );
                self.finding(
                    "two_values",
                    "warning",
                    Some(field),
                    Some(origin.text),
                    message,
                    origin.place,
                );
            }
            Some(_) => {}
        }
    }

    fn natural_id(&mut self, origin: &Origin<'_>) {
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

    fn period(&mut self, origin: &Origin<'_>) {
        let Some((start, end)) = typed::period(origin.text) else {
            return;
        };
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
    }

    fn date(&mut self, origin: &Origin<'_>, last: bool) {
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

    fn amount(&mut self, kind: &str, source: &str, currency: Option<&str>, origin: &Origin<'_>) {
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
                    "two_amounts",
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

    fn fund(&mut self, fund: &str, certainty: Certainty, place: &Place) {
        // EQUAL was an ESF initiative: the narrower name stays.
        match self.operation.funds.iter_mut().find(|old| old.fund == fund) {
            Some(old) => old.certainty = old.certainty.min(certainty),
            None => self.operation.funds.push(PageFund {
                fund: fund.to_owned(),
                certainty,
                place: place.clone(),
            }),
        }
    }

    fn fund_of_label(&mut self, label: &str, origin: &Origin<'_>) {
        if let Some((_, fund)) = self
            .rules
            .label_funds
            .iter()
            .find(|(regex, _)| regex.is_match(label))
        {
            self.fund(fund, Certainty::Stated, origin.place);
        }
    }

    /// Funds named in a text that says who pays.
    fn funds_in(&mut self, text: &str, origin: &Origin<'_>, certainty: Certainty) {
        let rules = self.rules;
        let mut left = text.to_owned();
        let mut any = false;
        for funder in rules
            .funders
            .iter()
            .filter(|funder| funder.name.is_none() && funder.kind.is_none())
        {
            if let (Some(fund), Some(found)) = (&funder.fund, funder.regex.find(&left)) {
                let range = found.range();
                self.fund(fund, certainty, origin.place);
                // "ESF Plus" is not also "ESF".
                left.replace_range(range, "#");
                any = true;
            }
        }
        if any {
            self.value("fund", origin, None);
        }
    }

    /// Everybody named in a text that says who pays: funds, and organisations in the role of funder.
    fn funders(&mut self, text: &str, origin: &Origin<'_>) {
        let rules = self.rules;
        let mut left = text.to_owned();
        for funder in &rules.funders {
            while let Some(captures) = funder.regex.captures(&left) {
                let Some(whole) = captures.get(0).filter(|whole| !whole.is_empty()) else {
                    break;
                };
                let published = whole.as_str().trim().to_owned();
                let group = |name: &str| {
                    captures
                        .name(name)
                        .map(|group| group.as_str().trim().to_owned())
                };
                let name = match (&funder.name, group("land"), group("name")) {
                    (Some(template), Some(land), _) => Some(template.replace("{land}", &land)),
                    (None, _, name) => name,
                    (Some(template), None, _) => Some(template.clone()),
                };
                let land = group("land");
                let range = whole.range();
                if let Some(fund) = &funder.fund {
                    self.fund(fund, origin.certainty, origin.place);
                    if name.is_none() {
                        self.value(
                            "fund",
                            &Origin {
                                text: &published,
                                ..*origin
                            },
                            Some("funder"),
                        );
                    }
                }
                if let Some(name) = name {
                    let name = name
                        .replace("Ministeriums", "Ministerium")
                        .replace("ministeriums", "ministerium");
                    let named = organisation::Named {
                        name: Some(name),
                        published: vec![published.clone()],
                    };
                    self.organisation(
                        "funder",
                        named,
                        funder.kind.as_deref(),
                        &Origin {
                            text: &published,
                            ..*origin
                        },
                    );
                }
                // A Land that pays is where the operation takes place, if nothing says it more exactly.
                if let Some(land) = land
                    && !self
                        .operation
                        .regions
                        .iter()
                        .any(|region| region.role == "implementation")
                {
                    self.region(
                        "implementation",
                        &Origin {
                            text: &land,
                            certainty: Certainty::Inferred,
                            ..*origin
                        },
                    );
                }
                left.replace_range(range, "#");
            }
        }
    }

    fn organisation(
        &mut self,
        role: &str,
        named: organisation::Named,
        kind: Option<&str>,
        origin: &Origin<'_>,
    ) {
        let key = named.name.as_deref().map(folded);
        let same = self
            .operation
            .organisations
            .iter_mut()
            .find(|old| old.role == role && old.name.as_deref().map(folded) == key);
        if let Some(old) = same {
            for spelling in named.published {
                if !old.published.contains(&spelling) {
                    old.published.push(spelling);
                }
            }
            return;
        }
        let natural_person = named.name.is_none();
        self.operation.organisations.push(PageOrganisation {
            kind: kind.map(str::to_owned).or_else(|| {
                named
                    .name
                    .as_deref()
                    .and_then(organisation::kind)
                    .map(str::to_owned)
            }),
            published: if natural_person {
                Vec::new()
            } else {
                named.published
            },
            name: named.name,
            role: role.to_owned(),
            natural_person,
            registered_id: None,
            certainty: origin.certainty,
            place: origin.place.clone(),
        });
        let field = if role == "beneficiary" {
            "beneficiary_name"
        } else {
            role
        };
        self.value(field, origin, Some(role));
    }

    fn region(&mut self, role: &str, origin: &Origin<'_>) {
        let digits = postcode(origin.text);
        let text = digits
            .as_deref()
            .filter(|_| role == "seat")
            .unwrap_or(origin.text);
        let regions = self.input.places.resolve(&Published {
            role,
            text,
            place: origin.place,
            certainty: origin.certainty,
        });
        for region in regions {
            let known = |old: &super::record::PageRegion| {
                old.role == region.role
                    && (old.nuts_code.is_some() && old.nuts_code == region.nuts_code
                        || old.text == region.text)
            };
            if self.operation.regions.iter().any(known) {
                continue;
            }
            if region.nuts_code.is_none() {
                let message = format!(
                    "{:?} is no place with exactly one code, so its region is null",
                    region.text
                );
                self.finding(
                    "unknown_place",
                    "warning",
                    Some("nuts_code"),
                    Some(&region.text),
                    message,
                    origin.place,
                );
            }
            self.value(
                "region",
                &Origin {
                    text: &region.text,
                    ..*origin
                },
                Some(role),
            );
            self.operation.regions.push(region);
        }
    }

    fn target(&mut self, measure: &str, group: Option<&str>, origin: &Origin<'_>) {
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

    fn text(&mut self) {
        // Places first: who pays gives one only where nothing says it more exactly.
        let input = self.input;
        let places = |field: &str| matches!(field, "implementation" | "benefit_area");
        let order = input
            .found
            .iter()
            .filter(|found| places(found.field))
            .chain(input.found.iter().filter(|found| !places(found.field)));
        for found in order {
            let origin = Origin {
                text: &found.text,
                place: &found.place,
                rule: &found.pattern.id,
                certainty: Certainty::Stated,
            };
            match found.field {
                "duration" => self.period(&origin),
                "start_date" => self.date(&origin, false),
                "end_date" => self.date(&origin, true),
                "granted" | "total_budget" | "total_cost" | "total_eligible" | "eu"
                | "cofinancing" | "paid" => {
                    let source = found
                        .pattern
                        .financing_source
                        .as_deref()
                        .unwrap_or("unknown");
                    // What a label gives as this kind is not given again by the text.
                    if self
                        .operation
                        .amounts
                        .iter()
                        .any(|amount| amount.kind == found.field && amount.place.label.is_some())
                    {
                        continue;
                    }
                    self.amount(found.field, source, None, &origin);
                    if let Some(fund) = &found.pattern.fund {
                        self.fund(fund, Certainty::Stated, &found.place);
                    }
                    if found.pattern.funds_in_match {
                        self.funds_in(&found.context, &origin, Certainty::Stated);
                    }
                }
                "planned_jobs" | "planned_participants" => {
                    let group = input
                        .found
                        .iter()
                        .find(|other| other.of == found.of && other.field == "target_group");
                    self.target(found.field, group.map(|group| group.text.as_str()), &origin);
                }
                "partners" | "partner" | "subcontractor" | "implementer" => {
                    let role = if found.field == "partners" {
                        "partner"
                    } else {
                        found.field
                    };
                    let names = if found.field == "partners" || found.field == "partner" {
                        organisation::partners(&found.text)
                    } else {
                        vec![organisation::Named {
                            name: Some(found.text.clone()).filter(|name| name != REMOVED),
                            published: vec![found.text.clone()],
                        }]
                    };
                    for named in names {
                        let text = named.published.first().cloned().unwrap_or_default();
                        self.organisation(
                            role,
                            named,
                            None,
                            &Origin {
                                text: &text,
                                ..origin
                            },
                        );
                    }
                }
                "beneficiary_name"
                    if !self
                        .operation
                        .organisations
                        .iter()
                        .any(|old| old.role == "beneficiary") =>
                {
                    self.organisation(
                        "beneficiary",
                        organisation::beneficiary(&found.text),
                        None,
                        &origin,
                    );
                }
                "funders" => self.funders(&found.text, &origin),
                "implementation" | "benefit_area" => self.region(found.field, &origin),
                _ => {}
            }
        }
    }

    fn titles(&mut self) {
        let candidate = match self.operation.title.take() {
            Some(title) => {
                let (title, acronym) = title::split_acronym(&title);
                self.operation.title = Some(title);
                self.operation.acronym = acronym;
                None
            }
            None => title::find(self.input),
        };
        if let Some(candidate) = candidate {
            let (name, acronym) = title::split_acronym(&candidate.text);
            let origin = Origin {
                text: &candidate.text,
                place: &candidate.place,
                rule: candidate.rule,
                certainty: candidate.certainty,
            };
            self.value("title", &origin, None);
            self.operation.title = Some(name);
            self.operation.acronym = acronym;
        }
        for found in self
            .input
            .found
            .iter()
            .filter(|found| found.field == "alias")
        {
            let alias = folded(&found.text);
            let names = [
                self.operation.title.as_deref(),
                self.operation.acronym.as_deref(),
            ];
            let same = names
                .into_iter()
                .flatten()
                .map(folded)
                .any(|name| name.contains(&alias) || alias.contains(&name));
            if same
                || self
                    .operation
                    .aliases
                    .iter()
                    .any(|old| folded(old) == alias)
            {
                continue;
            }
            let message = format!(
                "the text calls the project {:?}, its name field says {:?}; the field is kept",
                found.text,
                self.operation.title.as_deref().unwrap_or_default()
            );
            self.finding(
                "name_conflict",
                "warning",
                Some("title"),
                Some(&found.text),
                message,
                &found.place,
            );
            let origin = Origin {
                text: &found.text,
                place: &found.place,
                rule: &found.pattern.id,
                certainty: Certainty::Stated,
            };
            self.value("alias", &origin, None);
            self.operation.aliases.push(found.text.clone());
        }
    }

    /// A programme that follows from the fields together, and the one fund that stands for the operation.
    fn programme(&mut self) {
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

    fn summary(&mut self) {
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

    fn instrument(&mut self) {
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
    fn checks(&mut self) {
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

fn percent(millionths: i64) -> String {
    let text = format!("{}.{:04}", millionths / 10_000, millionths % 10_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A currency in the label: "Budget (SEK)", "EU-stöd i kronor".
fn currency_of_label(label: &str) -> Option<String> {
    let words = folded(label);
    let has = |names: &[&str]| words.split(' ').any(|word| names.contains(&word));
    if has(&["sek", "kr", "kronor", "tkr"]) {
        Some("SEK".into())
    } else if has(&["eur", "euro"]) || label.contains('€') {
        Some("EUR".into())
    } else {
        None
    }
}

/// A scale in the label: "Budget (tkr)", "Fördersumme in T€".
fn scale_of_label(label: &str) -> Option<&'static str> {
    let words = folded(label);
    let has = |names: &[&str]| words.split(' ').any(|word| names.contains(&word));
    if has(&["tkr"]) {
        Some("tkr")
    } else if has(&["mnkr", "mkr"]) {
        Some("mnkr")
    } else if has(&["teur", "tsd"]) || label.contains("T€") {
        Some("TEUR")
    } else if has(&["mio"]) {
        Some("Mio. Euro")
    } else {
        None
    }
}
