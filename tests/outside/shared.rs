//! Where the shared files are, and what is known about them beforehand.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use esf_pipelines::map::FileInput;
use esf_pipelines::{Catalogue, Source};

/// The lists of `TRUTH.csv`, named here so that each shows as ignored where the shared folder is absent.
pub(crate) const LISTS: [&str; 21] = [
    "de_bw_esf_2014-2020.xlsx",
    "de_bw_esf_2014-2020.csv",
    "de_by_esf_2007-2013.csv",
    "de_be_esf_2007-2013.json",
    "de_be_esf_2014-2020.csv",
    "de_bb_esf_2014-2020.xlsx",
    "de_hh_esf_2007-2013.csv",
    "de_he_esf_2007-2013.csv",
    "de_he_esf_2014-2020.csv",
    "de_he_esf_2014-2020.xlsx",
    "de_mv_esf_2014-2020.xlsx",
    "de_mv_esf_2014-2020.csv",
    "de_nw_esf_2014-2020.xlsx",
    "de_nw_esf_2007-2013.csv",
    "de_sn_esf_2014-2020_cp1252.csv",
    "de_sn_esf_2014-2020_utf8.csv",
    "de_th_esf_2014-2020.xls",
    "se_erdf_2014-2020_projektbank_redacted.json",
    "de_bb_esf_2014-2020.json",
    "de_nw_erdf_2014-2020.json",
    "se_uppsala_esf_subset_transcribed.csv",
];

/// The folder of the shared files, if it is there.
pub(crate) fn folder() -> Option<PathBuf> {
    let folder = std::env::var_os("ESF_SHARED").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"),
        PathBuf::from,
    );
    folder.join("data").is_dir().then_some(folder)
}

/// A file or folder of the shared files.
pub(crate) fn path(part: &str) -> PathBuf {
    folder()
        .expect("the shared folder is there; set ESF_SHARED")
        .join(part)
}

/// A published list.
pub(crate) fn list(name: &str) -> PathBuf {
    path("data/beneficiaries").join(name)
}

/// The bundled source that takes a file.
pub(crate) fn source_of(name: &str) -> Arc<Source> {
    let catalogue = Catalogue::embedded().unwrap();
    let takers: Vec<_> = catalogue
        .iter()
        .filter(|s| s.claim(name).is_some())
        .collect();
    assert_eq!(takers.len(), 1, "{name} belongs to one source");
    Arc::clone(takers[0])
}

/// A published list as the input of a source.
pub(crate) fn input(source: &Arc<Source>, name: &str) -> FileInput {
    let bytes = bytes::Bytes::from(std::fs::read(list(name)).unwrap());
    FileInput {
        source: Arc::clone(source),
        file_name: name.to_owned(),
        sha256: esf_engine::store::sha256(&bytes),
        content: bytes.into(),
        published: None,
        first_seen: 1,
        earlier: Vec::new(),
    }
}
