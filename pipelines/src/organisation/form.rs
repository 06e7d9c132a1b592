//! Legal forms: which class of form a name states, and which of its words say so.

use std::sync::LazyLock;

use datafusion::common::HashMap;
use serde::Deserialize;

use super::{
    kind::Kind,
    token::{Token, compose, fold, tokens},
};

/// Whose name a legal form makes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bearer {
    /// A legal person, or a partnership that appears under a firm of its own.
    Body,
    /// A registered sole merchant: a natural person by law.
    Person,
    /// A civil-law partnership, which usually goes by its partners' names.
    Persons,
}

/// A class of legal form: all its spellings are one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
    /// Name of the class, as it stands in keys.
    pub class: String,
    /// Whose name it is.
    pub bearer: Bearer,
    /// Kind of body, where the form settles it.
    pub(super) kind: Option<Kind>,
}

/// How strictly the case and place of a spelling are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Case {
    #[default]
    Any,
    /// As declared, and not as the first word; in any case as the last word.
    Exact,
    /// As declared, also as the last word ("eK" is a merchant, "ek" a Swedish cooperative).
    Strict,
    /// Only as the last word.
    Last,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Declared {
    tax_status: Vec<String>,
    liquidation: Vec<String>,
    lead_words: Vec<String>,
    organ_heads: Vec<String>,
    organ_tails: Vec<String>,
    form: Vec<DeclaredForm>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DeclaredForm {
    class: String,
    bearer: Bearer,
    kind: Option<Kind>,
    #[serde(default)]
    case: Case,
    spellings: Vec<String>,
}

struct Spelling {
    words: Vec<String>,
    /// The first word as declared, for spellings whose case counts.
    exact: String,
    case: Case,
    form: usize,
}

/// The declarations of `forms.toml`, by first word.
pub(super) struct Forms {
    classes: Vec<Form>,
    by_first: HashMap<String, Vec<Spelling>>,
    pub(super) tax_status: Vec<String>,
    pub(super) liquidation: Vec<Vec<String>>,
    pub(super) lead_words: Vec<String>,
    pub(super) organ_heads: Vec<Vec<String>>,
    pub(super) organ_tails: Vec<Vec<String>>,
}

/// The forms compiled into the program.
#[expect(
    clippy::expect_used,
    reason = "the file is compiled in, and a test reads it"
)]
pub(super) static FORMS: LazyLock<Forms> = LazyLock::new(|| {
    Forms::read(include_str!("forms.toml")).expect("forms.toml is read by a test")
});

fn words(text: &str) -> Vec<String> {
    tokens(text).into_iter().map(|token| token.lower).collect()
}

impl Forms {
    /// Reads the declarations. Fails if the TOML is malformed or a key is unknown.
    fn read(text: &str) -> Result<Self, toml::de::Error> {
        let declared: Declared = toml::from_str(text)?;
        let mut forms = Vec::with_capacity(declared.form.len());
        let mut by_first: HashMap<String, Vec<Spelling>> = HashMap::new();
        for form in declared.form {
            for spelling in &form.spellings {
                // A declared spelling is read whole: "gGmbH" and "PartG" must not be cut apart.
                let words = words(spelling);
                if let Some(first) = words.first().cloned() {
                    by_first.entry(first).or_default().push(Spelling {
                        words,
                        exact: spelling.clone(),
                        case: form.case,
                        form: forms.len(),
                    });
                }
            }
            forms.push(Form {
                class: form.class,
                bearer: form.bearer,
                kind: form.kind,
            });
        }
        for spellings in by_first.values_mut() {
            spellings.sort_by_key(|spelling| std::cmp::Reverse(spelling.words.len()));
        }
        let phrases = |texts: Vec<String>| texts.iter().map(|text| words(text)).collect();
        Ok(Self {
            classes: forms,
            by_first,
            tax_status: declared.tax_status.iter().map(|word| fold(word)).collect(),
            liquidation: phrases(declared.liquidation),
            lead_words: declared.lead_words.iter().map(|word| fold(word)).collect(),
            organ_heads: phrases(declared.organ_heads),
            organ_tails: phrases(declared.organ_tails),
        })
    }

    /// The form that begins at word `at`, and how many words it takes.
    pub(super) fn at(&self, tokens: &[Token], at: usize) -> Option<(&Form, usize)> {
        let spellings = self.by_first.get(&tokens[at].lower)?;
        let spelling = spellings.iter().find(|spelling| {
            let end = at + spelling.words.len();
            if end > tokens.len() {
                return false;
            }
            let same = tokens[at..end]
                .iter()
                .zip(&spelling.words)
                .all(|(token, word)| token.lower == *word);
            // "e-V" and "a/b" are no forms: only blanks, dots and brackets may stand inside one.
            let unbroken = tokens[at + 1..end].iter().all(|token| !token.joined);
            let last = end == tokens.len();
            same && unbroken
                && match spelling.case {
                    Case::Any => true,
                    Case::Exact => at > 0 && (last || tokens[at].text == spelling.exact),
                    Case::Strict => at > 0 && tokens[at].text == spelling.exact,
                    Case::Last => at > 0 && last,
                }
        })?;
        Some((&self.classes[spelling.form], spelling.words.len()))
    }
}

/// The legal form that a name states, if it states one; of several, the first that makes it a body.
pub fn legal_form(name: &str) -> Option<&'static Form> {
    form_of(&tokens(&compose(name)))
}

/// The legal form that the words of a name state.
pub(super) fn form_of(tokens: &[Token]) -> Option<&'static Form> {
    let mut found: Option<&'static Form> = None;
    let mut at = 0;
    while at < tokens.len() {
        match FORMS.at(tokens, at) {
            Some((form, taken)) => {
                if form.bearer == Bearer::Body {
                    return Some(form);
                }
                found = found.or(Some(form));
                at += taken;
            }
            None => at += 1,
        }
    }
    found
}
