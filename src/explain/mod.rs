//! What an operator can meet, explained: messages by their code, and exit codes.
//!
//! Owns the catalogue (declarations under `messages/`, a file an area) and how a message is recognised in it. Does not
//! own the messages: they are written where they arise, and a test holds that each of them is recognised here.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::nearest::nearest;

#[cfg(test)]
mod scan;
#[cfg(test)]
mod tests;

/// The areas in the order in which they are listed: heading and declarations.
const AREAS: [(&str, &str); 12] = [
    ("runs", include_str!("messages/run.toml")),
    ("sources", include_str!("messages/source.toml")),
    ("files", include_str!("messages/file.toml")),
    ("tables of files", include_str!("messages/table.toml")),
    ("rows and values", include_str!("messages/value.toml")),
    ("releases", include_str!("messages/warehouse.toml")),
    ("stores", include_str!("messages/store.toml")),
    ("statements", include_str!("messages/sql.toml")),
    ("comparisons", include_str!("messages/compare.toml")),
    ("counts of people", include_str!("messages/counts.toml")),
    ("command", include_str!("messages/command.toml")),
    ("program", include_str!("messages/program.toml")),
];

/// The exit codes, declared like messages.
const EXITS: &str = include_str!("messages/exit.toml");

/// A message or an exit code, with its cause and remedy.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Entry {
    /// What `esf explain` calls it: speaking words with hyphens, or a number.
    #[serde(skip)]
    pub(crate) code: String,
    /// Heading under which it is listed; none for exit codes.
    #[serde(skip)]
    pub(crate) area: String,
    /// What happened, in a few words.
    pub(crate) title: String,
    /// The cause, and what of it matters.
    pub(crate) means: String,
    /// The remedy.
    #[serde(rename = "do")]
    pub(crate) remedy: String,
    /// How the command ends, the usual way first.
    #[serde(default)]
    pub(crate) exit: Vec<u8>,
    /// Parts of the message by which it is recognised.
    #[serde(default)]
    says: Vec<String>,
}

impl Entry {
    /// The exit codes as people read them.
    pub(crate) fn ends(&self) -> String {
        let codes: Vec<String> = self.exit.iter().map(u8::to_string).collect();
        codes.join(" or ")
    }
}

struct Catalogue {
    messages: Vec<Entry>,
    exits: Vec<Entry>,
}

#[expect(
    clippy::expect_used,
    reason = "the declarations are compiled in, and a test reads them"
)]
static CATALOGUE: LazyLock<Catalogue> =
    LazyLock::new(|| Catalogue::read().expect("the catalogue is read by a test"));

impl Catalogue {
    /// Reads the declarations. Fails if the TOML is malformed, or a code or key stands there twice or is unknown.
    fn read() -> Result<Self, toml::de::Error> {
        let mut messages = Vec::new();
        for (area, text) in AREAS {
            let declared: BTreeMap<String, Entry> = toml::from_str(text)?;
            messages.extend(declared.into_iter().map(|(code, entry)| Entry {
                code,
                area: area.to_owned(),
                ..entry
            }));
        }
        // By number, since text would put 130 before 2.
        let declared: BTreeMap<String, Entry> = toml::from_str(EXITS)?;
        let mut exits: Vec<Entry> = declared
            .into_iter()
            .map(|(code, entry)| Entry {
                exit: code.parse::<u8>().into_iter().collect(),
                code,
                ..entry
            })
            .collect();
        exits.sort_by(|a, b| a.exit.cmp(&b.exit));
        Ok(Self { messages, exits })
    }
}

/// All messages, by area and code.
pub(crate) fn messages() -> &'static [Entry] {
    &CATALOGUE.messages
}

/// All exit codes.
pub(crate) fn exits() -> &'static [Entry] {
    &CATALOGUE.exits
}

/// The message or exit code of this name. Without one, the nearest code, if one is near enough to be worth saying.
pub(crate) fn entry(code: &str) -> Result<&'static Entry, Option<&'static str>> {
    let all = || messages().iter().chain(exits());
    all()
        .find(|entry| entry.code == code)
        .ok_or_else(|| nearest(code, all().map(|entry| entry.code.as_str())))
}

/// The code that a line names, such as `[esf explain source-held]` behind a remark of a run.
pub(crate) fn code_in(line: &str) -> Option<&str> {
    let (_, behind) = line.rsplit_once("esf explain ")?;
    let is_code = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let (code, _) = behind.split_at(behind.find(|c: char| !is_code(c)).unwrap_or(behind.len()));
    Some(code).filter(|code| !code.is_empty())
}

/// The code of a message. Of several that fit, the one that has more of its words.
pub(crate) fn code_of(message: &str) -> Option<&'static str> {
    let words_of = |entry: &'static Entry| {
        let fitting = entry
            .says
            .iter()
            .filter(|text| message.contains(text.as_str()));
        Some((fitting.map(String::len).max()?, entry.code.as_str()))
    };
    messages()
        .iter()
        .filter_map(words_of)
        .max_by_key(|(length, _)| *length)
        .map(|(_, code)| code)
}
