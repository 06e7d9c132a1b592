//! What a project is called where no label says it: a name in quotes, the main heading, or for a page that names its
//! project by kind only ("Das Modellprojekt") the word that the project coined.

use std::collections::BTreeMap;

use super::block::BlockKind;
use super::operation::Input;
use super::record::Certainty;
use super::text::{Place, plain};

/// A name that a project may have.
#[derive(Debug)]
pub(super) struct Candidate {
    pub(super) text: String,
    pub(super) place: Place,
    pub(super) rule: &'static str,
    pub(super) certainty: Certainty,
}

/// The best name of a page without a labelled one.
pub(super) fn find(input: &Input<'_>) -> Option<Candidate> {
    if let Some(after) = input.section {
        return section_heading(input, after);
    }
    let rules = input.places.rules;
    let quoted = input
        .blocks
        .iter()
        .enumerate()
        .filter(|(at, block)| block.is_content() && !input.used.get(*at).copied().unwrap_or(false))
        .find_map(|(_, block)| {
            let text = plain(&block.text);
            let name = rules.title_lines.iter().find_map(|line| {
                line.captures(&text)?
                    .name("title")
                    .map(|name| name.as_str().trim().to_owned())
            })?;
            Some(Candidate {
                text: name,
                place: block.place.clone(),
                rule: "name in quotes",
                certainty: Certainty::Stated,
            })
        });
    quoted.or_else(|| coined(input)).or_else(|| heading(input))
}

/// The heading of one project among several: the last one above its labels and below those of the project before.
fn section_heading(input: &Input<'_>, after: u64) -> Option<Candidate> {
    let labels = input.thing.iter().filter(|pair| pair.how != "table column");
    let first = labels.map(super::label::Pair::byte).min()?;
    let headings = input.blocks.iter().filter(|block| {
        matches!(block.kind, BlockKind::Heading(_)) && (after..first).contains(&block.place.byte)
    });
    let mut texts =
        headings.map(|block| (without_id(&plain(&block.text), input).to_owned(), block));
    let (text, block) = texts.rfind(|(text, _)| {
        text.chars().count() >= 3 && !input.places.rules.generic_titles.is_match(text)
    })?;
    Some(Candidate {
        text,
        place: block.place.clone(),
        rule: "heading",
        certainty: Certainty::Stated,
    })
}

fn heading(input: &Input<'_>) -> Option<Candidate> {
    let rules = input.places.rules;
    let of = |kind: fn(BlockKind) -> bool| {
        input
            .blocks
            .iter()
            .filter(move |block| kind(block.kind))
            .find_map(|block| {
                let text = plain(&block.text);
                let text = if block.kind == BlockKind::Title {
                    text.split(
                        [" | ", " – ", " - ", " » "]
                            .iter()
                            .find(|mark| text.contains(**mark))
                            .copied()
                            .unwrap_or("\n"),
                    )
                    .next()
                    .unwrap_or("")
                    .to_owned()
                } else {
                    without_id(&text, input).to_owned()
                };
                let fits = text.chars().count() >= 3 && !rules.generic_titles.is_match(&text);
                fits.then(|| Candidate {
                    text,
                    place: block.place.clone(),
                    rule: "heading",
                    certainty: Certainty::Stated,
                })
            })
    };
    of(|kind| kind == BlockKind::Heading(1))
        .or_else(|| of(|kind| kind == BlockKind::Title))
        .or_else(|| of(|kind| matches!(kind, BlockKind::Heading(_))))
        .or_else(|| first_line(input))
}

/// A short line above the first label, on a page without headings.
fn first_line(input: &Input<'_>) -> Option<Candidate> {
    let above = input
        .blocks
        .iter()
        .zip(input.used)
        .take_while(|(_, used)| !**used);
    let mut lines = above
        .map(|(block, _)| block)
        .filter(|block| block.kind == BlockKind::Line);
    lines.find_map(|block| {
        let text = plain(&block.text);
        let fits = (3..=140).contains(&text.chars().count())
            && !text.ends_with(['.', ':'])
            && !input.places.rules.generic_titles.is_match(&text);
        fits.then(|| Candidate {
            text: without_id(&text, input).to_owned(),
            place: block.place.clone(),
            rule: "first line",
            certainty: Certainty::Inferred,
        })
    })
}

/// "2015/00001 - Name" is the name.
fn without_id<'t>(text: &'t str, input: &Input<'_>) -> &'t str {
    for mark in [" - ", " – ", ": ", " "] {
        if let Some((id, name)) = text.split_once(mark)
            && input
                .places
                .rules
                .ids
                .iter()
                .any(|shape| shape.shape.is_match(id.trim()))
        {
            return name.trim();
        }
    }
    text
}

/// A page whose funding sentence says only "Das Modellprojekt": its name is the kind, the coined word (a capital
/// inside, all over the page, but not in the heading, which is then a page's title) and the Land that pays.
fn coined(input: &Input<'_>) -> Option<Candidate> {
    let kind = input
        .found
        .iter()
        .find(|found| found.field == "project_kind")?;
    if kind.text.to_lowercase() == "projekt" || !kind.context.contains(&format!("{} w", kind.text))
    {
        return None;
    }
    let mut words: BTreeMap<&str, usize> = BTreeMap::new();
    for word in input
        .places
        .page
        .split(|c: char| !(c.is_alphanumeric() || c == '-'))
    {
        let inside = word
            .chars()
            .zip(word.chars().skip(1))
            .any(|(a, b)| a.is_lowercase() && b.is_uppercase());
        if inside
            && word.chars().count() >= 6
            && !word.contains('-')
            && !word.ends_with("Innen")
            && !word.contains("Innen")
        {
            *words.entry(word).or_default() += 1;
        }
    }
    let (word, n) = words
        .into_iter()
        .max_by_key(|(word, n)| (*n, std::cmp::Reverse(*word)))?;
    let heading = input
        .blocks
        .iter()
        .find(|block| matches!(block.kind, BlockKind::Heading(1)) || block.is_content());
    if n < 5 || heading.is_some_and(|block| block.text.contains(word)) {
        return None;
    }
    let land = input
        .places
        .rules
        .land_short
        .iter()
        .find(|(name, _)| kind.context.contains(name.as_str()))
        .map(|(_, short)| short.as_str());
    let text = [Some(kind.text.as_str()), Some(word), land]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(" ");
    Some(Candidate {
        text,
        place: kind.place.clone(),
        rule: "kind, coined word and Land",
        certainty: Certainty::Inferred,
    })
}

/// "Neue Wege im Revier (NeWeR)": the name and its acronym.
pub(super) fn split_acronym(title: &str) -> (String, Option<String>) {
    let split = title
        .trim()
        .strip_suffix(')')
        .and_then(|rest| rest.rsplit_once(" ("));
    if let Some((name, acronym)) = split {
        let word = acronym.chars().count() <= 20
            && !acronym.contains(' ')
            && acronym.chars().filter(|c| c.is_uppercase()).count() >= 2;
        if word {
            return (name.trim().to_owned(), Some(acronym.to_owned()));
        }
    }
    (title.trim().to_owned(), None)
}
