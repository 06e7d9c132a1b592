//! `esf.toml` in the current folder: what flags and `ESF_…` variables do not say.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::exit::Failure;
use crate::nearest::nearest;

/// The name of the file.
pub(crate) const FILE: &str = "esf.toml";

/// How each key is written, tables too.
const WRITTEN: [(&str, &str); 15] = [
    ("warehouse", "warehouse = \"/var/lib/esf/warehouse\""),
    ("restricted", "restricted = \"/srv/esf-restricted\""),
    ("mirrors", "mirrors = [\"/srv/lists\"]"),
    ("sources", "sources = [\"/etc/esf/sources\"]"),
    ("metrics", "metrics = [\"/etc/esf/metrics\"]"),
    ("nightly", "a table of its own: [nightly]"),
    ("time_zone", "time_zone = \"Europe/Berlin\""),
    ("limits", "a table of its own: [limits]"),
    ("threads", "threads = 4"),
    ("memory", "memory = \"2GiB\""),
    ("report", "a table of its own: [report]"),
    ("folder", "folder = \"/var/lib/esf/report\""),
    ("hook", "hook = [\"/usr/local/bin/tell\", \"esf\"]"),
    ("webhook", "webhook = \"https://host/path\""),
    ("when", "when = \"always\" or when = \"failure\""),
];

/// What the file may say. Unknown keys are errors: a misspelt key that is silently ignored would publish somewhere else.
#[derive(Debug, Default, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Config {
    /// Folder or URL of the warehouse.
    pub(crate) warehouse: Option<String>,
    /// Folder or URL for the restricted tables of this warehouse; without one they lie in it.
    pub(crate) restricted: Option<String>,
    /// Folders of already downloaded files.
    pub(crate) mirrors: Vec<PathBuf>,
    /// Folders of further sources.
    pub(crate) sources: Vec<PathBuf>,
    /// Folders of further metrics.
    pub(crate) metrics: Vec<PathBuf>,
    /// When the nights are.
    pub(crate) nightly: Nightly,
    /// What a run may use.
    pub(crate) limits: Limits,
    /// Who is told what a night did.
    pub(crate) report: Report,
}

/// When the nights are.
#[derive(Debug, Default, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Nightly {
    /// IANA name of the time zone whose dates they have. Looked up where it is used: other commands work without zone data.
    pub(crate) time_zone: Option<String>,
}

/// What a run may use.
#[derive(Debug, Default, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Limits {
    /// Threads; 0 is one a core.
    pub(crate) threads: Option<usize>,
    /// Memory, such as `500 MiB`.
    pub(crate) memory: Option<Memory>,
}

/// Who is told what a night did.
#[derive(Debug, Default, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Report {
    /// Folder of the report's files; without one none are written.
    pub(crate) folder: Option<PathBuf>,
    /// Program and arguments.
    pub(crate) hook: Vec<String>,
    /// Address that is posted to.
    pub(crate) webhook: Option<Webhook>,
    /// When hook and webhook are called.
    pub(crate) when: Occasion,
}

/// When hooks are called.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Occasion {
    /// Where a run ends with another code than 0.
    #[default]
    Failure,
    /// After every run.
    Always,
}

/// Address of a webhook. It is a secret: whoever knows it can post.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Webhook(pub(crate) reqwest::Url);

impl TryFrom<String> for Webhook {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let url = reqwest::Url::parse(&text).ok();
        url.filter(|url| matches!(url.scheme(), "http" | "https"))
            .map(Self)
            .ok_or_else(|| "webhook is no address; write it as https://host/path".to_owned())
    }
}

impl std::fmt::Debug for Webhook {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Webhook").field(&self.0.host_str()).finish()
    }
}

/// An amount of memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Memory(pub(crate) usize);

impl TryFrom<String> for Memory {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl std::str::FromStr for Memory {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let (number, unit) = text.split_at(
            text.find(|c: char| !c.is_ascii_digit())
                .unwrap_or(text.len()),
        );
        let factor: usize = match unit.trim().to_ascii_lowercase().as_str() {
            "kib" | "k" => 1 << 10,
            "mib" | "m" => 1 << 20,
            "gib" | "g" => 1 << 30,
            "kb" => 1_000,
            "mb" => 1_000_000,
            "gb" => 1_000_000_000,
            _ => 0,
        };
        let bytes = number
            .parse::<usize>()
            .ok()
            .and_then(|number| number.checked_mul(factor));
        let too_small = || format!("{text:?} is no amount of memory; write it as 500MiB or 2GiB");
        bytes
            .filter(|&bytes| bytes > 0)
            .map(Self)
            .ok_or_else(too_small)
    }
}

impl Config {
    /// Reads the file of this folder; an absent file says nothing. Fails if it cannot be read or says what it may not.
    pub(crate) fn read(folder: &Path) -> Result<Self, Failure> {
        let path = folder.join(FILE);
        match std::fs::read_to_string(&path) {
            Ok(text) => Self::parse(&text),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(Failure::usage(format!("cannot read {FILE}: {error}"))
                .next("mend or remove the file; it may be absent")),
        }
    }

    fn parse(text: &str) -> Result<Self, Failure> {
        let config: Self = toml::from_str(text).map_err(|error: toml::de::Error| {
            let line = error.span().map_or(1, |span| {
                text[..span.start.min(text.len())].matches('\n').count() + 1
            });
            let message = error.message();
            let Some((unknown, known)) = unknown_key(message) else {
                return mistyped(text, line, message);
            };
            let failure = Failure::usage(format!("{FILE} line {line}: unknown key {unknown:?}"));
            match nearest(unknown, known.iter().copied()) {
                Some(near) => failure.next(format!("did you mean {near:?}?")),
                None => failure.next(format!("known keys: {}", known.join(", "))),
            }
        })?;
        if config.restricted.is_some() && config.warehouse.is_none() {
            return Err(Failure::usage(format!(
                "{FILE} names a restricted store and no warehouse"
            ))
            .next("name the `warehouse` that it belongs to beside it"));
        }
        Ok(config)
    }
}

/// The failure of a value at a line that is not what its key wants. Serde names neither the key nor how it is written.
fn mistyped(text: &str, line: usize, message: &str) -> Failure {
    let key = key_of(text, line).filter(|_| message.starts_with("invalid type: "));
    let written = key.and_then(|key| WRITTEN.iter().find(|(known, _)| *known == key));
    let told = match key {
        Some(key) => format!("{key}: {message}"),
        None => message.to_owned(),
    };
    let failure = Failure::usage(format!("{FILE} line {line}: {told}"));
    match written {
        Some((_, example)) => failure.next(format!("write it as {example}")),
        None => failure,
    }
}

/// The key whose value stands at a line, which may be one of several lines of it.
fn key_of(text: &str, line: usize) -> Option<&str> {
    let lines: Vec<&str> = text.lines().take(line).collect();
    lines.into_iter().rev().find_map(|line| {
        let (key, _) = line.split_once('=')?;
        let key = key.trim();
        let is_key = !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        is_key.then_some(key)
    })
}

/// The unknown and the known names in serde's "unknown field `x`, expected one of `a`, `b`".
fn unknown_key(message: &str) -> Option<(&str, Vec<&str>)> {
    let mut names = message
        .strip_prefix("unknown field ")?
        .split('`')
        .skip(1)
        .step_by(2);
    Some((names.next()?, names.collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_may_say() {
        let config = Config::parse(
            "warehouse = 's3://bucket/esf'\nmirrors = ['a', 'b']\n[limits]\nmemory = '500 MiB'\n\
             [nightly]\ntime_zone = 'Europe/Stockholm'",
        );
        let config = config.unwrap();
        assert_eq!(config.warehouse.as_deref(), Some("s3://bucket/esf"));
        assert_eq!(config.mirrors.len(), 2);
        assert_eq!(config.limits.memory, Some(Memory(500 << 20)));
        let zone = config.nightly.time_zone.as_deref();
        assert_eq!(zone, Some("Europe/Stockholm"));
    }

    #[test]
    fn unknown_keys_are_errors_with_the_nearest_name() {
        let shown = |text: &str| Config::parse(text).unwrap_err().shown(false);
        assert_eq!(
            shown("mirrors = []\nwarehose = 'x'"),
            "error: esf.toml line 2: unknown key \"warehose\"\n  did you mean \"warehouse\"?\n"
        );
        assert!(shown("[limits]\nmemry = '1GiB'").contains("did you mean \"memory\"?"));
        assert!(shown("[zzz]").contains("known keys: warehouse, restricted, mirrors"));
    }

    #[test]
    fn a_value_of_another_type_is_told_with_its_key_and_how_it_is_written() {
        let shown = |text: &str| Config::parse(text).unwrap_err().shown(false);
        let told = shown("# lists\nmirrors = '../m'");
        assert!(
            told.starts_with("error: esf.toml line 2: mirrors: invalid type: "),
            "{told}"
        );
        assert!(
            told.ends_with("\n  write it as mirrors = [\"/srv/lists\"]\n"),
            "{told}"
        );
        let told = shown("[report]\nhook = [\n  'tell',\n  7,\n]");
        assert!(told.contains(": hook: invalid type: "), "{told}");
        assert!(told.contains("write it as hook = [\"/usr"), "{told}");
        let told = shown("limits = 4");
        assert!(
            told.contains("write it as a table of its own: [limits]"),
            "{told}"
        );
        // How each is written can be read.
        for (key, example) in WRITTEN {
            let example = example.split(" or ").next().unwrap_or_default();
            if let Some((_, table)) = example.split_once(": ") {
                assert_eq!(Config::parse(table).unwrap(), Config::default(), "{key}");
                continue;
            }
            let places = [
                "",
                "[nightly]\n",
                "[limits]\n",
                "[report]\n",
                "warehouse = 'w'\n",
            ];
            let mut places = places.iter();
            let is_read = places.any(|place| {
                let read = Config::parse(&format!("{place}{example}"));
                read.is_ok_and(|config| config != Config::default())
            });
            assert!(is_read, "{key}: {example}");
        }
    }

    #[test]
    fn a_restricted_store_stands_beside_its_warehouse() {
        let both = Config::parse("warehouse = '/srv/esf'\nrestricted = '/srv/apart'").unwrap();
        assert_eq!(both.restricted.as_deref(), Some("/srv/apart"));
        let alone = Config::parse("restricted = '/srv/apart'").unwrap_err();
        assert_eq!(
            alone.shown(false),
            "error: esf.toml names a restricted store and no warehouse\n  \
             name the `warehouse` that it belongs to beside it\n"
        );
    }

    #[test]
    fn a_report_says_who_is_told_and_keeps_the_address_secret() {
        let text = "[report]\nfolder = 'out'\nhook = ['mail', '-s', 'esf']\n\
                    webhook = 'https://example.org/secret'\nwhen = 'always'";
        let report = Config::parse(text).unwrap().report;
        assert_eq!(report.folder.as_deref(), Some(Path::new("out")));
        assert_eq!(report.hook, ["mail", "-s", "esf"]);
        assert_eq!(report.when, Occasion::Always);
        assert!(report.webhook.is_some());
        assert!(!format!("{report:?}").contains("secret"));
        let shown = |text: &str| Config::parse(text).unwrap_err().shown(false);
        let wrong = shown("[report]\nwebhook = 'file:///secret'");
        assert!(wrong.contains("line 2: webhook is no address"), "{wrong}");
        assert!(!wrong.contains("secret"), "{wrong}");
        assert_eq!(Config::parse("").unwrap().report.when, Occasion::Failure);
    }

    #[test]
    fn memory_needs_a_unit() {
        assert!("500".parse::<Memory>().is_err());
        assert!("0 MiB".parse::<Memory>().is_err());
        assert!("99999999999 GiB".parse::<Memory>().is_err());
        assert_eq!("2GiB".parse(), Ok(Memory(2 << 30)));
    }
}
