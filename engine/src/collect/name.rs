//! Which objects a collection may touch, and which of them a document names.
//!
//! Objects are known by the hash in their name. A document names every hash that stands anywhere in it, also in fields
//! of later programs: rather too much is kept than too little.

use std::collections::HashSet;

use crate::{
    release::{Result, Warehouse},
    store::{TEMPORARY_FOLDER, TEMPORARY_PREFIX},
};

/// Hexadecimal digits of a sha256.
const DIGITS: usize = 64;

/// A folder of a warehouse from which objects are removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Folder {
    /// Documents of releases.
    Releases,
    /// Files of public tables.
    Data,
    /// Files of operator tables.
    Operator,
    /// Files of restricted tables.
    Restricted,
    /// Published bytes and declarations.
    Raw,
    /// Rows of single files, kept to be reused.
    Staged,
    /// Unfinished files.
    Temporary,
}

impl Folder {
    /// Its name in the store.
    pub fn name(self) -> &'static str {
        match self {
            Self::Releases => "releases",
            Self::Data => "data",
            Self::Operator => "operator",
            Self::Restricted => "restricted",
            Self::Raw => "raw",
            Self::Staged => "staged",
            Self::Temporary => TEMPORARY_FOLDER,
        }
    }

    /// The folders of files that are looked at in a store: the main one, or the restricted one of its own (`apart`).
    pub(super) fn of_files(apart: bool, is_divided: bool) -> &'static [Self] {
        use Folder::{Data, Operator, Raw, Restricted, Staged, Temporary};
        match (apart, is_divided) {
            (true, _) => &[Restricted, Temporary],
            (false, true) => &[Data, Operator, Raw, Staged, Temporary],
            (false, false) => &[Data, Operator, Restricted, Raw, Staged, Temporary],
        }
    }

    /// The hash that a file of this folder is named by; `None` for names that this program does not give.
    pub(crate) fn hash(self, path: &str) -> Option<&str> {
        let name = path.strip_prefix(self.name())?.strip_prefix('/')?;
        let name = match self {
            Self::Data | Self::Operator | Self::Restricted => {
                let (_table, file) = name.split_once('/')?;
                file.strip_suffix(".parquet")?
            }
            Self::Staged => name.strip_suffix(".parquet")?,
            Self::Raw => name,
            Self::Releases | Self::Temporary => return None,
        };
        is_hash(name).then_some(name)
    }

    /// Whether a path is that of an unfinished file.
    pub(crate) fn is_unfinished(self, path: &str) -> bool {
        let name = path
            .strip_prefix(TEMPORARY_FOLDER)
            .and_then(|rest| rest.strip_prefix('/'));
        self == Self::Temporary && name.is_some_and(|name| name.starts_with(TEMPORARY_PREFIX))
    }
}

/// Adds the hashes that a document names; says whether there is such a document.
pub(super) async fn add(
    warehouse: &Warehouse,
    path: &str,
    named: &mut HashSet<String>,
) -> Result<bool> {
    let Some(bytes) = warehouse.store().get_if_exists(path).await? else {
        return Ok(false);
    };
    named.extend(hashes(&String::from_utf8_lossy(&bytes)).map(str::to_owned));
    Ok(true)
}

/// The hashes that stand in a text.
fn hashes(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| is_hash(word))
}

fn is_hash(word: &str) -> bool {
    word.len() == DIGITS && word.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_our_own_have_a_hash() {
        let hash = "0123456789abcdef".repeat(4);
        let of = |folder: Folder, path: String| folder.hash(&path).map(str::to_owned);
        let own = [
            (Folder::Data, format!("data/operation/{hash}.parquet")),
            (
                Folder::Restricted,
                format!("restricted/participation/{hash}.parquet"),
            ),
            (Folder::Staged, format!("staged/{hash}.parquet")),
            (Folder::Raw, format!("raw/{hash}")),
        ];
        for (folder, path) in own {
            assert_eq!(of(folder, path), Some(hash.clone()));
        }
        let others = [
            (Folder::Data, format!("data/{hash}.parquet")),
            (
                Folder::Data,
                format!("data/operation/_delta_log/{hash}.parquet"),
            ),
            (
                Folder::Data,
                "data/operation/_delta_log/00000000000000000000.json".to_owned(),
            ),
            (Folder::Data, format!("data/operation/{hash}.csv")),
            (Folder::Raw, format!("raw/{}", hash.to_uppercase())),
            (Folder::Raw, "raw/README.md".to_owned()),
        ];
        for (folder, path) in others {
            assert_eq!(of(folder, path.clone()), None, "{path}");
        }
        assert!(Folder::Temporary.is_unfinished(".tmp/esf-1-2-3"));
        assert!(!Folder::Temporary.is_unfinished(".tmp/notes"));
    }

    #[test]
    fn hashes_are_found_wherever_they_stand() {
        let hash = "ab".repeat(32);
        let text =
            format!(r#"{{"later": {{"path": "data/t/{hash}.parquet"}}, "n": 12, "{hash}": 1}}"#);
        assert_eq!(hashes(&text).collect::<Vec<_>>(), [hash.as_str(); 2]);
        assert_eq!(hashes(&format!("x{hash}")).count(), 0);
    }
}
