//! What the running text adds to the labels, and what the project is called.

use super::super::organisation;
use super::super::people::REMOVED;
use super::super::record::Certainty;
use super::super::text::folded;
use super::super::title;
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
