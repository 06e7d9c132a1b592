//! Why a table of figures cannot be read.

/// What is not as `statistic.toml` declares; the source is held then.
#[derive(Debug, thiserror::Error)]
pub enum StatisticError {
    /// The source has no `statistic.toml`.
    #[error("there is no statistic.toml that says what the figures are")]
    NotDeclared,
    /// No table is found.
    #[error(
        "no header found: no row begins with dimensions such as `unit,sex,geo\\time`, or the file has too few rows. Look whether the publisher changed the file"
    )]
    NoDimensions,
    /// A column that nobody declared.
    #[error(
        "column {label:?} is not understood. Say what it is under [columns] or [[value]], or why it is not kept under [ignore] of statistic.toml"
    )]
    UnknownColumn {
        /// Published label.
        label: String,
    },
    /// A column that is gone.
    #[error(
        "the column {label:?} is gone; the file has {found}. If the publisher renamed it, change statistic.toml"
    )]
    MissingColumn {
        /// Declared label.
        label: String,
        /// Labels that are there.
        found: String,
    },
    /// No row of figures.
    #[error("no row of the file has figures that are wanted; the file may be cut short")]
    NoFigures,
}
