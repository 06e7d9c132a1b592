//! The keys of the elements of a list, nested as their objects are, and the columns that they have.
//!
//! A key has a column if something else than an object stood under it. What is nested deeper than a person would nest a
//! table has no columns; all columns repeat the keys around them, so those are bounded too.

use std::collections::HashMap;

/// The keys of the elements themselves are inside of this one.
pub(super) const ELEMENT: usize = 0;

/// Objects around a key of its own column.
const DEEPEST: usize = 8;

/// Bytes of all keys around one.
const LONGEST_AROUND: usize = 1_000;

/// Whether the keys of an object become columns, which stands in so many others under keys of so many bytes.
pub(in super::super) fn is_flattened(depth: usize, bytes: usize) -> bool {
    depth <= DEEPEST && bytes <= LONGEST_AROUND
}

#[derive(Debug, Default)]
struct Key {
    name: String,
    /// The key around it.
    around: usize,
    /// Keys and bytes from the element to this one.
    depth: usize,
    bytes: usize,
    /// Keys inside, in order of first appearance, and the position of each there.
    inside: Vec<usize>,
    positions: HashMap<String, usize>,
    column: Option<usize>,
    /// The last element that had it, and whether that had it more than once.
    last: u32,
    twice: bool,
    /// What that element had inside of it, as positions in `Keys::seen`.
    held: (usize, usize),
}

/// All keys.
#[derive(Debug)]
pub(super) struct Keys {
    known: Vec<Key>,
    /// The key of each column.
    columns: Vec<usize>,
    /// Keys of the present element in their order.
    seen: Vec<usize>,
}

/// What the present element had of a key before.
#[derive(Debug)]
pub(super) struct Before {
    /// Columns that may have a cell.
    pub(super) columns: Vec<usize>,
    /// Whether it was there more than once already.
    pub(super) told: bool,
}

impl Keys {
    pub(super) fn new() -> Self {
        Self {
            known: vec![Key::default()],
            columns: Vec::new(),
            seen: Vec::new(),
        }
    }

    /// The key at a position inside of another one, if that is its name. Most objects have their keys in the same order.
    pub(super) fn at(&self, around: usize, position: usize, name: &str) -> Option<usize> {
        let key = *self.known[around].inside.get(position)?;
        (self.known[key].name == name).then_some(key)
    }

    /// The key of a name inside of another one, and its position there; it is added if it is new.
    pub(super) fn of(&mut self, around: usize, name: &str) -> (usize, usize) {
        if let Some(position) = self.known[around].positions.get(name) {
            return (self.known[around].inside[*position], *position);
        }
        let key = self.known.len();
        self.known.push(Key {
            name: name.to_owned(),
            around,
            depth: self.known[around].depth + 1,
            bytes: self.known[around].bytes + name.len(),
            ..Key::default()
        });
        let outer = &mut self.known[around];
        let position = outer.inside.len();
        outer.inside.push(key);
        outer.positions.insert(name.to_owned(), position);
        (key, position)
    }

    /// Whether the keys of an object under this one become columns.
    pub(super) fn is_flattened(&self, key: usize) -> bool {
        is_flattened(self.known[key].depth, self.known[key].bytes)
    }

    /// The column of a key; it has one from now on.
    pub(super) fn column(&mut self, key: usize) -> usize {
        if let Some(column) = self.known[key].column {
            return column;
        }
        let column = self.columns.len();
        self.known[key].column = Some(column);
        self.columns.push(key);
        column
    }

    pub(super) fn begin_element(&mut self) {
        self.seen.clear();
    }

    /// Remembers that an element has a key, and gives what it had of it before, if it did.
    pub(super) fn note(&mut self, key: usize, element: u32) -> Option<Before> {
        let again = self.known[key].last == element;
        let before = again.then(|| self.forget(key));
        let position = self.seen.len();
        self.seen.push(key);
        let noted = &mut self.known[key];
        noted.last = element;
        noted.twice = again;
        noted.held = (position + 1, position + 1);
        before
    }

    /// Remembers that the value of a key has ended.
    pub(super) fn end(&mut self, key: usize) {
        self.known[key].held.1 = self.seen.len();
    }

    /// Forgets what the present element had inside of a key.
    fn forget(&mut self, key: usize) -> Before {
        let (first, end) = self.known[key].held;
        let mut columns: Vec<usize> = self.known[key].column.into_iter().collect();
        for inside in &self.seen[first..end] {
            let inside = &mut self.known[*inside];
            columns.extend(inside.column);
            inside.last = 0;
        }
        columns.sort_unstable();
        columns.dedup();
        Before {
            columns,
            told: self.known[key].twice,
        }
    }

    /// The keys from the element to each column, the outermost first.
    pub(super) fn paths(&self) -> Vec<Vec<String>> {
        let path = |key: &usize| {
            let mut path = Vec::new();
            let mut at = *key;
            while at != ELEMENT {
                path.push(self.known[at].name.clone());
                at = self.known[at].around;
            }
            path.reverse();
            path
        };
        self.columns.iter().map(path).collect()
    }
}
