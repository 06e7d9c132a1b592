//! Whether a list of JSON is a part of what its document speaks of: a number beside it is larger than that of its objects.
//!
//! A server that gives one page of several says so (`count`, `total`, `numFound`). But a document may also state there what
//! its list adds up to: a number that is the sum of a column of amounts but for its cents, or that no list can have as many
//! objects as, counts none.

use super::frame::Sheet;
use crate::check::{ControlTotal, Doubt, Severity};
use crate::read::{FILE_PARTIAL, Limits};

/// Hundredths of a whole amount.
const WHOLE: i128 = 100;

/// Says of a list that its document states more objects than stand in it; `totals` are the sums of its amounts.
pub(super) fn told(sheet: &Sheet, totals: &[ControlTotal], limits: &Limits) -> Option<Doubt> {
    let is_sum = |number: u64| {
        let cents = i128::from(number) * WHOLE;
        let mut totals = totals.iter();
        totals.any(|total| (total.total - cents).abs() < WHOLE)
    };
    // Each object has a cell.
    let is_count = |number: u64| number <= limits.max_cells && !is_sum(number);
    let mut more = sheet.info.more.iter();
    let (name, number) = more.find(|(_, number)| is_count(*number))?;
    let message = format!(
        "{} objects stand in it, and it says beside them ({name}) that there are {number}",
        sheet.rows.num_rows()
    );
    Some(Doubt::of_file(FILE_PARTIAL, Severity::Warning, message))
}
