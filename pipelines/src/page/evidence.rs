//! Whether a page describes one funded operation. The rule, in this order:
//!
//! 1. A heading that calls the page a call, or labels and sentences of a call ("Antragsfrist", "sista ansökningsdag"),
//!    make it none. A labelled identifier together with a labelled beneficiary outweighs the sentences, since project
//!    banks name the call a project came from; it does not outweigh the heading.
//! 2. A labelled identifier and one more labelled thing of a project (name, beneficiary, period, amount, partner)
//!    make it an operation.
//! 3. Without an identifier, a labelled beneficiary, implementer or partner with a period or an amount does, or a
//!    labelled name with a period and one thing more, unless the page describes a programme.
//! 4. Without such labels, running text does: a sentence that says of one project that it was funded, or two of period,
//!    money, planned people or jobs, funder and holder, one of them period or money; unless the page is a call, a
//!    programme description or an article.
//!
//! Everything else is nothing: a page that is missed can be declared, an operation that does not exist cannot be told
//! from the others.

use std::collections::BTreeSet;

use super::block::{Block, BlockKind};
use super::label::{Pair, shows, split_label};
use super::rules::{Evidence, PageRules};
use super::text::plain;

/// Signs that a page is not a project's page.
#[derive(Debug, Default)]
pub(super) struct Signs {
    titled: BTreeSet<String>,
    call: usize,
    programme: usize,
    article: usize,
}

impl Signs {
    /// Looks for signs in the headings, labels and text of a page.
    pub(super) fn read(blocks: &[Block], rules: &PageRules) -> Self {
        let mut signs = Self::default();
        let first_heading = blocks
            .iter()
            .position(|block| matches!(block.kind, BlockKind::Heading(1)));
        let first_heading = first_heading.or_else(|| blocks.iter().position(Block::is_content));
        let mut seen = BTreeSet::new();
        for (at, block) in blocks.iter().enumerate() {
            let is_title = Some(at) == first_heading || block.kind == BlockKind::Title;
            if !(block.is_content() || is_title) {
                continue;
            }
            let text = plain(&block.text);
            // The document's title ends with the names of the site's sections.
            let title = text
                .split(
                    [" | ", " – ", " - ", " » "]
                        .iter()
                        .find(|mark| text.contains(**mark))
                        .copied()
                        .unwrap_or("\n"),
                )
                .next();
            let label = split_label(&block.text).map_or(text.as_str(), |(label, _)| label);
            for sign in &rules.signs {
                let hit = match sign.place.as_str() {
                    "title" => is_title && title.is_some_and(|title| sign.regex.is_match(title)),
                    "label" => {
                        block.kind != BlockKind::Title
                            && label.chars().count() <= 60
                            && sign.regex.is_match(label)
                    }
                    _ => false,
                };
                if hit && sign.place == "title" {
                    signs.titled.insert(sign.kind.clone());
                } else if hit {
                    signs.count(&sign.kind, 2);
                }
                if sign.place == "text" && block.kind != BlockKind::Title {
                    for found in sign.regex.find_iter(&text) {
                        if seen.insert((sign.kind.clone(), found.as_str().to_lowercase())) {
                            signs.count(&sign.kind, 1);
                        }
                    }
                }
            }
        }
        signs
    }

    fn count(&mut self, kind: &str, n: usize) {
        match kind {
            "call" => self.call += n,
            "programme" => self.programme += n,
            _ => self.article += n,
        }
    }

    fn is(&self, kind: &str) -> bool {
        let n = match kind {
            "call" => self.call,
            "programme" => self.programme,
            _ => self.article,
        };
        self.titled.contains(kind) || n >= 2
    }
}

/// The verdict and its reasons.
#[derive(Debug)]
pub(super) struct Verdict {
    pub(super) operation: bool,
    pub(super) reasons: Vec<String>,
}

const AMOUNTS: &[&str] = &[
    "granted",
    "total_budget",
    "total_cost",
    "total_eligible",
    "eu",
    "paid",
    "cofinancing",
];

/// Applies the rule to the labels of one thing and to what the running text says.
pub(super) fn decide(thing: &[Pair], prose: &BTreeSet<Evidence>, signs: &Signs) -> Verdict {
    let has = |fields: &[&str]| {
        thing.iter().any(|pair| {
            fields.contains(&pair.rule.field.as_str())
                && pair
                    .first()
                    .is_some_and(|(value, _)| shows(&pair.rule.field, value))
        })
    };
    let id = has(&["natural_id"]);
    let holder = has(&["beneficiary_name", "implementer"]);
    let partner = has(&["partner"]);
    let period = has(&["duration", "start_date", "end_date"]);
    let amount = has(AMOUNTS);
    let title = has(&["title"]);
    let others = [
        amount,
        partner,
        has(&["place", "region", "municipality", "district", "postcode"]),
        has(&["target_group"]),
        has(&["funder", "fund", "support_scheme"]),
    ];
    let others = others.iter().filter(|other| **other).count();
    let mut reasons = Vec::new();
    let named = |flag: bool, name: &str| flag.then(|| name.to_owned());
    reasons.extend(
        [
            named(id, "labelled identifier"),
            named(holder, "labelled holder"),
            named(partner, "labelled partner"),
            named(period, "labelled period"),
            named(amount, "labelled amount"),
            named(title, "labelled name"),
        ]
        .into_iter()
        .flatten(),
    );
    reasons.extend(
        prose
            .iter()
            .map(|evidence| format!("text: {evidence:?}").to_lowercase()),
    );
    for kind in ["call", "programme", "article"] {
        if signs.is(kind) {
            reasons.push(format!("signs of a {kind}"));
        }
    }
    let call = signs.is("call") && !(id && holder && !signs.titled.contains("call"));
    let programme = signs.is("programme");
    let operation = if call {
        false
    } else if id && (holder || partner || period || amount || title) {
        true
    } else if programme {
        false
    } else if ((holder || partner) && (period || amount)) || (title && period && others >= 1) {
        true
    } else if signs.is("article") {
        false
    } else {
        let mut kinds = prose.clone();
        kinds.extend(period.then_some(Evidence::Period));
        kinds.extend(amount.then_some(Evidence::Money));
        kinds.extend(holder.then_some(Evidence::Holder));
        kinds.extend(has(&["planned_jobs", "planned_participants"]).then_some(Evidence::Target));
        kinds.extend(has(&["funder", "fund"]).then_some(Evidence::Funder));
        let strong = kinds.contains(&Evidence::Period) || kinds.contains(&Evidence::Money);
        prose.contains(&Evidence::Operation) || (!prose.is_empty() && strong && kinds.len() >= 2)
    };
    Verdict { operation, reasons }
}
