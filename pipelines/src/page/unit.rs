//! The unit in which a page gives its amounts, where it says so apart from them: "Alle Beträge in TEUR" above a table,
//! "Belopp i tkr" below it, in its caption.
//!
//! Owns which unit holds for an amount, by its label and by the page. Does not own what words say a unit (`value`). A unit
//! that may or may not hold leaves the amount open: a thousandfold is never guessed.

use super::block::{Block, BlockKind};
use super::text::plain;
use super::typed::{
    Currency, Unit, unit_alone, unit_in_label, unit_of, unit_of_table, unknown_unit,
};

/// What a page says of the unit of all its amounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PageUnit {
    /// Nothing.
    Unsaid,
    /// A unit in a line of its own below a number ("4,3" above "Mio. Euro"), without a word: it may be of that number alone.
    OfNumber,
    /// One unit, once or more often.
    One(Unit),
    /// Several, so that nobody knows which of them holds where.
    Several,
}

impl PageUnit {
    /// What the page says in lines that say nothing else, and in captions.
    pub(super) fn read(blocks: &[Block]) -> Self {
        let mut said = Self::Unsaid;
        let mut is_behind_number = false;
        let shown = blocks
            .iter()
            .filter(|block| !matches!(block.kind, BlockKind::Chrome | BlockKind::Title));
        for block in shown {
            let text = plain(&block.text);
            let of_caption = || {
                let unit = unit_of_table(&text).filter(|unit| unit.scale != 0);
                unit.filter(|_| block.kind == BlockKind::Caption)
            };
            if let Some(unit) = unit_alone(&text).or_else(of_caption) {
                let is_of_number = is_behind_number && is_bare(&text);
                said = said.and(if is_of_number {
                    Self::OfNumber
                } else {
                    Self::One(unit)
                });
            }
            is_behind_number = text.ends_with(|c: char| c.is_ascii_digit());
        }
        said
    }

    /// What two lines say together.
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Unsaid | Self::OfNumber, said) | (said, Self::Unsaid | Self::OfNumber) => said,
            (Self::One(first), Self::One(second)) => {
                let currency = first.currency.or(second.currency);
                // "in Tausend" and "in TEUR" are one.
                let is_same = first.scale == second.scale
                    && second
                        .currency
                        .is_none_or(|second| currency == Some(second));
                if is_same {
                    Self::One(Unit { currency, ..first })
                } else {
                    Self::Several
                }
            }
            (Self::Several, _) | (_, Self::Several) => Self::Several,
        }
    }

    /// The unit of an amount under a label, or why it is not known. `in_units` and `in_currency` say that the amount itself has
    /// a unit or a currency.
    pub(super) fn of(self, label: &str, in_units: bool, in_currency: bool) -> Result<Unit, String> {
        if let Some(unit) = unknown_unit(label) {
            return Err(format!("nobody knows how much {unit:?} of its label is"));
        }
        let of_label = unit_in_label(label).unwrap_or(Unit::NONE);
        match self {
            _ if of_label.scale != 0 || in_units => Ok(of_label),
            Self::Unsaid => Ok(of_label),
            Self::OfNumber if in_currency || of_label.currency.is_some() => Ok(of_label),
            Self::OfNumber => {
                Err("a unit in a line of its own may be of the number above it alone".into())
            }
            Self::Several => Err("the page states several units apart from its amounts".into()),
            Self::One(_) if of_label.currency.is_some() => {
                Err("its label states a currency alone, and a line of the page another unit".into())
            }
            Self::One(unit) => Ok(unit),
        }
    }
}

/// Whether nothing stands beside a unit that says of what it is, no "in" and no bracket: "Mio. Euro", "TEUR".
fn is_bare(text: &str) -> bool {
    let mut words = text.split([' ', '.']).filter(|word| !word.is_empty());
    words.all(|word| word == "T" || unit_of(word).is_some())
}

/// A unit in words that may stand behind a number.
pub(super) fn in_words(unit: Unit) -> String {
    let scale = match (unit.scale, unit.currency) {
        (0, _) => "",
        (3, _) => "Tsd.",
        (6, _) => "Mio.",
        (9, _) => "Mrd.",
        (-2, Some(Currency::Sek)) => "öre",
        (-2, _) => "Cent",
        // No word says it behind a number: such an amount is not read, and told.
        _ => "Hundert",
    };
    let currency = unit.currency.map_or("", Currency::code);
    format!("{scale} {currency}").trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::typed::money;

    fn thousands() -> Unit {
        unit_alone("in TEUR").unwrap()
    }

    #[test]
    fn the_unit_nearest_to_an_amount_holds_and_what_is_open_is_none() {
        let page = PageUnit::One(thousands());
        for (of_page, label, in_units, scale) in [
            (PageUnit::Unsaid, "Fördersumme", false, Some(0)),
            (PageUnit::Unsaid, "Fördersumme (in T€)", false, Some(3)),
            (
                PageUnit::Unsaid,
                "Total projektbudget, MSEK",
                false,
                Some(6),
            ),
            (
                PageUnit::Unsaid,
                "Gesamtkosten, Tausend EUR",
                false,
                Some(3),
            ),
            (page, "Fördersumme", false, Some(3)),
            (page, "Fördersumme (Mio. Euro)", false, Some(6)),
            (page, "Fördersumme", true, Some(0)),
            (page, "Fördersumme (EUR)", false, None),
            (PageUnit::Several, "Fördersumme", false, None),
            (PageUnit::Several, "Fördersumme (T€)", false, Some(3)),
            (PageUnit::Unsaid, "Fördersumme (in Cent)", false, Some(-2)),
            (PageUnit::Unsaid, "Fördersumme (in Stück)", false, None),
        ] {
            let unit = of_page.of(label, in_units, false).ok();
            assert_eq!(unit.map(|unit| unit.scale), scale, "{of_page:?} {label}");
        }
    }

    #[test]
    fn units_of_several_lines_are_one_where_they_agree() {
        let unit = |text: &str| PageUnit::One(unit_alone(text).unwrap());
        let (teur, thousand, million) = (unit("in TEUR"), unit("in Tausend"), unit("in Mio. Euro"));
        for (first, second, both) in [
            (teur, thousand, teur),
            (thousand, teur, teur),
            (teur, teur, teur),
            (teur, unit("i tkr"), PageUnit::Several),
            (teur, million, PageUnit::Several),
            (PageUnit::Several, teur, PageUnit::Several),
            (PageUnit::OfNumber, teur, teur),
            (teur, PageUnit::OfNumber, teur),
            (PageUnit::Unsaid, PageUnit::OfNumber, PageUnit::OfNumber),
        ] {
            assert_eq!(first.and(second), both, "{first:?} {second:?}");
        }
    }

    #[test]
    fn words_of_a_unit_are_read_as_that_unit() {
        for (label, cents) in [
            ("(in TEUR)", 1_200_000),
            ("(tkr)", 1_200_000),
            ("(Mio. Euro)", 1_200_000_000),
            ("(mdkr)", 1_200_000_000_000),
            ("(SEK)", 1_200),
            ("(in Cent)", 12),
            ("(öre)", 12),
        ] {
            let unit = unit_in_label(label).unwrap();
            let read = money(&format!("12 {}", in_words(unit))).unwrap();
            assert_eq!(read.cents, cents, "{label}");
            assert_eq!(read.currency, unit.currency.map(Currency::code), "{label}");
        }
    }
}
