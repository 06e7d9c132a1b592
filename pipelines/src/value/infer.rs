//! What can be said about the conventions of a file from all its values together.

/// The outcome of an inference over all values of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inference<C> {
    /// Every convention that fits all readable values gives the same readings; this is the plainest of them.
    Certain(C),
    /// Several conventions fit and they give different readings: somebody has to declare which.
    Ambiguous(Vec<C>),
    /// No convention fits all readable values.
    None {
        /// Position of the first value (in the order given) that no remaining convention fits.
        index: usize,
        /// That value.
        text: String,
    },
    /// There was no readable value.
    Empty,
}

/// An inference and what it stands on.
///
/// Values that no convention whatever can read ("siehe Anlage", 31.04.2015) say nothing about the convention; they are
/// counted apart, and the caller decides how many are too many.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inferred<C> {
    /// What the readable values say.
    pub outcome: Inference<C>,
    /// Readable values seen, without empty ones.
    pub readable: usize,
    /// Values that no convention reads.
    pub unreadable: usize,
    /// Position and text of the first of them.
    pub first_unreadable: Option<(usize, String)>,
}

/// Counts readable and unreadable values while an inference runs.
#[derive(Default)]
pub(super) struct Tally {
    readable: usize,
    unreadable: usize,
    first_unreadable: Option<(usize, String)>,
}

impl Tally {
    pub(super) fn readable(&mut self) {
        self.readable += 1;
    }

    pub(super) fn unreadable(&mut self, index: usize, text: &str) {
        self.unreadable += 1;
        if self.first_unreadable.is_none() {
            self.first_unreadable = Some((index, text.to_owned()));
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.readable == 0
    }

    pub(super) fn with<C>(self, outcome: Inference<C>) -> Inferred<C> {
        let Self {
            readable,
            unreadable,
            first_unreadable,
        } = self;
        Inferred {
            outcome,
            readable,
            unreadable,
            first_unreadable,
        }
    }
}
