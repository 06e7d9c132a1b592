//! Fingerprints of the program, for the build scripts of the crates whose steps have keys: hashes of code and declarations.

use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};

/// What every step is made with.
const SHARED: [&str; 3] = ["../engine/src", "../schemas", "../Cargo.lock"];

/// Sets the variable of this name to a hash of files and folders of a crate, and of what all crates share.
pub(crate) fn fingerprint(name: &str, folders: &[&str]) {
    let root = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let mut hash = DefaultHasher::new();
    for folder in folders.iter().chain(&SHARED) {
        let folder = root.join(folder);
        println!("cargo:rerun-if-changed={}", folder.display());
        add(&folder, &mut hash);
    }
    println!("cargo:rustc-env={name}={:016x}", hash.finish());
}

fn add(path: &Path, hash: &mut DefaultHasher) {
    if path.is_dir() {
        let mut entries: Vec<PathBuf> = fs::read_dir(path)
            .map(|dir| dir.flatten().map(|entry| entry.path()).collect())
            .unwrap_or_default();
        entries.sort();
        for entry in &entries {
            add(entry, hash);
        }
    } else if let Ok(bytes) = fs::read(path) {
        path.file_name().hash(hash);
        bytes.hash(hash);
    }
}
