//! Takes personal data out of a page's blocks before anything else looks at them: contact persons with their phones
//! and addresses, photographers, authors, officials named in the text, users of the publishing system.
//!
//! Whoever is found once is removed wherever the name stands on the page. Removal prefers to take too much: a name
//! that stays is a leak, a word too many missing from a summary is not. Only that there was a contact is kept.

use std::collections::HashMap;
use std::sync::LazyLock;

use aho_corasick::AhoCorasick;
use regex::Regex;

use super::block::{Block, BlockKind};
use super::grid::CellText;
use super::label::split_label;
use super::rules::PageRules;
use super::text::GAP;

/// Stands where something was removed.
pub const REMOVED: &str = "[…]";

#[expect(
    clippy::expect_used,
    reason = "the expression is a constant of this file, compiled by its tests"
)]
static EMAIL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)(?:mailto:)?[\p{L}\d._%+-]+ ?(?:@|\(at\)|\[at\]|\{at\}|\(ät\)| at (?:[\p{L}\d-]+ dot ))(?: ?[\p{L}\d-]+)(?: ?(?:\.|\(dot\)|\[dot\]|\(punkt\)) ?[\p{L}\d-]+)*\.?\p{L}*")
        .expect("constant expression")
});

#[expect(
    clippy::expect_used,
    reason = "the expression is a constant of this file, compiled by its tests"
)]
static PHONE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?ix)\b(?:tel|telefon|fon|mobil|mobile|fax|tfn|phone|handy|telefonnummer|telefax|durchwahl|växel)\b\.?(?:-?nr\.?)?:?\s?
            (?:\+|\(|0)[\d\ ()/.+–-]{4,}\d
        |(?:\+|\b00)(?:49|46|43|41|45|47|358)[\d\ ()/.–-]{6,}\d
        |\b0\d{2,5}\ ?/\ ?\d[\d\ -]{3,}\d
        |\b0\d{1,3}-\d{2,3}\ ?\d{2}\ ?\d{2,3}\b
        |\b0\d{2,4}[-\ ]\d{5,8}\b
        |\(0\d{2,5}\)\ ?\d[\d\ -]{3,}\d",
    )
    .expect("constant expression")
});

/// Removes personal data from all blocks; true if the page names a contact.
pub(super) fn remove(
    blocks: &mut [Block],
    rules: &PageRules,
    vocabulary: &dyn Fn(&str) -> Option<String>,
) -> bool {
    let mut names: Vec<String> = Vec::new();
    let mut contact = false;
    remove_contact_values(blocks, rules, vocabulary, &mut names, &mut contact);
    let mut reached: Vec<usize> = Vec::new();
    for (at, block) in blocks.iter_mut().enumerate() {
        if block.kind == BlockKind::Caption {
            names.extend(person_names(&block.text, rules));
            REMOVED.clone_into(&mut block.text);
            continue;
        }
        let cleaned = PHONE.replace_all(&block.text, REMOVED);
        let cleaned = EMAIL.replace_all(&cleaned, REMOVED);
        if cleaned != block.text.as_str() {
            contact = true;
            reached.push(at);
            block.text = cleaned.into_owned();
        }
    }
    names.extend(names_beside(blocks, &reached, rules, vocabulary));
    for block in blocks.iter() {
        names.extend(person_names(&block.text, rules));
    }
    names.retain(|name| name.len() >= 3);
    names.sort_unstable();
    names.dedup();
    // All at once: a page may hold as many names as words.
    let finder = AhoCorasick::new(&names);
    for block in blocks.iter_mut() {
        match &finder {
            Ok(finder) => block.text = without_names(&block.text, finder),
            // More names than can be looked for: then nothing is shown.
            Err(_) => REMOVED.clone_into(&mut block.text),
        }
    }
    contact
}

/// Names that stand alone on a line near a phone or address of the same paragraph. The line below a label of another
/// kind is that label's value, whatever it looks like.
fn names_beside(
    blocks: &[Block],
    reached: &[usize],
    rules: &PageRules,
    vocabulary: &dyn Fn(&str) -> Option<String>,
) -> Vec<String> {
    let known = |at: usize| {
        blocks.get(at).is_some_and(|block| {
            rules
                .label(block.text.trim_end_matches(':'), vocabulary)
                .is_some()
        })
    };
    let mut names = Vec::new();
    for &line in reached {
        for at in line.saturating_sub(4)..(line + 3).min(blocks.len()) {
            let near = blocks[at].group == blocks[line].group && blocks[at].kind != BlockKind::Row;
            let valued = at > 0 && blocks[at - 1].group == blocks[at].group && known(at - 1);
            if near && !known(at) && !valued {
                names.extend(whole_name(&blocks[at].text, rules));
            }
        }
    }
    names
}

/// The values of contact labels: behind the colon, or the lines below up to the next label, heading or gap.
fn remove_contact_values(
    blocks: &mut [Block],
    rules: &PageRules,
    vocabulary: &dyn Fn(&str) -> Option<String>,
    names: &mut Vec<String>,
    contact: &mut bool,
) {
    let field = |text: &str| rules.label(text, vocabulary).map(|rule| rule.field);
    let is_contact = |text: &str| field(text).is_some_and(|field| field.starts_with("contact_"));
    // Whether cells that span rows are labels of contacts: each may span very many, and its row may be long.
    let mut spanning: HashMap<(usize, usize), bool> = HashMap::new();
    let mut i = 0;
    while i < blocks.len() {
        let here = i;
        i += 1;
        if matches!(blocks[here].kind, BlockKind::Chrome | BlockKind::Title) {
            continue;
        }
        let text = blocks[here].text.clone();
        let is_spanned = spanning_label(blocks, here).is_some_and(|(row, piece)| {
            let is_of_contact = || blocks[row].pieces().nth(piece).is_some_and(is_contact);
            *spanning.entry((row, piece)).or_insert_with(is_of_contact)
        });
        if is_spanned {
            *contact = true;
            names.extend(whole_name(&text, rules));
            REMOVED.clone_into(&mut blocks[here].text);
            continue;
        }
        let (label, value) = match split_label(&text) {
            Some((label, value)) => (label.to_owned(), value.to_owned()),
            None => (text.clone(), String::new()),
        };
        if !is_contact(&label) {
            // A row or line may hold several pairs: "Projekt: X | Kontakt: Y".
            continue;
        }
        if !value.is_empty() {
            *contact = true;
            names.extend(whole_name(&value, rules));
            blocks[here].text = format!("{label}: {REMOVED}");
            if blocks[here].kind == BlockKind::Row {
                blocks[here].text = format!("{label}{GAP}{REMOVED}");
            }
            continue;
        }
        let labelled = text.ends_with(':')
            || matches!(blocks[here].kind, BlockKind::Term | BlockKind::Heading(_));
        let group = blocks.get(i).map(|block| block.group);
        let mut taken = 0;
        while let Some(block) = blocks.get_mut(i) {
            let next = block.text.clone();
            let stop = matches!(block.kind, BlockKind::Heading(_) if taken > 0 || whole_name(&next, rules).is_none())
                || matches!(
                    block.kind,
                    BlockKind::Term | BlockKind::Chrome | BlockKind::Row
                )
                || split_label(&next).is_some_and(|(label, _)| {
                    field(label).is_some_and(|field| !field.starts_with("contact_"))
                })
                || field(next.trim_end_matches(':')).is_some()
                || next.trim_end().ends_with(':')
                || next.chars().count() > 120
                || rules.page_dates.iter().any(|date| date.is_match(&next))
                || taken >= 8
                || (taken > 0 && Some(block.group) != group)
                || (!labelled && whole_name(&next, rules).is_none());
            if stop {
                break;
            }
            // "Tel.: 1" under "Kontakt" is a label of its own, and is reached by the outer loop.
            if split_label(&next).is_some_and(|(label, _)| is_contact(label)) {
                break;
            }
            *contact = true;
            names.extend(whole_name(&next, rules));
            REMOVED.clone_into(&mut block.text);
            taken += 1;
            i += 1;
        }
    }
}

/// The row and piece of what stands at the left of a row where it is a cell of a row above.
fn spanning_label(blocks: &[Block], row: usize) -> Option<(usize, usize)> {
    let mut shown = blocks[row].cells.iter().map(|cell| cell.text);
    match shown.find(|text| *text != CellText::Blank)? {
        CellText::Piece { block, piece } if block != row => Some((block, piece)),
        _ => None,
    }
}

/// The name of a line that is one: "Frau Dr. Vorname Nachname, Projektleitung".
fn whole_name(line: &str, rules: &PageRules) -> Option<String> {
    let head = line.split([',', '(', GAP, '|', ';']).next()?.trim();
    let words: Vec<&str> = head
        .split_whitespace()
        .filter(|word| !matches!(*word, "Frau" | "Herr" | "Herrn") && !word.ends_with('.'))
        .collect();
    let particle = |word: &str| {
        matches!(
            word,
            "von" | "van" | "de" | "af" | "zu" | "der" | "den" | "und" | "och"
        )
    };
    let name = |word: &&str| {
        word.chars().next().is_some_and(char::is_uppercase)
            && word.chars().skip(1).any(char::is_lowercase)
            && word
                .chars()
                .all(|c| c.is_alphabetic() || matches!(c, '-' | '\''))
    };
    let fits = (2..=5).contains(&words.len())
        && words.iter().filter(|word| !particle(word)).all(name)
        && words.iter().filter(|word| !particle(word)).count() >= 2
        && !words.iter().any(|word| {
            let small = word.to_lowercase();
            rules.people.not_names.iter().any(|no| no == word)
                || rules
                    .people
                    .institution_parts
                    .iter()
                    .any(|part| small.contains(part.as_str()))
        });
    fits.then(|| words.join(" "))
}

/// People named in running text.
fn person_names(text: &str, rules: &PageRules) -> Vec<String> {
    let people = &rules.people;
    let mut names = Vec::new();
    let is_institution = |name: &str, behind: &str| {
        let next = behind
            .trim_start_matches([' ', ','])
            .split([' ', ',', '.', ')'])
            .next()
            .unwrap_or("");
        let all = name.split([' ', '-']).chain([next]);
        all.into_iter().any(|word| {
            people
                .institutions
                .iter()
                .chain(&people.not_names)
                .any(|no| no == word)
        }) || people
            .institutions
            .iter()
            .any(|no| behind.trim_start().starts_with(no.as_str()))
    };
    for regex in &people.named {
        for found in regex.captures_iter(text) {
            if let Some(name) = found.name("name")
                && !is_institution(name.as_str(), &text[name.end()..])
            {
                names.push(name.as_str().to_owned());
            }
        }
    }
    for regex in &people.authors {
        names.extend(
            regex
                .captures(text)
                .and_then(|found| found.name("name"))
                .map(|name| name.as_str().trim().to_owned()),
        );
    }
    for found in people.given.find_iter(text) {
        if !is_institution(found.as_str(), &text[found.end()..]) {
            names.push(found.as_str().to_owned());
        }
    }
    names
}

/// A text without the names in it; where several overlap, without all of them.
fn without_names(text: &str, names: &AhoCorasick) -> String {
    // A name may be glued to the text before it, but it is no name inside a longer word.
    let whole = |end: usize| !text[end..].starts_with(char::is_lowercase);
    let mut found: Vec<(usize, usize)> = names
        .find_overlapping_iter(text)
        .map(|name| (name.start(), name.end()))
        .filter(|(_, end)| whole(*end))
        .collect();
    found.sort_unstable();
    let mut out = String::with_capacity(text.len());
    let mut shown = 0;
    for (start, end) in found {
        if start >= shown {
            out.push_str(&text[shown..start]);
            out.push_str(REMOVED);
        }
        shown = shown.max(end);
    }
    out.push_str(&text[shown..]);
    out
}

#[cfg(test)]
mod tests {
    use super::super::rules::bundled;
    use super::super::text::Source;
    use super::*;

    fn cleaned(text: &str) -> (String, bool) {
        let mut blocks = super::super::block::read_text(&Source::decode(text.as_bytes()).unwrap());
        let contact = remove(&mut blocks, bundled(), &|_| None);
        let text: Vec<_> = blocks.iter().map(|block| block.text.as_str()).collect();
        (text.join("\n"), contact)
    }

    #[test]
    fn contact_blocks_go_and_the_name_goes_everywhere() {
        let (text, contact) = cleaned(
            "Das Projekt leitet Wanda Beispielfrau.\n\nAnsprechpartnerin:\nWanda Beispielfrau\nTel.: 0123/456789\nMail: w@example.org\n\nLaufzeit: 2015-2018",
        );
        assert!(contact);
        assert!(
            !text.contains("Wanda") && !text.contains("456789") && !text.contains("example.org"),
            "{text}"
        );
        assert!(text.contains("Laufzeit: 2015-2018"), "{text}");
    }

    #[test]
    fn officials_authors_and_pictures_go() {
        let (text, _) = cleaned(
            "\"Das freut mich\", so der Leiter der Musterstelle Kunibert Beispiel. Frau Probst sagte dies auch der Ministerin Ortrun Mustermann.",
        );
        assert!(
            !text.contains("Kunibert") && !text.contains("Ortrun") && !text.contains("Probst"),
            "{text}"
        );
    }

    #[test]
    fn overlapping_names_go_and_longer_words_stay() {
        let names = AhoCorasick::new(["Wanda Muster", "Muster Beispiel", "Muster"]).unwrap();
        for (text, shown) in [
            ("dankt Wanda Muster Beispiel.", "dankt […]."),
            ("Wanda Muster, Muster", "[…], […]"),
            ("in Musterstadt und XMuster", "in Musterstadt und X[…]"),
        ] {
            assert_eq!(without_names(text, &names), shown);
        }
    }

    #[test]
    fn periods_ids_and_institutions_are_no_phones_and_no_people() {
        let same = "01/2015 - 12/2017 und 01-01-2014 und 2020/00842 und ESF/14-WM-A32-0010/15-A01 der Robert Bosch Stiftung";
        assert_eq!(cleaned(same).0, same);
    }
}
