//! What the rows of an answer are called.

use std::collections::BTreeMap;

use datafusion::prelude::SessionContext;

use super::{CompareError, Question, texts};
use crate::chart::Language;
use crate::dimension::Dimension;
use crate::metric::Metric;

/// What rows are: a year is that of the first day, unless the metric has years of its own.
pub(super) fn rows(metric: &Metric, by: Dimension) -> &'static str {
    let is_own = metric.definition.own.iter().any(|own| own == by.name());
    match by {
        Dimension::Year if !is_own => "first_year",
        by => by.name(),
    }
}

/// Names of keys: from the tables of the release, or from code lists.
pub(super) async fn labels(
    ctx: &SessionContext,
    question: &Question,
) -> Result<BTreeMap<String, String>, CompareError> {
    // A beneficiary without a name is a natural person, whose name is withheld: the key tells nobody anything.
    let person = match question.language {
        Language::De => "natürliche Person",
        Language::Sv => "fysisk person",
        Language::En => "natural person",
    };
    let mut labels = BTreeMap::new();
    if let Some(query) = question.by.labels() {
        for row in texts(ctx, query).await? {
            if let [Some(key), name] = row.as_slice() {
                let person = (question.by == Dimension::Beneficiary).then_some(person);
                let name = name.as_deref().or(person);
                labels.extend(name.map(|name| (key.clone(), name.to_owned())));
            }
        }
    }
    let language = match question.language {
        Language::De => "de",
        Language::Sv => "sv",
        Language::En => "en",
    };
    let lists = esf_schemas::code_lists().iter();
    match question.by {
        Dimension::Intervention => {
            for (list, entry) in lists.flat_map(|list| list.entries.iter().map(move |e| (list, e)))
            {
                if let Some(label) = entry.label(language) {
                    let key = format!("{} {}", list.id, entry.code);
                    labels.insert(key, format!("{} {label}", entry.code));
                }
            }
        }
        Dimension::Instrument => {
            let named = lists.filter(|list| list.table.as_deref() == Some("instrument"));
            for entry in named.flat_map(|list| &list.entries) {
                if let Some(label) = entry.label(language) {
                    // Each legal basis of an instrument is an entry; the newest names it.
                    labels.insert(entry.code.clone(), label.to_owned());
                }
            }
        }
        Dimension::Country => {
            let countries = esf_schemas::code_list("country").map_or(&[][..], |list| &list.entries);
            for entry in countries {
                if let Some(label) = entry.label(language) {
                    labels.insert(entry.code.clone(), label.to_owned());
                }
            }
        }
        Dimension::Fund => {
            let funds = esf_schemas::code_list("fund").map_or(&[][..], |list| &list.entries);
            for entry in funds {
                if let Some(label) = entry.label(language) {
                    labels.insert(entry.code.clone(), format!("{} {label}", entry.code));
                }
            }
        }
        _ => {}
    }
    Ok(labels)
}
