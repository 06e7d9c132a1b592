//! Pages: from the bytes of a page, HTML or plain text, German or Swedish, to the operations and names of instruments
//! that it publishes.
//!
//! The flow is the order of the files: `text` decodes, `parse`, `html`, `grid` and `block` cut into lines with their places,
//! `chrome` marks what belongs to the site, `people` takes personal data out, `label` reads labels with their values, `unit` says
//! in which unit amounts are, `pattern` applies the declared patterns to running text, `evidence` decides whether the page
//! describes one operation (the rule stands there), `operation` and `instrument` build the records, and `part` says whether the
//! page is one of several of a list.
//!
//! What a word means is declared (`sources/any_page/patterns.toml`, `mapping.toml`) or told by the caller's vocabulary.
//! Invariants: nothing behind `people` sees a contact person; every value carries its place; an inferred value says
//! so; what disagrees becomes a finding.

mod block;
mod chrome;
mod error;
mod evidence;
mod grid;
mod html;
mod instrument;
mod label;
mod link;
mod operation;
mod organisation;
mod parse;
mod part;
mod pattern;
mod people;
mod place;
mod record;
mod rules;
mod text;
mod title;
mod typed;
mod unit;

#[cfg(test)]
mod tests;

pub use block::{Block, BlockKind};
pub use error::PageError;
pub(crate) use link::{Links, links};
pub use people::REMOVED;
pub use place::PlaceResolver;
pub use record::{
    Certainty, PageAmount, PageFinding, PageFund, PageInstrumentLabel, PageKind, PageOperation,
    PageOrganisation, PageReading, PageRecord, PageRegion, PageTarget, PageValue,
};
pub use rules::PageRules;
pub use text::Place;
pub use typed::{PageDate, Precision};

use std::collections::BTreeSet;

use place::Places;
use text::plain;

use crate::map::{UNREAD, is_sum};
use crate::read::{FILE_CUT, FILE_PARTIAL, has_right_letters, twice_throughout};
use crate::spanning;

/// What a page is read with.
pub struct PageContext<'a> {
    /// The compiled declarations.
    pub rules: &'a PageRules,
    /// The shared vocabulary: label to canonical field.
    pub label: &'a dyn Fn(&str) -> Option<String>,
    /// Knows places.
    pub places: &'a dyn PlaceResolver,
    /// Country of the source (`DE`, `SE`), if it is declared; otherwise that of the page's language.
    pub country: Option<&'a str>,
    /// Region of the source, if it is declared: a town's own site.
    pub nuts_code: Option<&'a str>,
}

/// Fails for bytes that cannot be taken apart as a page; what they say is not looked at.
pub(crate) fn take_apart(bytes: &[u8]) -> Result<(), PageError> {
    blocks(&text::Source::decode(bytes)?).map(|_| ())
}

/// The lines of a page; fails where they are more than a page has.
fn blocks(source: &text::Source) -> Result<Vec<Block>, PageError> {
    let blocks = if source.is_html() {
        html::read_html(source)?
    } else {
        block::read_text(source)
    };
    let bytes: usize = blocks.iter().map(|block| block.text.len()).sum();
    if bytes > text::MAX_SHOWN_BYTES {
        return Err(PageError::TooMuchText {
            bytes,
            limit: text::MAX_SHOWN_BYTES,
        });
    }
    Ok(blocks)
}

/// Reads a page.
///
/// # Errors
/// When the bytes are no page: empty, too large in any respect, binary, or not in the encoding they declare.
pub fn read_page(bytes: &[u8], context: &PageContext<'_>) -> Result<PageReading, PageError> {
    let rules = context.rules;
    let source = text::Source::decode(bytes)?;
    let mut blocks = blocks(&source)?;
    refuse_destroyed(&blocks)?;
    let published = chrome::page_date(&blocks, rules);
    chrome::mark(&mut blocks, rules, context.label);
    let contact_present = people::remove(&mut blocks, rules, context.label);

    let labelled = label::read_labels(&blocks, rules, context.label);
    let passages = pattern::passages(&blocks, &labelled.used);
    let page: String = blocks
        .iter()
        .filter(|block| block.is_content())
        .map(|block| plain(&block.text) + "\n")
        .collect();
    let language = language(&page);
    let country = context
        .country
        .or_else(|| country(&labelled, rules, language))
        .unwrap_or("DE");
    let places = Places {
        rules,
        resolver: context.places,
        country,
        page: &page,
    };

    let mut findings = Vec::new();
    if page.contains('\u{fffd}') {
        findings.push(PageFinding {
            rule: "destroyed_characters".into(),
            severity: "warning".into(),
            field: None,
            value: None,
            message: "the page holds replacement characters: its letters were destroyed before it was fetched; fetch it again".into(),
            place: Place::default(),
        });
    }
    if source.is_html() && source.is_cut() {
        findings.push(PageFinding {
            rule: FILE_CUT.into(),
            severity: "warning".into(),
            field: None,
            value: None,
            message: "the page ends without the end of its document, so it may be cut off; fetch it again".into(),
            place: source.end(),
        });
    }
    if let Some(first) = labelled.left_out.first() {
        findings.push(PageFinding {
            rule: "rows_left_out".into(),
            severity: "warning".into(),
            field: None,
            value: None,
            message: format!(
                "{} rows of this table do not have their cells under its labels, this one first, and are not read: cells span several columns, are missing, or the first is blank; copy the table into a workbook, fill those cells, and take that",
                labelled.left_out.len()
            ),
            place: first.clone(),
        });
    }
    if let Some(first) = labelled.spanning.first() {
        findings.push(PageFinding {
            rule: spanning::RULE.into(),
            severity: "warning".into(),
            field: None,
            value: None,
            message: spanning::told(labelled.spanning.len()),
            place: first.clone(),
        });
    }
    if passages
        .iter()
        .map(|passage| passage.text.len())
        .sum::<usize>()
        > pattern::MAX_TEXT
    {
        findings.push(PageFinding {
            rule: "text_too_long".into(),
            severity: "warning".into(),
            field: None,
            value: None,
            message: format!(
                "running text behind the first {} bytes was not searched",
                pattern::MAX_TEXT
            ),
            place: Place::default(),
        });
    }
    let mut records = instrument::read(
        &passages,
        &blocks,
        &places,
        context.nuts_code,
        &mut findings,
    );
    let (found, evidence) = pattern::find(&passages, &blocks, &rules.patterns, language);
    let evidence: BTreeSet<_> = evidence.into_iter().collect();
    let signs = evidence::Signs::read(&blocks, rules);
    let unit = unit::PageUnit::read(&blocks);
    let mut reasons = Vec::new();
    // Running text says something of the page's one project; on a page of several nobody knows of which.
    let one = labelled.things.len() <= 1;
    findings.extend(amounts_not_read(&labelled.unread, &found, one));
    let nothing = Vec::new();
    let things = if labelled.things.is_empty() {
        std::slice::from_ref(&nothing)
    } else {
        labelled.things.as_slice()
    };
    let mut described = 0;
    for thing in things {
        let section = (!one).then_some(described);
        described = thing
            .iter()
            .map(label::Pair::byte)
            .max()
            .unwrap_or(described);
        let verdict = evidence::decide(
            thing,
            if one {
                &evidence
            } else {
                const { &BTreeSet::new() }
            },
            &signs,
        );
        reasons.extend(verdict.reasons);
        if verdict.operation {
            let input = operation::Input {
                thing,
                section,
                found: if one { &found } else { &[] },
                passages: if one { &passages } else { &[] },
                blocks: &blocks,
                used: &labelled.used,
                places: &places,
                unit,
                language,
                contact_present,
            };
            records.push(operation::build(&input, &mut findings));
        }
    }
    let operations = records.iter().filter(|record| record.operation.is_some());
    let operations = operations.count();
    if let Some((said, place)) = part::of_list(&blocks, rules, operations) {
        findings.push(PageFinding {
            rule: FILE_PARTIAL.into(),
            severity: "warning".into(),
            field: None,
            value: Some(said.clone()),
            message: format!("{operations} operations stand on it, and it says {said:?}"),
            place,
        });
    }
    let kind = if records
        .iter()
        .any(|record| record.kind == PageKind::Operation)
    {
        PageKind::Operation
    } else {
        records
            .first()
            .map_or(PageKind::Nothing, |record| record.kind)
    };
    if kind == PageKind::Nothing {
        findings.clear();
    }
    Ok(PageReading {
        kind,
        evidence: reasons,
        blocks,
        language: language.map(str::to_owned),
        published,
        contact_present,
        records,
        findings,
    })
}

/// Refuses a page of whose letters beyond ASCII all that can be told were destroyed or encoded twice: its labels and amounts are
/// none any more.
fn refuse_destroyed(blocks: &[Block]) -> Result<(), PageError> {
    let lines: Vec<&str> = blocks.iter().map(|block| block.text.as_str()).collect();
    let shown = lines.join("\n");
    // No line of a page has an end of line within.
    let line = |at: usize| {
        let block = blocks.get(shown[..at].matches('\n').count());
        block.map_or(1, |block| block.place.line)
    };
    if let Some((first, count)) = twice_throughout(&shown) {
        return Err(PageError::EncodedTwice {
            line: line(first),
            count,
        });
    }
    let count = shown.matches('\u{fffd}').count();
    match shown.find('\u{fffd}') {
        Some(first) if count >= 2 && !has_right_letters(&shown) => Err(PageError::Destroyed {
            line: line(first),
            count,
        }),
        _ => Ok(()),
    }
}

/// That sums of money stand under labels that nobody knows, so that they are none of the operation's. Those that a sentence gives
/// are read, and on a page of several projects what they come to is not asked for.
fn amounts_not_read(
    unread: &[label::Unread],
    found: &[pattern::Found<'_>],
    one: bool,
) -> Option<PageFinding> {
    let amounts = found.iter().filter(|found| label::is_amount(found.field));
    let places: BTreeSet<&Place> = amounts.map(|found| &found.place).collect();
    let unread: Vec<_> = (unread.iter())
        .filter(|unread| !places.contains(&unread.place) && (one || !is_sum(&unread.label)))
        .collect();
    let first = *unread.first()?;
    let others = match unread.len() {
        1 => String::new(),
        n => format!("; {} more under this label or others", n - 1),
    };
    Some(PageFinding {
        rule: UNREAD.into(),
        severity: "warning".into(),
        field: None,
        value: Some(first.value.clone()),
        message: format!(
            "what stands under {:?} looks like amounts and is not read: {:?}{others}; say under [columns] in mapping.toml of a source of its own what it is (esf source new)",
            first.label, first.value
        ),
        place: Place {
            label: Some(first.label.clone()),
            ..first.place.clone()
        },
    })
}

/// Country of a page whose source declares none: that of the identifier's system, else of the language.
fn country<'r>(
    labelled: &label::Labelled,
    rules: &'r PageRules,
    language: Option<&str>,
) -> Option<&'r str> {
    let mut ids = labelled
        .things
        .iter()
        .flatten()
        .filter(|pair| pair.rule.field == "natural_id")
        .filter_map(label::Pair::first);
    let of_id = ids.find_map(|(id, _)| {
        rules
            .ids
            .iter()
            .find(|shape| shape.shape.is_match(id))?
            .country
            .as_deref()
    });
    of_id.or(match language {
        Some("sv") => Some("SE"),
        Some("de") => Some("DE"),
        _ => None,
    })
}

/// German or Swedish, by the commonest small words of each.
fn language(page: &str) -> Option<&'static str> {
    const GERMAN: &[&str] = &[
        "der",
        "die",
        "und",
        "das",
        "mit",
        "für",
        "von",
        "ist",
        "im",
        "des",
        "zur",
        "zum",
        "eine",
        "werden",
        "wird",
        "nicht",
        "auf",
        "projektlaufzeit",
        "laufzeit",
        "träger",
    ];
    const SWEDISH: &[&str] = &[
        "och",
        "att",
        "som",
        "för",
        "är",
        "en",
        "ett",
        "av",
        "på",
        "med",
        "till",
        "inom",
        "projektet",
        "diarienummer",
        "projektägare",
        "projektperiod",
        "stöd",
        "kommun",
        "län",
    ];
    let page = page.to_lowercase();
    let mut counts = (0_usize, 0_usize);
    for word in page.split(|c: char| !c.is_alphanumeric()) {
        counts.0 += usize::from(GERMAN.contains(&word));
        counts.1 += usize::from(SWEDISH.contains(&word));
    }
    match counts {
        (german, swedish) if german > swedish => Some("de"),
        (german, swedish) if swedish > german => Some("sv"),
        _ => None,
    }
}
