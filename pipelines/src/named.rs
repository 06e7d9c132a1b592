//! The first of many names, for messages: what can stand in one once for each column, sheet or file of what was published.

use std::fmt::Write;

/// Most columns or sheets of a file that a message names.
pub(crate) const OF_FILE: usize = 40;

/// Most characters of a name that somebody made up freely, such as that of a sheet.
const LONGEST: usize = 80;

/// The first of these names, and how many more there are.
pub(crate) fn first<S: AsRef<str>>(names: &[S], most: usize) -> String {
    let (named, more) = names.split_at(names.len().min(most));
    let named: Vec<&str> = named.iter().map(AsRef::as_ref).collect();
    let mut text = named.join(", ");
    if !more.is_empty() {
        // Writing to a string cannot fail.
        let _ = write!(text, " and {} more", more.len());
    }
    text
}

/// A name that may be of any length, cut for messages.
pub(crate) fn short(name: &str) -> String {
    match name.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", &name[..at]),
        None => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_are_named_and_the_others_counted() {
        let names = ["a", "b", "c"];
        assert_eq!(first(&names, 3), "a, b, c");
        assert_eq!(first(&names, 2), "a, b and 1 more");
        assert_eq!(first(&names[..0], 2), "");
    }

    #[test]
    fn a_long_name_is_cut_between_its_letters() {
        let long = "ä".repeat(LONGEST);
        assert_eq!(short(&long), long);
        assert_eq!(short(&(long.clone() + "ö")), long + "…");
    }
}
