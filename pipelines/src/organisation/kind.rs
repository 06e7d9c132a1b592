//! Kinds of bodies, told by their words (`kinds.toml`) and by their legal form.

use std::sync::LazyLock;

use datafusion::common::HashSet;
use serde::Deserialize;

use super::{
    ends::Ends,
    form::{Form, form_of},
    token::{compose, fold, tokens},
};

/// Kind of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Firm or cooperative.
    Company,
    /// Association, foundation, welfare organisation.
    Association,
    /// Municipality, authority, chamber.
    PublicBody,
    /// School, university, provider of education without a firm.
    Education,
    /// Parish, church district, religious order.
    Church,
    /// Natural person.
    Person,
    /// The name does not say.
    Unknown,
}

impl Kind {
    /// The code that tables hold.
    pub fn code(self) -> &'static str {
        match self {
            Self::Company => "company",
            Self::Association => "association",
            Self::PublicBody => "public_body",
            Self::Education => "education",
            Self::Church => "church",
            Self::Person => "person",
            Self::Unknown => "unknown",
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rules {
    rule: Vec<Rule>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rule {
    kind: Kind,
    #[serde(default)]
    over_form: bool,
    #[serde(default)]
    words: Vec<String>,
    #[serde(skip)]
    word_set: HashSet<String>,
    #[serde(default)]
    starts: Vec<String>,
    #[serde(default)]
    ends: Vec<String>,
    #[serde(skip)]
    by_end: Option<Ends>,
    #[serde(default)]
    starts_phrase: Vec<String>,
    #[serde(default)]
    except: Vec<String>,
    #[serde(skip)]
    except_set: HashSet<String>,
}

#[expect(
    clippy::expect_used,
    reason = "the file is compiled in, and a test reads it"
)]
static RULES: LazyLock<Rules> = LazyLock::new(|| {
    let mut rules: Rules =
        toml::from_str(include_str!("kinds.toml")).expect("kinds.toml is read by a test");
    for rule in &mut rules.rule {
        rule.by_end = Some(Ends::new(&rule.ends, fold));
        for list in [&mut rule.starts, &mut rule.starts_phrase] {
            for word in list.iter_mut() {
                *word = fold(word);
            }
        }
        rule.word_set = rule.words.iter().map(|word| fold(word)).collect();
        rule.except_set = rule.except.iter().map(|word| fold(word)).collect();
    }
    rules
});

impl Rule {
    fn fits(&self, text: &str, words: &[&str]) -> bool {
        let word_fits = words.iter().any(|word| {
            !self.except_set.contains(*word)
                && (self.word_set.contains(*word)
                    || self
                        .starts
                        .iter()
                        .any(|start| word.starts_with(start.as_str()))
                    || self.by_end.as_ref().is_some_and(|ends| ends.end(word, 0)))
        });
        word_fits
            || self
                .starts_phrase
                .iter()
                .any(|phrase| text.contains(phrase.as_str()))
    }
}

/// The kind of body that a name tells of. A natural person is `Person` only by legal form here; the caller asks
/// `personal::is_natural_person` first.
pub fn kind(name: &str) -> Kind {
    let composed = compose(name);
    kind_with(&composed, form_of(&tokens(&composed)))
}

/// The kind of a body whose composed name and legal form are already known.
pub(super) fn kind_with(composed: &str, form: Option<&Form>) -> Kind {
    let text = fold(composed);
    let words: Vec<&str> = text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    let by_words = |over_form: bool| {
        RULES
            .rule
            .iter()
            .filter(|rule| rule.over_form == over_form)
            .find(|rule| rule.fits(&text, &words))
            .map(|rule| rule.kind)
    };
    by_words(true)
        .or_else(|| form.and_then(|form| form.kind))
        .or_else(|| by_words(false))
        // The forms without a kind of their own are those of public law.
        .or_else(|| form.map(|_| Kind::PublicBody))
        .unwrap_or(Kind::Unknown)
}
