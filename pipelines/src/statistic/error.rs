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
    /// Figures below no label.
    #[error(
        "column {column} has figures and no label: the labels may stand beside the figures they are of. Look at the row of labels of the file"
    )]
    NoLabel {
        /// Which column of the file, from 1.
        column: usize,
    },
    /// One label over two columns of figures.
    #[error(
        "two columns of figures are labelled {label:?}: the labels may stand beside the figures they are of. Look at the row of labels of the file"
    )]
    LabelTwice {
        /// Published label.
        label: String,
    },
    /// Most figures of a column are outside of what they can be.
    #[error(
        "{outside} of the {judged} figures of column {label:?} cannot be right, for {told}; the first of them stands at {place}. Look whether the file or statistic.toml says another unit than it has"
    )]
    Implausible {
        /// Published label.
        label: String,
        /// Figures outside of their bounds.
        outside: u64,
        /// Figures that have bounds.
        judged: u64,
        /// What they would have to be.
        told: String,
        /// Where the first of them stands.
        place: String,
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
