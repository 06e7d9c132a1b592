//! Whole pages: bytes in, records out. `shared` reads the project's five real pages where they are present; `made`
//! and `markup` read made-up ones; `fuzz` reads what is made of them by chance.

mod fuzz;
mod made;
mod markup;
mod shared;

use super::rules::bundled;
use super::{PageContext, PageError, PageOperation, PageReading, PlaceResolver, read_page};

/// The few places that the tests name, with their verified codes.
pub(super) struct FewPlaces;

impl PlaceResolver for FewPlaces {
    fn place(&self, name: &str, country: &str) -> Option<String> {
        let code = match (country, name) {
            ("DE", "Worms") => "DEB39",
            ("DE", "Mülheim an der Ruhr") => "DEA16",
            ("DE", "Kreis Recklinghausen" | "Recklinghausen") => "DEA36",
            ("DE", "Nordrhein-Westfalen" | "NRW") => "DEA",
            ("DE", "Rheinland-Pfalz") => "DEB",
            ("SE", "Stockholm" | "Stockholms län") => "SE110",
            _ => return None,
        };
        Some(code.to_owned())
    }

    fn postcode(&self, code: &str, country: &str) -> Option<String> {
        let code = match (country, code) {
            ("SE", "11637") => "SE110",
            ("DE", "67547") => "DEB39",
            ("DE", "45657") => "DEA36",
            ("DE", "45468") => "DEA16",
            _ => return None,
        };
        Some(code.to_owned())
    }
}

/// Reads a page with the bundled declarations, and with what else knows a label.
fn read_by(page: &[u8], label: &dyn Fn(&str) -> Option<String>) -> Result<PageReading, PageError> {
    let context = PageContext {
        rules: bundled(),
        label,
        places: &FewPlaces,
        country: None,
        nuts_code: None,
    };
    read_page(page, &context)
}

/// Reads a page, which may be none, with the bundled declarations alone.
pub(super) fn try_read(page: &[u8]) -> Result<PageReading, PageError> {
    read_by(page, &|_| None)
}

/// Reads a page with the bundled declarations alone.
pub(super) fn read(page: &[u8]) -> PageReading {
    try_read(page).unwrap()
}

/// Reads a page with the shared vocabulary as well, which knows far more labels.
pub(super) fn read_with_vocabulary(page: &[u8]) -> PageReading {
    let vocabulary = |label: &str| {
        esf_schemas::Vocabulary::standard()
            .find(label)
            .map(|found| found.field)
    };
    read_by(page, &vocabulary).unwrap()
}

/// The one operation of a page.
pub(super) fn operation(reading: &PageReading) -> &PageOperation {
    let operations: Vec<_> = reading.operations().collect();
    assert_eq!(
        operations.len(),
        1,
        "{:?}\n{:#?}",
        reading.evidence,
        reading.blocks
    );
    operations[0]
}

pub(super) fn dates(operation: &PageOperation) -> (String, String) {
    let show = |date: Option<super::PageDate>| {
        date.map_or("-".to_owned(), |date| {
            format!("{} {}", date.date, date.precision.as_str())
        })
    };
    (show(operation.start), show(operation.end))
}

/// kind, source, amount, currency and whether it is stated.
pub(super) fn amounts(operation: &PageOperation) -> Vec<String> {
    let show = |amount: &super::PageAmount| {
        let currency = amount.currency.as_deref().unwrap_or("-");
        let cents = format!("{}.{:02}", amount.cents / 100, amount.cents % 100);
        format!(
            "{} {} {cents} {currency} {}",
            amount.kind,
            amount.financing_source,
            amount.currency_certainty.name()
        )
    };
    operation.amounts.iter().map(show).collect()
}

/// Names in a role.
pub(super) fn names<'a>(operation: &'a PageOperation, role: &str) -> Vec<&'a str> {
    operation
        .organisations
        .iter()
        .filter(|organisation| organisation.role == role)
        .filter_map(|organisation| organisation.name.as_deref())
        .collect()
}

/// role and code of each region.
pub(super) fn regions(operation: &PageOperation) -> Vec<(&str, Option<&str>)> {
    operation
        .regions
        .iter()
        .map(|region| (region.role.as_str(), region.nuts_code.as_deref()))
        .collect()
}

pub(super) fn rules_of(reading: &PageReading) -> Vec<&str> {
    reading
        .findings
        .iter()
        .map(|finding| finding.rule.as_str())
        .collect()
}
