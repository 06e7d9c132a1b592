//! Many ends of words against one word, without comparing each.

/// Ends of words, by their last byte: a word is compared with the few ends that share it.
pub(crate) struct Ends(Vec<Vec<Box<str>>>);

impl Ends {
    /// Ends after `fold`, which must also be applied to the words compared with them.
    pub(crate) fn new(ends: &[String], fold: impl Fn(&str) -> String) -> Self {
        let mut by_last = vec![Vec::new(); 256];
        for end in ends {
            let end = fold(end);
            if let Some(last) = end.bytes().next_back() {
                by_last[usize::from(last)].push(end.into_boxed_str());
            }
        }
        Self(by_last)
    }

    /// Whether `word` ends in one of the ends and has at least `more` bytes before it.
    pub(crate) fn end(&self, word: &str, more: usize) -> bool {
        let Some(last) = word.bytes().next_back() else {
            return false;
        };
        self.0[usize::from(last)]
            .iter()
            .any(|end| word.len() >= end.len() + more && word.ends_with(&**end))
    }
}
