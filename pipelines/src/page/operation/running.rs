//! What the running text adds to the labels, and what the project is called.

use super::super::organisation;
use super::super::people::REMOVED;
use super::super::record::{Certainty, PageAmount};
use super::super::text::folded;
use super::super::title;
use super::super::typed;
use super::{Builder, Origin};

impl Builder<'_> {
    pub(super) fn text(&mut self) {
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
                    let of_label = (self.operation.amounts.iter())
                        .find(|amount| amount.kind == found.field && amount.place.label.is_some());
                    if let Some(of_label) = of_label.cloned() {
                        self.compare(&of_label, source, &origin);
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

    /// An amount of the running text that is none that the label gives. Of one whose payer the label does not name, the text may
    /// give a part.
    fn compare(&mut self, of_label: &PageAmount, source: &str, origin: &Origin<'_>) {
        let Some(money) = typed::money(origin.text) else {
            return;
        };
        let names = |source: &str| !matches!(source, "unknown" | "mixed");
        let other_payer = of_label.financing_source != source
            && names(&of_label.financing_source)
            && names(source);
        let other_currency = (money.currency.zip(of_label.currency.as_deref()))
            .is_some_and(|(stated, known)| stated != known);
        let is_part =
            names(source) && !names(&of_label.financing_source) && money.cents < of_label.cents;
        let precision = |half: Option<i128>| half.unwrap_or(0);
        let bound = precision(money.precision).max(precision(of_label.precision_abs_cents));
        if other_payer || other_currency || is_part || (money.cents - of_label.cents).abs() <= bound
        {
            return;
        }
        let kind = &of_label.kind;
        let message = format!(
            "{kind} is given as {:?} under a label and as {:?} in the text; the label counts",
            of_label.text, origin.text
        );
        self.finding(
            "text_contradicts_label",
            "warning",
            Some(kind),
            Some(origin.text),
            message,
            origin.place,
        );
    }

    pub(super) fn titles(&mut self) {
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
}
