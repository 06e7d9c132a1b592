//! Instruments of labour-market policy that a page says change their name: the old name ends the day before the new
//! one begins. A renaming counts only if one of the two names is a known instrument's; the instrument stays the same.

use jiff::ToSpan;

use super::block::Block;
use super::pattern::{Found, Passage, find};
use super::place::Places;
use super::record::{Certainty, PageFinding, PageInstrumentLabel, PageKind, PageRecord, PageValue};
use super::rules::PageRules;
use super::text::folded;
use super::typed::{self, PageDate};

/// Key of the instrument that a name, singular or plural, belongs to.
pub(super) fn instrument_of<'r>(name: &str, rules: &'r PageRules) -> Option<&'r str> {
    let name = folded(name);
    let named =
        |label: &String| folded(label) == name || folded(label) == folded(&singular(&name, true));
    rules
        .instruments
        .iter()
        .find(|(_, labels)| labels.iter().any(named))
        .map(|(id, _)| id.as_str())
}

/// "werden" has a plural before it: names ending in -s lose it.
fn singular(name: &str, plural: bool) -> String {
    match name.strip_suffix('s') {
        Some(stem)
            if plural
                && stem
                    .chars()
                    .next_back()
                    .is_some_and(|c| c.is_alphabetic() && !"sisu".contains(c)) =>
        {
            stem.to_owned()
        }
        _ => name.to_owned(),
    }
}

/// The records of all renamings of a page.
pub(super) fn read(
    passages: &[Passage],
    blocks: &[Block],
    places: &Places<'_>,
    nuts_of_source: Option<&str>,
    findings: &mut Vec<PageFinding>,
) -> Vec<PageRecord> {
    let rules = places.rules;
    let (found, _) = find(passages, blocks, &rules.label_changes, None);
    let mut records: Vec<PageRecord> = Vec::new();
    let mut of: Vec<usize> = found.iter().map(|found| found.of).collect();
    of.dedup();
    for number in of {
        let group = |field: &str| {
            found
                .iter()
                .find(|found| found.of == number && found.field == field)
        };
        let (Some(old), Some(new), Some(from)) = (group("old"), group("new"), group("from")) else {
            continue;
        };
        let Some(instrument) =
            instrument_of(&old.text, rules).or_else(|| instrument_of(&new.text, rules))
        else {
            continue;
        };
        let Some(start) = typed::date(&from.text, false) else {
            continue;
        };
        let Ok(day_before) = start.date.checked_sub(1.day()) else {
            continue;
        };
        let region = region(places, nuts_of_source);
        if region.is_none() {
            findings.push(PageFinding {
                rule: "label_region_unknown".into(),
                severity: "warning".into(),
                field: Some("nuts_code".into()),
                value: Some(new.text.clone()),
                message: "the page does not say where the instrument is called so".into(),
                place: new.place.clone(),
            });
        }
        // Both names in the plural, as verbs like "werden" ask for.
        let plural = old.text.ends_with('s') && new.text.ends_with('s');
        let end = PageDate {
            date: day_before,
            precision: start.precision,
        };
        for (name, valid_from, valid_to) in [(old, None, Some(end)), (new, Some(start), None)] {
            let label = PageInstrumentLabel {
                instrument_id: instrument.to_owned(),
                label: singular(&name.text, plural),
                nuts_code: region.clone(),
                valid_from,
                valid_to,
                place: name.place.clone(),
                rule: name.pattern.id.clone(),
            };
            let again = records
                .iter()
                .filter_map(|record| record.instrument_label.as_ref())
                .any(|other| {
                    (&other.label, other.valid_from, other.valid_to)
                        == (&label.label, label.valid_from, label.valid_to)
                });
            if !again {
                records.push(record(name, from, label));
            }
        }
    }
    records
}

fn record(name: &Found<'_>, from: &Found<'_>, label: PageInstrumentLabel) -> PageRecord {
    let value = |field: &str, found: &Found<'_>| PageValue {
        field: field.to_owned(),
        text: found.text.clone(),
        place: found.place.clone(),
        rule: found.pattern.id.clone(),
        role: None,
        certainty: Certainty::Stated,
    };
    let date_field = if label.valid_from.is_some() {
        "valid_from"
    } else {
        "valid_to"
    };
    PageRecord {
        kind: PageKind::InstrumentLabel,
        values: vec![value("instrument_label", name), value(date_field, from)],
        operation: None,
        instrument_label: Some(label),
        table: None,
    }
}

/// Where a page of a town's own site speaks of: the town of an adjective before an institution, else the source's.
fn region(places: &Places<'_>, nuts_of_source: Option<&str>) -> Option<String> {
    // German forms adjectives of places with -er and keeps the capital: "Mülheimer Träger".
    let words: Vec<&str> = places
        .page
        .split(|c: char| c.is_whitespace() || c == '"')
        .collect();
    let mut adjective = words.windows(2).filter(|pair| {
        pair[0].ends_with("er")
            && pair[0].chars().count() > 5
            && pair[0].chars().next().is_some_and(char::is_uppercase)
            && pair[0].chars().all(char::is_alphabetic)
            && pair[1].chars().next().is_some_and(char::is_uppercase)
    });
    adjective
        .find_map(|pair| places.of_adjective(pair[0]))
        .or_else(|| nuts_of_source.map(str::to_owned))
}
