//! What a field can hold: whether a text looks like one of its values.

use crate::page::typed;

/// True for fields that hold an amount of money.
pub(in crate::page) fn is_amount(field: &str) -> bool {
    matches!(
        field,
        "granted"
            | "total_budget"
            | "total_cost"
            | "total_eligible"
            | "eu"
            | "cofinancing"
            | "paid"
            | "amount"
    )
}

/// True if a field can hold a text.
pub(in crate::page) fn holds(field: &str, text: &str) -> bool {
    let text = text.trim();
    match field {
        "duration" => typed::period(text).is_some(),
        "start_date" | "end_date" | "amount_date" | "last_update" => {
            typed::date(text, false).is_some()
        }
        _ if is_amount(field) => typed::money(text).is_some(),
        "union_rate" => [false, true]
            .into_iter()
            .any(|label_in_percent| typed::rate(text, label_in_percent).is_some()),
        "natural_id" => {
            text.chars().count() <= 40
                && text.bytes().any(|b| b.is_ascii_digit())
                && text.matches(' ').count() <= 3
        }
        "postcode" | "beneficiary_postcode" => postcode(text).is_some(),
        "planned_jobs" | "planned_participants" => typed::count(text).is_some(),
        _ => !text.is_empty(),
    }
}

/// True if a value of a field stands in a text, be it one that can be read or not: a period with more dates than two is no
/// period, and still it is that of a project.
pub(in crate::page) fn shows(field: &str, text: &str) -> bool {
    holds(field, text) || (field == "duration" && typed::is_dated(text))
}

/// True for fields whose values show by themselves that they belong to the label above.
pub(super) fn is_typed(field: &str) -> bool {
    !matches!(
        field,
        "title"
            | "summary"
            | "beneficiary_name"
            | "partner"
            | "place"
            | "region"
            | "funder"
            | "country"
            | "target_group"
    ) && !holds(field, "ein beliebiger Text")
}

/// The five digits of a postcode, written `12345`, `123 45` or with a country before them.
pub(in crate::page) fn postcode(text: &str) -> Option<String> {
    let text = text.trim();
    let rest = ["DE-", "D-", "SE-", "S-"]
        .iter()
        .find_map(|prefix| text.strip_prefix(prefix))
        .unwrap_or(text);
    let head: String = rest.chars().take(6).collect();
    let digits: String = head.chars().filter(char::is_ascii_digit).collect();
    let spaced = head.len() == 6 && head.as_bytes()[3] == b' ' && digits.len() == 5;
    let tight = head.chars().take(5).all(|c| c.is_ascii_digit()) && digits.len() == 5;
    (spaced || tight).then_some(digits)
}
