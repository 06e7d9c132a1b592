//! Made sources and files, for the tests of a run.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::inputs::InputFile;
use crate::source::Source;

/// A source of a made publisher: what its declaration says besides, and a mapping that leaves all to the vocabulary.
pub(super) fn source(source_id: &str, declared: &str) -> Source {
    let toml = format!("title = \"Made\"\npublisher = \"Muster\"\n{declared}");
    let texts = BTreeMap::from([
        ("source.toml".to_owned(), toml),
        ("mapping.toml".to_owned(), String::new()),
    ]);
    Source::parse(source_id, texts).unwrap()
}

/// A file in the archive that was first seen in release 1.
pub(super) fn file(source: &Arc<Source>, file_name: &str, sha256: &str) -> InputFile {
    InputFile {
        source: Arc::clone(source),
        file_name: file_name.to_owned(),
        sha256: sha256.to_owned(),
        bytes: 1,
        first_seen: 1,
        published: None,
        earlier: Vec::new(),
        formerly: None,
        accepted: None,
        over: Vec::new(),
        found: None,
        redacted: false,
    }
}
