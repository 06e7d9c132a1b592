//! One published cell of figures: a number, a word that stands for none, and signs that say what it is worth.
//!
//! A cell without a number is never 0: the word in its place says whether the thing does not exist, is not known or is
//! kept secret. What is not declared is not guessed: the cell has no value then, and a finding.

use serde::Deserialize;

use super::declaration::Statistic;
use crate::value::parse_decimal;

/// What a cell says about its figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// A figure.
    Ok,
    /// There is nothing that could be counted.
    NotExisting,
    /// The figure is not known or not published yet.
    Unknown,
    /// The figure is kept secret or not shown.
    Blocked,
    /// An estimated figure.
    Estimated,
    /// A figure that cannot be compared with those before it.
    Break,
}

impl Status {
    /// The word in the tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::NotExisting => "not_existing",
            Self::Unknown => "unknown",
            Self::Blocked => "blocked",
            Self::Estimated => "estimated",
            Self::Break => "break",
        }
    }

    /// Whether a cell of this status has a figure.
    pub fn has_value(self) -> bool {
        matches!(self, Self::Ok | Self::Estimated | Self::Break)
    }
}

/// A sign behind a figure.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Flag {
    /// The sign.
    pub sign: String,
    /// What it says; `ok` for one that is only kept.
    pub status: Status,
}

/// A cell as read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    /// The figure, in units of the scale asked for.
    pub value: Option<i128>,
    /// What it is worth, or why there is none.
    pub status: Status,
    /// Signs as published.
    pub flags: Option<String>,
    /// What could not be understood, as a rule and a sentence that does not repeat the cell.
    pub doubt: Option<(&'static str, String)>,
}

/// Reads a cell. `scale` is the number of decimals that are kept.
pub fn read_cell(declared: &Statistic, text: Option<&str>, scale: u32) -> Cell {
    let text = text.unwrap_or_default().trim();
    // Signs stand behind a blank, and only where a source has some.
    let (figure, signs) = match text.split_once(char::is_whitespace) {
        Some((figure, signs)) if !declared.flags.is_empty() => (figure, signs.trim()),
        _ => (text, ""),
    };
    let (flagged, unknown_sign) = of_signs(declared, signs);
    let mut cell = Cell {
        value: None,
        status: Status::Unknown,
        flags: (!signs.is_empty()).then(|| signs.to_owned()),
        doubt: None,
    };
    if let Some(status) = declared.words.get(figure) {
        let sign_says = flagged.filter(|s| matches!(s, Status::Blocked | Status::NotExisting));
        cell.status = sign_says.unwrap_or(*status);
    } else if !figure.is_empty() {
        if let Some(value) = parse_decimal(figure, declared.convention(), scale) {
            cell.value = Some(value);
            cell.status = flagged.unwrap_or(Status::Ok);
        } else {
            let expected = &declared.numbers;
            cell.doubt = Some((
                "value_unreadable",
                format!(
                    "neither a number written as {expected} nor a word that [words] of statistic.toml names"
                ),
            ));
        }
    }
    if unknown_sign {
        // Nobody knows what the sign says of the figure, so it is not shown.
        cell.value = None;
        cell.status = Status::Unknown;
        cell.doubt = Some((
            "unknown_flag",
            "a sign behind the figure that flags of statistic.toml does not name".into(),
        ));
    } else if cell.value.is_some() && !cell.status.has_value() {
        cell.value = None;
        cell.doubt = Some((
            "contradictory_flag",
            format!(
                "a figure whose sign says {}; it is not shown",
                cell.status.name()
            ),
        ));
    }
    cell
}

/// What the signs say, by the order of the declaration, and whether one of them is not declared.
fn of_signs(declared: &Statistic, signs: &str) -> (Option<Status>, bool) {
    let mut rest: String = signs.chars().filter(|c| !c.is_whitespace()).collect();
    let mut found = Vec::new();
    'signs: while !rest.is_empty() {
        for flag in &declared.flags {
            if !flag.sign.is_empty() && rest.starts_with(&flag.sign) {
                rest.drain(..flag.sign.len());
                found.push(&flag.sign);
                continue 'signs;
            }
        }
        return (None, true);
    }
    let first = declared
        .flags
        .iter()
        .find(|flag| flag.status != Status::Ok && found.contains(&&flag.sign));
    (first.map(|flag| flag.status), false)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn declared() -> Statistic {
        let text = "table = \"exchange_rate\"\nlayout = \"columns\"\nnumbers = \"1234.56\"\nvalue_column = \"rate\"\n\
            flags = [{ sign = \"c\", status = \"blocked\" }, { sign = \"b\", status = \"break\" }, \
            { sign = \"e\", status = \"estimated\" }, { sign = \"u\", status = \"ok\" }]\n\
            [columns]\n\"Date\" = \"rate_date\"\n[constants]\ncurrency = \"SEK\"\n[words]\n\":\" = \"unknown\"\n\
            \"-\" = \"not_existing\"\n\"x\" = \"blocked\"\n[[value]]\nlabel = \"SEK\"\n";
        Statistic::parse("made", text).unwrap()
    }

    #[test]
    fn what_is_not_there_is_told_apart_and_never_zero() {
        for (text, value, status, flags) in [
            ("12.3 ", Some(12_300_000), Status::Ok, None),
            ("12.3 b", Some(12_300_000), Status::Break, Some("b")),
            ("12.3 bu", Some(12_300_000), Status::Break, Some("bu")),
            ("6.8 u", Some(6_800_000), Status::Ok, Some("u")),
            ("6.8 e", Some(6_800_000), Status::Estimated, Some("e")),
            ("0.0", Some(0), Status::Ok, None),
            ("-0.4", Some(-400_000), Status::Ok, None),
            (": ", None, Status::Unknown, None),
            (": u", None, Status::Unknown, Some("u")),
            (": c", None, Status::Blocked, Some("c")),
            ("-", None, Status::NotExisting, None),
            ("x", None, Status::Blocked, None),
            ("", None, Status::Unknown, None),
        ] {
            let cell = read_cell(&declared(), Some(text), 6);
            assert_eq!(
                (cell.value, cell.status, cell.flags.as_deref()),
                (value, status, flags),
                "{text:?}"
            );
            assert_eq!(cell.doubt, None, "{text:?}");
        }
        assert_eq!(read_cell(&declared(), None, 6).status, Status::Unknown);
    }

    #[test]
    fn what_is_not_declared_is_no_value_but_a_doubt() {
        for (text, rule) in [
            ("12,3", "value_unreadable"),
            ("..", "value_unreadable"),
            ("12.3 q", "unknown_flag"),
            ("12.3 c", "contradictory_flag"),
        ] {
            let cell = read_cell(&declared(), Some(text), 6);
            assert_eq!(cell.value, None, "{text}");
            assert_eq!(cell.doubt.map(|(rule, _)| rule), Some(rule), "{text}");
        }
    }
}
