//! The date spellings of a file, declared by patterns such as `dd.mm.yyyy`.
//!
//! A file may mix spellings (`dd.mm.yy` beside `dd-mm-yyyy`), as long as no value has two readings; so day/month and
//! month/day exclude each other, and every other pair of spellings differs in its marks or in its number of digits.

use std::fmt;

use super::ConventionError;

/// One date spelling; the bit it takes in a [`DateConvention`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub(super) enum Spelling {
    DotDmy4 = 1 << 0,
    DotDmy2 = 1 << 1,
    DashDmy4 = 1 << 2,
    SlashDmy4 = 1 << 3,
    SlashDmy2 = 1 << 4,
    SlashMdy4 = 1 << 5,
    SlashMdy2 = 1 << 6,
    DashYmd = 1 << 7,
    SlashYmd = 1 << 8,
    Compact = 1 << 9,
    DashMonth2 = 1 << 10,
    DashMonth4 = 1 << 11,
    DayMonthYear = 1 << 12,
    MonthDayYear = 1 << 13,
    SlashMy = 1 << 14,
    DotMy = 1 << 15,
    DashYm = 1 << 16,
    MonthYear = 1 << 17,
    MonthYear2 = 1 << 18,
    Year = 1 << 19,
    Excel = 1 << 20,
}

use Spelling as S;

/// Pattern and spelling, as declared and displayed.
const PATTERNS: [(&str, Spelling); 21] = [
    ("dd.mm.yyyy", S::DotDmy4),
    ("dd.mm.yy", S::DotDmy2),
    ("dd-mm-yyyy", S::DashDmy4),
    ("dd/mm/yyyy", S::SlashDmy4),
    ("dd/mm/yy", S::SlashDmy2),
    ("mm/dd/yyyy", S::SlashMdy4),
    ("mm/dd/yy", S::SlashMdy2),
    ("yyyy-mm-dd", S::DashYmd),
    ("yyyy/mm/dd", S::SlashYmd),
    ("yyyymmdd", S::Compact),
    ("dd-mon-yy", S::DashMonth2),
    ("dd-mon-yyyy", S::DashMonth4),
    ("d month yyyy", S::DayMonthYear),
    ("month d yyyy", S::MonthDayYear),
    ("mm/yyyy", S::SlashMy),
    ("mm.yyyy", S::DotMy),
    ("yyyy-mm", S::DashYm),
    ("month yyyy", S::MonthYear),
    ("mon-yy", S::MonthYear2),
    ("yyyy", S::Year),
    ("excel", S::Excel),
];

const DAY_FIRST: u32 = S::SlashDmy4 as u32 | S::SlashDmy2 as u32;
const MONTH_FIRST: u32 = S::SlashMdy4 as u32 | S::SlashMdy2 as u32;

/// The set of date spellings that occur in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DateConvention(u32);

impl DateConvention {
    /// ISO 8601 days only, `2016-03-17`.
    pub const ISO: Self = Self(S::DashYmd as u32);

    /// Every spelling that marks and digits tell apart: all but those with slashes around the month, and serial numbers.
    pub const PLAIN: Self = Self(
        S::DotDmy4 as u32
            | S::DotDmy2 as u32
            | S::DashDmy4 as u32
            | S::DashYmd as u32
            | S::SlashYmd as u32
            | S::Compact as u32
            | S::DashMonth2 as u32
            | S::DashMonth4 as u32
            | S::DayMonthYear as u32
            | S::MonthDayYear as u32
            | S::SlashMy as u32
            | S::DotMy as u32
            | S::DashYm as u32
            | S::MonthYear as u32
            | S::MonthYear2 as u32
            | S::Year as u32,
    );

    /// Reads the declaration `dates = ["dd.mm.yyyy", "dd.mm.yy"]`. `d` and `dd`, `m` and `mm`, `mon` and `month` between
    /// blanks mean the same, since published values are padded or not.
    ///
    /// Fails for unknown patterns, and when day/month and month/day are declared together.
    pub fn from_patterns<P: AsRef<str>>(patterns: &[P]) -> Result<Self, ConventionError> {
        let mut set = 0;
        for pattern in patterns {
            let spelling =
                spelling_of(pattern.as_ref()).ok_or_else(|| ConventionError::UnknownDates {
                    pattern: pattern.as_ref().to_owned(),
                    expected: PATTERNS.map(|(name, _)| format!("\"{name}\"")).join(", "),
                })?;
            set |= spelling as u32;
        }
        if set & DAY_FIRST != 0 && set & MONTH_FIRST != 0 {
            return Err(ConventionError::BothOrders);
        }
        Ok(Self(set))
    }

    /// The patterns of the set, as they would be declared.
    pub fn patterns(self) -> Vec<&'static str> {
        PATTERNS
            .iter()
            .filter(|(_, spelling)| self.has(*spelling))
            .map(|(name, _)| *name)
            .collect()
    }

    #[inline]
    pub(super) fn has(self, spelling: Spelling) -> bool {
        self.0 & spelling as u32 != 0
    }

    pub(super) fn with(self, spelling: Spelling) -> Self {
        Self(self.0 | spelling as u32)
    }

    pub(super) const NOTHING: Self = Self(0);
}

impl fmt::Display for DateConvention {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, name) in self.patterns().into_iter().enumerate() {
            write!(f, "{}`{name}`", if n == 0 { "" } else { " or " })?;
        }
        Ok(())
    }
}

/// Pads a declared pattern to the form of the table and looks it up.
fn spelling_of(pattern: &str) -> Option<Spelling> {
    let mut padded = String::with_capacity(pattern.len() + 4);
    let pattern = pattern.trim().to_ascii_lowercase();
    let named = pattern.contains("mon");
    let mut rest = pattern.as_str();
    while let Some(first) = rest.chars().next() {
        let run = rest.len() - rest.trim_start_matches(first).len();
        match first {
            'd' if named && !pattern.contains('-') => padded.push('d'),
            'd' => padded.push_str("dd"),
            'm' if !named => padded.push_str("mm"),
            // "1. Februar 2018" and "February 1, 2018" may be declared with their marks.
            '.' | ',' if named => {}
            _ => padded.push_str(&rest[..run]),
        }
        rest = &rest[run..];
    }
    if !padded.contains('-') {
        padded = padded.replace("month", "mon").replace("mon", "month");
    } else if named {
        padded = padded.replace("month", "mon");
    }
    PATTERNS
        .iter()
        .find(|(name, _)| *name == padded)
        .map(|(_, spelling)| *spelling)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_declares_itself() {
        for (name, spelling) in PATTERNS {
            assert_eq!(spelling_of(name), Some(spelling), "{name}");
        }
        for (loose, strict) in [
            ("d.m.yyyy", S::DotDmy4),
            ("d. month yyyy", S::DayMonthYear),
            ("dd mon yyyy", S::DayMonthYear),
            ("d-mon-yy", S::DashMonth2),
            ("m/yyyy", S::SlashMy),
            ("dd-month-yyyy", S::DashMonth4),
        ] {
            assert_eq!(spelling_of(loose), Some(strict), "{loose}");
        }
    }

    #[test]
    fn declarations_that_cannot_be_used() {
        assert_eq!(
            DateConvention::from_patterns(&["dd/mm/yyyy", "mm/dd/yy"]),
            Err(ConventionError::BothOrders)
        );
        assert!(matches!(
            DateConvention::from_patterns(&["tt.mm.jjjj"]),
            Err(ConventionError::UnknownDates { .. })
        ));
    }
}
