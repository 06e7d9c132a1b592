//! What a page says of the list that it is a part of: "1 – 5 von 312 Treffern", "Seite 1 von 7". Which lines say so is declared.
//!
//! Owns whether the list goes on elsewhere. Does not own what becomes of such a page (`run::control`).

use std::collections::{BTreeMap, BTreeSet};

use super::block::{Block, BlockKind};
use super::rules::PageRules;
use super::text::{Place, plain};

/// What is said of one list, and where first.
struct Said {
    text: String,
    place: Place,
    /// Those of it that are shown here, each by its first and last number.
    shown: BTreeSet<(u64, u64)>,
}

/// What a page says of itself, and where, if its list has more than the operations on it.
///
/// A page of one operation may say which of those found it is, so that a list has at least two. What is said above and below
/// a list counts once, and a list whose pages all stand in one file has no others.
pub(super) fn of_list(
    blocks: &[Block],
    rules: &PageRules,
    operations: usize,
) -> Option<(String, Place)> {
    if operations < 2 {
        return None;
    }
    // By whether operations or pages are counted, and by how many there are of them.
    let mut lists: BTreeMap<(bool, u64), Said> = BTreeMap::new();
    let shown = blocks.iter().filter(|block| block.kind != BlockKind::Title);
    for block in shown {
        let text = plain(&block.text);
        for found in rules
            .list_parts
            .iter()
            .filter_map(|part| part.captures(&text))
        {
            let number = |name: &str| found.name(name).and_then(|number| whole(number.as_str()));
            let (Some(from), Some(all)) = (number("from"), number("all")) else {
                continue;
            };
            let to = number("to");
            let said = lists.entry((to.is_some(), all)).or_insert_with(|| Said {
                text: found
                    .get(0)
                    .map_or("", |said| said.as_str())
                    .trim()
                    .to_owned(),
                place: block.place.clone(),
                shown: BTreeSet::new(),
            });
            said.shown.insert((from, to.unwrap_or(from)));
        }
    }
    lists.into_iter().find_map(|((are_operations, all), said)| {
        let lengths = said
            .shown
            .iter()
            .map(|(from, to)| to.saturating_sub(*from).saturating_add(1));
        let shown = lengths.fold(0, u64::saturating_add);
        // Scripts may show in parts what is there as a whole.
        let is_whole = shown >= all || (are_operations && operations as u64 >= all);
        (!is_whole).then_some((said.text, said.place))
    })
}

/// A whole number, its thousands parted or not.
fn whole(text: &str) -> Option<u64> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::block::read_text;
    use crate::page::rules::bundled;
    use crate::page::text::Source;

    fn said(page: &str, operations: usize) -> Option<String> {
        let source = Source::decode(page.as_bytes()).unwrap();
        of_list(&read_text(&source), bundled(), operations).map(|(said, _)| said)
    }

    #[test]
    fn a_page_says_that_it_is_a_part() {
        for page in [
            "1 - 5 von 312 Treffern",
            "Treffer 1 bis 5 von insgesamt 1.312",
            "Seite 1 von 7",
            "Sida 1 av 7",
            "Visar 1–5 av 312 projekt",
        ] {
            assert_eq!(said(page, 5).as_deref(), Some(page));
        }
    }

    #[test]
    fn a_list_that_is_whole_is_no_part() {
        for page in [
            "1 - 5 von 5 Treffern",
            "Seite 1 von 1",
            "Seite 1 von 2\n\nSeite 2 von 2",
            "1 - 3 von 5 Treffern\n\n4 - 5 von 5 Treffern",
            "2 bis 3 von 10 Teilnehmenden finden Arbeit",
            "Auf Seite 1 von 7 steht mehr",
        ] {
            assert_eq!(said(page, 5), None, "{page}");
        }
        let twice = "1 - 5 von 12 Treffern\n\n1 - 5 von 12 Treffern";
        assert!(said(twice, 5).is_some());
        // All rows are there, a script shows five of them at once.
        assert_eq!(said(twice, 12), None);
        // The page of one of those that were found.
        assert_eq!(said("Treffer 1 - 1 von 312", 1), None);
    }
}
