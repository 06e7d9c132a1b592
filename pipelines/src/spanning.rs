//! Cells that span several rows, in workbooks and in the tables of pages: what each of the rows has of them.
//!
//! A name, a day or a code holds for every row that its cell spans. An amount or a count is that of all of these rows:
//! given to each it would count as often, and shared out it would be guessed. So the first row has it, and that is told.

use esf_schemas::{FieldKind, Vocabulary};

/// The rule by which it is told that quantities stand for several rows.
pub(crate) const RULE: &str = "amount_merged";

/// True if what stands in a cell that spans several rows holds for each of them; otherwise it is what they have together.
pub(crate) fn holds_for_each(field: &str) -> bool {
    let kind = Vocabulary::standard().field(field).map(|field| field.kind);
    !matches!(kind, Some(FieldKind::Amount | FieldKind::Count))
}

/// That so many quantities stand for several rows each.
pub(crate) fn told(n: usize) -> String {
    format!(
        "{n} amounts or counts stand for several rows each, in merged cells; the first row of each has it, the others have none"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_are_those_of_all_rows_and_all_else_of_each() {
        for field in [
            "total_eligible",
            "total_cost",
            "total_budget",
            "granted",
            "paid",
            "eu",
            "cofinancing",
            "planned_participants",
            "planned_jobs",
        ] {
            assert!(!holds_for_each(field), "{field}");
        }
        for field in [
            "natural_id",
            "title",
            "beneficiary_name",
            "start_date",
            "duration",
            "union_rate",
            "place",
            "row_number",
            "known to pages only",
        ] {
            assert!(holds_for_each(field), "{field}");
        }
    }
}
