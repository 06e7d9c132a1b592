//! Sources: the folders that say what a published list, page or reference table is.
//!
//! Owns finding and parsing `source.toml` and `mapping.toml`, embedded in the binary or read from `--sources DIR`.
//! Does not own reading the published files. Invariant: a [`Source`] has been validated; every pattern compiles and
//! every named field exists.

mod catalogue;
mod code;
mod declaration;
mod pattern;

use std::collections::BTreeMap;
use std::sync::Arc;

use sha2::{Digest, Sha256};

pub use catalogue::{Catalogue, Sample};
pub use declaration::{
    Aggregate, ColumnMapping, Control, Conventions, LocationDecides, MappingToml, PublishedDate,
    SourceKind, SourceToml, StatedTotals, Vintage,
};
pub(crate) use esf_engine::store::hex;
use pattern::Globs;
pub use pattern::Pattern;
pub(crate) use pattern::latin;

use crate::statistic::{self, Statistic};

/// Why a source's declarations cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// A file of the folder is missing or unreadable.
    #[error(
        "source {source_id}: cannot read {file}: {cause}; a source is a folder with source.toml, mapping.toml and sample/"
    )]
    Unreadable {
        /// Folder name.
        source_id: String,
        /// File in it.
        file: String,
        /// What the system said.
        cause: String,
    },
    /// A TOML file does not say what it may say.
    #[error("source {source_id}: {file} is not as expected: {cause}")]
    Malformed {
        /// Folder name.
        source_id: String,
        /// File in it.
        file: String,
        /// Place and expectation.
        cause: String,
    },
    /// A declared pattern does not compile.
    #[error("source {source_id}: {key} = {pattern:?} is not a pattern: {cause}")]
    Pattern {
        /// Folder name.
        source_id: String,
        /// Key that holds it.
        key: String,
        /// The pattern.
        pattern: String,
        /// Why.
        cause: String,
    },
    /// A field name that no table knows.
    #[error(
        "source {source_id}: {key} names the unknown field {field:?}{hint}; the fields are listed by `esf source fields`"
    )]
    UnknownField {
        /// Folder name.
        source_id: String,
        /// Key that names it.
        key: String,
        /// The name.
        field: String,
        /// Nearest known name, as a phrase.
        hint: String,
    },
    /// A value that is no code.
    #[error("source {source_id}: {key} is {value:?}, where {expected} was expected")]
    UnknownCode {
        /// Folder name.
        source_id: String,
        /// Key that holds it.
        key: String,
        /// The value.
        value: String,
        /// What could stand there.
        expected: String,
    },
    /// A name that cannot be that of a source.
    #[error("{name:?} cannot name a source; use letters, digits, _ and - only")]
    Name {
        /// The name.
        name: String,
    },
    /// Nobody declared such a source.
    #[error("there is no source {source_id:?}{hint}; `esf source list` shows them all")]
    Unknown {
        /// What was asked for.
        source_id: String,
        /// Nearest known name, as a phrase.
        hint: String,
    },
    /// Two folders have the same name.
    #[error(
        "source {source_id} is declared twice; folders given with --sources may not repeat a name"
    )]
    Twice {
        /// Folder name.
        source_id: String,
    },
}

/// A declared source, validated.
#[derive(Debug, Clone)]
pub struct Source {
    /// Folder name.
    pub source_id: String,
    /// What it is.
    pub toml: SourceToml,
    /// What its columns mean beyond the vocabulary.
    pub mapping: MappingToml,
    /// Further declarations in the folder (patterns of pages), by file name.
    pub extra: BTreeMap<String, String>,
    /// sha256 over the declarations, hex.
    pub declaration_hash: String,
    /// The declarations themselves, for the archive: file name to text.
    pub texts: BTreeMap<String, String>,
    /// `statistic.toml`, for tables of figures.
    pub statistic: Option<Arc<Statistic>>,
    files: Globs,
    /// Made files in the published form; they show which columns a sound file has.
    pub samples: Vec<Sample>,
    /// `[preamble]`.
    pub preamble: Vec<(String, Pattern)>,
    /// `[file_name]`.
    pub file_name: Vec<(String, Pattern)>,
    /// `[aggregate].pattern`.
    pub aggregate: Option<Pattern>,
    /// `[published_date]` patterns: in the text, in the file name.
    pub published: (Option<Pattern>, Option<Pattern>),
}

impl Source {
    /// Whether its rows go to tables that everybody sees. Otherwise even their number is nobody's business: it counts people.
    pub fn is_public(&self) -> bool {
        self.statistic.as_ref().is_none_or(|s| s.is_public())
    }

    /// Parses a source from the texts of its folder; fails on the first thing that is not as declared.
    pub fn parse(source_id: &str, texts: BTreeMap<String, String>) -> Result<Self, SourceError> {
        let text = |file: &str| {
            texts.get(file).ok_or_else(|| SourceError::Unreadable {
                source_id: source_id.into(),
                file: file.into(),
                cause: "there is no such file".into(),
            })
        };
        let malformed = |file: &str, cause: &toml::de::Error| SourceError::Malformed {
            source_id: source_id.into(),
            file: file.into(),
            cause: format!("{}{}", cause.to_string().trim_end(), meant(cause.message())),
        };
        let source: SourceToml =
            toml::from_str(text("source.toml")?).map_err(|e| malformed("source.toml", &e))?;
        let mapping: MappingToml = match texts.get("mapping.toml") {
            Some(mapping) => toml::from_str(mapping).map_err(|e| malformed("mapping.toml", &e))?,
            None => MappingToml::default(),
        };
        check_fields(source_id, &source, &mapping)?;
        code::check_codes(source_id, &source, &mapping)?;
        let statistic = match source.kind {
            SourceKind::Statistics => {
                let declared = Statistic::parse(source_id, text(statistic::FILE)?)?;
                Some(Arc::new(declared))
            }
            _ => None,
        };

        let pattern = |key: &str, pattern: &str| {
            Pattern::new(pattern).map_err(|cause| SourceError::Pattern {
                source_id: source_id.into(),
                key: key.into(),
                pattern: pattern.into(),
                cause,
            })
        };
        let patterns = |section: &str, of: &BTreeMap<String, String>| {
            of.iter()
                .map(|(field, p)| Ok((field.clone(), pattern(&format!("[{section}].{field}"), p)?)))
                .collect::<Result<Vec<_>, SourceError>>()
        };
        let optional =
            |key: &str, p: &Option<String>| p.as_deref().map(|p| pattern(key, p)).transpose();
        let files = Globs::new(&source.files).map_err(|(pattern, cause)| SourceError::Pattern {
            source_id: source_id.into(),
            key: "files".into(),
            pattern,
            cause,
        })?;
        let mut hash = Sha256::new();
        for (name, text) in &texts {
            for part in [name, text] {
                hash.update((part.len() as u64).to_le_bytes());
                hash.update(part.as_bytes());
            }
        }
        let published = &source.published_date;
        Ok(Self {
            source_id: source_id.into(),
            preamble: patterns("preamble", &mapping.preamble)?,
            file_name: patterns("file_name", &mapping.file_name)?,
            aggregate: optional("[aggregate].pattern", &mapping.aggregate.pattern)?,
            published: (
                optional("[published_date].pattern", &published.pattern)?,
                optional("[published_date].file_name", &published.file_name)?,
            ),
            extra: texts
                .iter()
                .filter(|(name, _)| {
                    !matches!(
                        name.as_str(),
                        "source.toml" | "mapping.toml" | statistic::FILE
                    )
                })
                .map(|(name, text)| (name.clone(), text.clone()))
                .collect(),
            samples: Vec::new(),
            toml: source,
            mapping,
            statistic,
            declaration_hash: hex(&hash.finalize()),
            texts,
            files,
        })
    }

    /// How narrowly the source's patterns name a file: the characters that are not left open, none if no pattern fits.
    /// A pattern without wildcards is narrower than any other.
    pub fn claim(&self, file_name: &str) -> Option<usize> {
        self.files.claim(file_name)
    }

    /// Fails, in words, for a pattern that is sound but cannot be searched for.
    pub fn check_patterns(&self) -> Result<(), String> {
        let of_fields = self.preamble.iter().chain(&self.file_name);
        let others = [&self.aggregate, &self.published.0, &self.published.1];
        let mut all = of_fields
            .map(|(_, pattern)| pattern)
            .chain(others.into_iter().flatten());
        all.try_for_each(|pattern| pattern.regex().map(|_| ()))
    }

    /// Whether it tries unknown files with the vocabulary alone.
    pub fn is_generic(&self) -> bool {
        self.toml.generic
    }

    /// Whether `[fetch]` says that what it fetches has this name.
    pub fn fetches_as(&self, file_name: &str) -> bool {
        let fetch = self.toml.fetch.as_ref();
        let named = fetch.and_then(|fetch| fetch.file_name.as_deref());
        named == Some(file_name)
    }

    /// The published list that this source is a rendition of.
    pub fn list_id(&self) -> &str {
        self.toml.list_id.as_deref().unwrap_or(&self.source_id)
    }

    /// A copy under another name, so that what a generic source reads becomes a source and list of its own.
    pub fn renamed(&self, source_id: &str) -> Result<Self, SourceError> {
        let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-');
        if source_id.is_empty() || !source_id.bytes().all(plain) {
            return Err(SourceError::Name {
                name: source_id.into(),
            });
        }
        let mut renamed = Self::parse(source_id, self.texts.clone())?;
        renamed.toml.list_id = Some(source_id.into());
        renamed.toml.files = Vec::new();
        renamed.files = Globs::default();
        Ok(renamed)
    }
}

fn check_fields(
    source_id: &str,
    source: &SourceToml,
    mapping: &MappingToml,
) -> Result<(), SourceError> {
    if source.kind == SourceKind::Page {
        // Pages have roles and instruments besides the fields of lists; `page` checks its own names.
        return Ok(());
    }
    let vocabulary = esf_schemas::Vocabulary::standard();
    let keys = |section: &'static str, of: Vec<String>| of.into_iter().map(move |f| (section, f));
    let named = keys(
        "[columns]",
        mapping.columns.values().map(|c| c.field.clone()).collect(),
    )
    .chain(keys(
        "[constants]",
        mapping.constants.keys().cloned().collect(),
    ))
    .chain(keys(
        "[preamble]",
        mapping.preamble.keys().cloned().collect(),
    ))
    .chain(keys(
        "[file_name]",
        mapping.file_name.keys().cloned().collect(),
    ))
    .chain(keys("[lookups]", mapping.lookups.keys().cloned().collect()))
    .chain(keys("identity", source.identity.clone()));
    for (key, field) in named {
        // Two constants are not published fields: who pays, and the currency.
        if vocabulary.field(&field).is_some()
            || matches!(field.as_str(), "financing_source" | "currency")
        {
            continue;
        }
        let names = vocabulary.fields().map(|f| f.name.as_str());
        let hint = nearest(&field, names)
            .map(|n| format!(" (did you mean {n:?}?)"))
            .unwrap_or_default();
        return Err(SourceError::UnknownField {
            source_id: source_id.into(),
            key: key.into(),
            field,
            hint,
        });
    }
    Ok(())
}

/// The name that was meant by one that may not stand there, as a phrase, by what serde says: "unknown field `x`, expected one of
/// `a`, `b`".
fn meant(message: &str) -> String {
    let starts = ["unknown field ", "unknown variant "];
    if !starts.iter().any(|start| message.starts_with(start)) {
        return String::new();
    }
    let mut names = message.split('`').skip(1).step_by(2);
    let near = names.next().and_then(|unknown| nearest(unknown, names));
    near.map(|near| format!("; did you mean {near:?}?"))
        .unwrap_or_default()
}

/// The known name nearest to a misspelt one, if it is near at all.
pub(crate) fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    known
        .map(|k| (strsim::jaro_winkler(name, k), k))
        .filter(|(score, _)| *score > 0.75)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, k)| k)
}
