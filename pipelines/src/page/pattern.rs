//! Running text: passages of a page and what the declared patterns find in them.

use super::block::{Block, BlockKind};
use super::rules::{Evidence, PageRules, Pattern};
use super::text::{Place, plain};

/// A paragraph, list item or heading, its lines joined.
#[derive(Debug)]
pub(super) struct Passage {
    pub(super) text: String,
    /// Where each line begins in `text`, and its block.
    lines: Vec<(usize, usize)>,
    pub(super) heading: bool,
    pub(super) item: bool,
}

impl Passage {
    /// Place of an offset of the passage: that of the line it is in.
    pub(super) fn place(&self, blocks: &[Block], offset: usize) -> Place {
        let index = self
            .lines
            .partition_point(|(start, _)| *start <= offset)
            .saturating_sub(1);
        self.lines
            .get(index)
            .and_then(|(_, block)| blocks.get(*block))
            .map(|block| block.place.clone())
            .unwrap_or_default()
    }
}

/// A named group of a pattern that matched.
#[derive(Debug, Clone)]
pub(super) struct Found<'r> {
    pub(super) pattern: &'r Pattern,
    pub(super) field: &'static str,
    pub(super) text: String,
    pub(super) place: Place,
    /// The whole match, which may name who pays.
    pub(super) context: String,
    /// Number of the match, the same for all groups of one.
    pub(super) of: usize,
}

/// Cuts a page into passages; lines of one paragraph are joined, what labels used up is left out.
pub(super) fn passages(blocks: &[Block], used: &[bool]) -> Vec<Passage> {
    let mut passages: Vec<Passage> = Vec::new();
    let mut last: Option<(u32, BlockKind)> = None;
    for (at, block) in blocks.iter().enumerate() {
        if !block.is_content() || used.get(at).copied().unwrap_or(false) {
            last = None;
            continue;
        }
        let text = plain(&block.text);
        let joins = block.kind == BlockKind::Line && last == Some((block.group, BlockKind::Line));
        match passages.last_mut() {
            Some(passage) if joins => {
                passage.text.push(' ');
                passage.lines.push((passage.text.len(), at));
                passage.text.push_str(&text);
            }
            _ => passages.push(Passage {
                text,
                lines: vec![(0, at)],
                heading: matches!(block.kind, BlockKind::Heading(_)),
                item: block.kind == BlockKind::Item,
            }),
        }
        last = Some((block.group, block.kind));
    }
    passages
}

/// Running text behind this many bytes is not searched: no page about one project is that long.
pub(super) const MAX_TEXT: usize = 200_000;

/// All groups of all patterns of a language over all passages, in the order of the page.
pub(super) fn find<'r>(
    passages: &[Passage],
    blocks: &[Block],
    patterns: &'r [Pattern],
    language: Option<&str>,
) -> (Vec<Found<'r>>, Vec<Evidence>) {
    let patterns: Vec<&Pattern> = patterns
        .iter()
        .filter(|pattern| {
            language.is_none()
                || pattern.language.is_none()
                || pattern.language.as_deref() == language
        })
        .collect();
    let mut found = Vec::new();
    let mut evidence = Vec::new();
    let mut of = 0;
    let mut searched = 0;
    for passage in passages {
        searched += passage.text.len();
        if searched > MAX_TEXT {
            break;
        }
        for &pattern in &patterns {
            for captures in pattern.regex.captures_iter(&passage.text) {
                let Some(whole) = captures.get(0) else {
                    continue;
                };
                if pattern
                    .unless
                    .as_ref()
                    .is_some_and(|unless| unless.is_match(whole.as_str()))
                {
                    continue;
                }
                evidence.extend(pattern.evidence);
                of += 1;
                for name in pattern.regex.capture_names().flatten() {
                    if let (Some(group), Some(field)) =
                        (captures.name(name), PageRules::group(name))
                    {
                        found.push(Found {
                            pattern,
                            field,
                            text: group
                                .as_str()
                                .trim()
                                .trim_end_matches([',', ';'])
                                .to_owned(),
                            place: passage.place(blocks, group.start()),
                            context: whole.as_str().to_owned(),
                            of,
                        });
                    }
                }
            }
        }
    }
    (found, evidence)
}
