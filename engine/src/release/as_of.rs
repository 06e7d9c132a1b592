//! Which release a reader asks for.

use std::{fmt, str::FromStr};

use jiff::civil::Date;

use super::ReleaseError;

/// The state of the warehouse that is asked for: `--as-of 42`, `--as-of 2026-11-01`, or the newest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AsOf {
    /// The newest release.
    #[default]
    Latest,
    /// The release of this number.
    Number(u64),
    /// The newest release published by the end of this day (UTC).
    Date(Date),
}

impl FromStr for AsOf {
    type Err = ReleaseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "latest" {
            return Ok(Self::Latest);
        }
        text.parse()
            .map(Self::Number)
            .or_else(|_| text.parse().map(Self::Date))
            .map_err(|_| ReleaseError::AsOf {
                text: text.to_owned(),
            })
    }
}

impl fmt::Display for AsOf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Latest => f.write_str("latest"),
            Self::Number(number) => number.fmt(f),
            Self::Date(date) => date.fmt(f),
        }
    }
}
