//! Folders that hold personal data: whether anybody but their owner can read them.

use std::path::Path;

use super::Diagnosis;
use crate::store::{PRIVATE, Store};

/// Looks at the folders of a local store that nobody but its owner may enter; nothing where there is none of them, and for
/// object storage, whose rights are not those of files.
pub(super) fn examine(store: &Store, subject: &'static str) -> Option<Diagnosis> {
    let root = store.folder()?;
    let there: Vec<String> = PRIVATE
        .iter()
        .map(|name| root.join(name))
        .filter(|folder| folder.is_dir())
        .map(|folder| folder.display().to_string())
        .collect();
    if there.is_empty() {
        return None;
    }
    let open: Vec<&str> = there
        .iter()
        .map(String::as_str)
        .filter(|folder| is_open(root) && is_open(Path::new(folder)))
        .collect();
    if open.is_empty() {
        return Some(Diagnosis::sound(
            subject,
            "only their owner enters folders with personal data",
        ));
    }
    let found = format!(
        "others than their owner can read {}, which hold published bytes, counts of people or rows with personal data",
        open.join(", ")
    );
    let typed: Vec<String> = open.iter().map(|folder| quoted(folder)).collect();
    let advice = format!(
        "`chmod 700 {}`; who serves the warehouse reads data/ and releases/ only",
        typed.join(" ")
    );
    Some(Diagnosis::warning(subject, found, advice))
}

/// Whether somebody else than the owner of a folder may read or enter it.
#[cfg(unix)]
fn is_open(folder: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(folder).is_ok_and(|found| found.permissions().mode() & 0o077 != 0)
}

#[cfg(not(unix))]
fn is_open(_: &Path) -> bool {
    false
}

/// A path as it can be typed in a shell.
fn quoted(path: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-+".contains(c);
    if path.chars().all(is_plain) {
        path.to_owned()
    } else {
        format!("'{}'", path.replace('\'', "'\\''"))
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs::{Permissions, create_dir, set_permissions};
    use std::os::unix::fs::PermissionsExt;

    use super::super::Health;
    use super::*;

    #[test]
    fn folders_that_others_can_read_are_named_with_what_to_type() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("ware house");
        create_dir(&root).unwrap();
        let store = Store::open(root.to_str().unwrap()).unwrap();
        let allow =
            |path: &Path, mode| set_permissions(path, Permissions::from_mode(mode)).unwrap();
        allow(&root, 0o755);
        assert_eq!(examine(&store, "private folders"), None);
        let (raw, operator) = (root.join("raw"), root.join("operator"));
        create_dir(&raw).unwrap();
        create_dir(&operator).unwrap();
        allow(&raw, 0o750);
        allow(&operator, 0o700);
        let found = examine(&store, "private folders").unwrap();
        assert_eq!(found.health, Health::Warning);
        let typed = format!("`chmod 700 '{}'`", raw.display());
        let advice = found.advice.unwrap_or_default();
        assert!(advice.starts_with(&typed), "{advice}");
        // Behind a door that is shut nothing is open.
        allow(&root, 0o700);
        let found = examine(&store, "private folders").unwrap();
        assert_eq!(found.health, Health::Sound);
        allow(&root, 0o755);
        allow(&raw, 0o700);
        let found = examine(&store, "private folders").unwrap();
        assert_eq!(found.health, Health::Sound);
    }

    #[test]
    fn a_path_can_be_typed() {
        assert_eq!(quoted("/srv/esf/raw"), "/srv/esf/raw");
        assert_eq!(quoted("it's raw"), "'it'\\''s raw'");
    }
}
