//! What a publisher says that a list adds up to, and what came of comparing it with the rows.

/// A total that the publisher states, in a row of the list or elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishedTotal {
    /// Kind of amount.
    pub amount_kind: String,
    /// Currency, where one is known.
    pub currency: Option<String>,
    /// Where it is stated.
    pub stated_in: StatedIn,
    /// As published, in hundredths.
    pub stated: i128,
    /// What it was compared with.
    pub comparison: Comparison,
}

/// Where a total is stated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StatedIn {
    /// In a row that sums the whole list up; its place in words.
    List(String),
    /// In a row that sums a part of the list up; its place in words.
    Part(String),
    /// In `[[control.stated]]` of `source.toml`.
    Declaration,
}

/// What a total was compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Comparison {
    /// The rows that it stands for.
    Rows {
        /// Rows with an amount.
        rows: u64,
        /// Their sum, in hundredths.
        sum: i128,
        /// How far rounding may part the two, in halves of a hundredth: half of the last published digit of the total and
        /// of each row.
        rounding: i128,
    },
    /// Nothing, for this reason.
    None(String),
}

impl PublishedTotal {
    /// Whether it is the sum of its rows, but for rounding; none where it was not compared.
    pub fn agrees(&self) -> Option<bool> {
        match self.comparison {
            Comparison::Rows { sum, rounding, .. } => Some(fits(self.stated, sum, rounding)),
            Comparison::None(_) => None,
        }
    }
}

/// Whether two sums in hundredths are equal but for so many halves of a hundredth.
pub(crate) fn fits(stated: i128, sum: i128, rounding: i128) -> bool {
    2 * (stated - sum).abs() <= rounding
}

/// A kind of amount with its currency, as in `granted EUR`.
pub(crate) fn kind_in(amount_kind: &str, currency: Option<&str>) -> String {
    match currency {
        Some(currency) => format!("{amount_kind} {currency}"),
        None => amount_kind.to_owned(),
    }
}

/// Hundredths as a number with two decimals.
pub(crate) fn money(hundredths: i128) -> String {
    let sign = if hundredths < 0 { "-" } else { "" };
    let whole = hundredths.unsigned_abs();
    format!("{sign}{}.{:02}", whole / 100, whole % 100)
}
