//! Keys of rows as small numbers: each distinct text is kept once.

use std::{collections::HashMap, sync::Arc};

/// Texts and their numbers.
#[derive(Debug, Default)]
pub(super) struct Keys {
    numbers: HashMap<Arc<str>, usize>,
    texts: Vec<Arc<str>>,
    bytes: usize,
}

impl Keys {
    /// The number of a text.
    pub(super) fn number(&mut self, text: &str) -> usize {
        if let Some(number) = self.numbers.get(text) {
            return *number;
        }
        let text: Arc<str> = text.into();
        let number = self.texts.len();
        self.bytes += text.len() + 2 * size_of::<usize>();
        self.texts.push(Arc::clone(&text));
        self.numbers.insert(text, number);
        number
    }

    /// The text of a number.
    pub(super) fn text(&self, number: usize) -> &str {
        &self.texts[number]
    }

    /// The bytes held.
    pub(super) fn size(&self) -> usize {
        let entry = size_of::<(Arc<str>, usize)>() + 1;
        self.bytes + self.numbers.capacity() * entry + self.texts.capacity() * size_of::<Arc<str>>()
    }
}
