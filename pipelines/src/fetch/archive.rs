//! Files out of a zip archive, from disk to disk. Nothing that the archive says about itself is believed: members are counted
//! before they are looked at, and measured before and while they are unpacked. Of their names only the last part is used.

use std::fs::File;
use std::io::{self, BufReader, ErrorKind, Read, Seek};
use std::path::Path;

use esf_engine::store::Store;
use globset::GlobMatcher;
use memchr::memmem;
use tokio::time::Instant;
use zip::{CompressionMethod, ZipArchive};

use super::error::Cause;
use super::name;
use super::waiting::{Draft, Waiting};

/// Members that an archive may have.
const MAX_MEMBERS: usize = 10_000;

/// How the entry of a member in the archive's directory begins.
const ENTRY: &[u8] = b"PK\x01\x02";

/// Entries that may stand anywhere in the archive, which may hold workbooks with directories of their own. The directory is
/// read whole before its members can be counted, and an entry takes far more memory than bytes of the file.
const MAX_ENTRIES: usize = 100_000;

/// Bytes of an archive that are searched at once.
const PIECE: usize = 256 << 10;

/// A member that unpacks to more than [`BOMB_BYTES`] and to more than so many times its packed size is no list: text
/// that repeats itself a lot reaches about 60.
const BOMB_RATIO: u64 = 200;
const BOMB_BYTES: u64 = 1 << 20;

/// Names that a message shows.
const SHOWN: usize = 8;

/// How members are packed that can be unpacked.
const METHODS: [CompressionMethod; 2] = [CompressionMethod::STORE, CompressionMethod::DEFLATE];

/// Other ways to pack members, as messages name them.
const OTHER_METHODS: [(CompressionMethod, &str); 6] = [
    (CompressionMethod::DEFLATE64, "Deflate64"),
    (CompressionMethod::BZIP2, "bzip2"),
    (CompressionMethod::LZMA, "LZMA"),
    (CompressionMethod::ZSTD, "Zstandard"),
    (CompressionMethod::XZ, "XZ"),
    (CompressionMethod::PPMD, "PPMd"),
];

/// A member that is wanted.
struct Wanted {
    index: usize,
    name: String,
    /// What it may unpack to by its packed size.
    allowance: u64,
}

/// The members whose path or name fits, by name, unpacked beside the store that they may be kept in. What macOS puts beside
/// each file of an archive is none of them.
///
/// Fails on what is no archive, on one in which nothing fits, on members that cannot be unpacked, on such that unpack to more than
/// allowed: `limit` bytes together, and where the deadline comes first.
pub(super) fn members(
    packed: &Waiting,
    fitting: &GlobMatcher,
    limit: u64,
    store: &Store,
    deadline: Instant,
) -> Result<Vec<(String, Waiting)>, Cause> {
    check_entries(packed.path(), deadline)?;
    let file = File::open(packed.path()).map_err(Cause::Unread)?;
    let mut archive = ZipArchive::new(BufReader::new(file)).map_err(damaged)?;
    let mut left = limit;
    let mut files = Vec::new();
    for wanted in wanted(&mut archive, fitting, packed.bytes)? {
        let mut member = archive.by_index(wanted.index).map_err(damaged)?;
        let draft = Draft::new(store, wanted.allowance.min(left))?;
        let mut draft = draft.until(deadline);
        if let Err(error) = io::copy(&mut member, &mut draft) {
            return Err(if draft.is_full() {
                too_large(wanted, limit, left)
            } else {
                draft.failed().unwrap_or_else(|| damaged(error))
            });
        }
        let unpacked = draft.finish();
        left -= unpacked.bytes;
        files.push((wanted.name, unpacked));
    }
    Ok(files)
}

/// Fails for an archive whose directory may have more entries than are read, and where the deadline comes first.
fn check_entries(path: &Path, deadline: Instant) -> Result<(), Cause> {
    let mut file = File::open(path).map_err(Cause::Unread)?;
    let finder = memmem::Finder::new(ENTRY);
    let (mut piece, mut kept, mut entries) = (vec![0; PIECE], 0, 0);
    loop {
        if Instant::now() >= deadline {
            return Err(Cause::Budget { last: None });
        }
        let read = match file.read(&mut piece[kept..]) {
            Ok(0) => return Ok(()),
            Ok(read) => read,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(Cause::Unread(error)),
        };
        let end = kept + read;
        entries += finder.find_iter(&piece[..end]).count();
        if entries > MAX_ENTRIES {
            return Err(Cause::Archive {
                detail: format!("it has more than {MAX_ENTRIES} members"),
            });
        }
        // The beginning of one may stand at the end of this piece, and the rest of it in the next: no whole one is kept.
        let from = end.saturating_sub(ENTRY.len() - 1);
        piece.copy_within(from..end, 0);
        kept = end - from;
    }
}

/// Which members fit, without unpacking any.
fn wanted<R: Read + Seek>(
    archive: &mut ZipArchive<R>,
    fitting: &GlobMatcher,
    packed: u64,
) -> Result<Vec<Wanted>, Cause> {
    if archive.len() > MAX_MEMBERS {
        return Err(Cause::Archive {
            detail: format!(
                "it has {} members, {MAX_MEMBERS} are allowed",
                archive.len()
            ),
        });
    }
    let (mut wanted, mut others) = (Vec::new(), Vec::new());
    for index in 0..archive.len() {
        let member = archive.by_index_raw(index).map_err(damaged)?;
        if member.is_dir() {
            continue;
        }
        let path = member.name().map_err(damaged)?.into_owned();
        if is_of_mac(&path) {
            continue;
        }
        let Some(name) = name::safe(&path) else {
            continue;
        };
        if !fitting.is_match(&path) && !fitting.is_match(&name) {
            others.push(name);
            continue;
        }
        if member.encrypted() {
            return Err(Cause::Locked { member: name });
        }
        if !METHODS.contains(&member.compression()) {
            return Err(Cause::Method {
                member: name,
                method: method_name(member.compression()),
            });
        }
        let packed = member.compressed_size().min(packed);
        let found = Wanted {
            index,
            name,
            allowance: packed.saturating_mul(BOMB_RATIO).max(BOMB_BYTES),
        };
        if member.size() > found.allowance {
            return Err(bomb(found));
        }
        wanted.push(found);
    }
    if wanted.is_empty() {
        return Err(Cause::NoMember {
            pattern: fitting.glob().glob().into(),
            available: shown(&others),
        });
    }
    wanted.sort_by(|a, b| (&a.name, a.index).cmp(&(&b.name, b.index)));
    Ok(wanted)
}

fn method_name(method: CompressionMethod) -> &'static str {
    let mut named = OTHER_METHODS.iter();
    let found = named.find(|(other, _)| *other == method);
    found.map_or("something else", |(_, name)| *name)
}

/// Whether macOS put it beside a file: its attributes, under the file's name behind `._`, mostly in a folder of their own.
fn is_of_mac(path: &str) -> bool {
    let mut parts = path.rsplit(['/', '\\']);
    parts.next().is_some_and(|name| name.starts_with("._")) || parts.any(|part| part == "__MACOSX")
}

fn too_large(wanted: Wanted, limit: u64, left: u64) -> Cause {
    if wanted.allowance <= left {
        bomb(wanted)
    } else {
        Cause::TooLarge { limit }
    }
}

fn bomb(wanted: Wanted) -> Cause {
    Cause::Bomb {
        member: wanted.name,
        limit: wanted.allowance,
    }
}

#[allow(clippy::needless_pass_by_value)] // the signature that `map_err` prescribes
fn damaged(error: impl std::fmt::Display) -> Cause {
    Cause::Archive {
        detail: error.to_string(),
    }
}

fn shown(names: &[String]) -> String {
    if names.is_empty() {
        return "no files".into();
    }
    let more = if names.len() > SHOWN { ", …" } else { "" };
    let first: Vec<&str> = names.iter().take(SHOWN).map(String::as_str).collect();
    format!("{}{more}", first.join(", "))
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Write};
    use std::time::Duration;

    use bytes::Bytes;
    use globset::Glob;
    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    use super::*;

    fn zipped(members: &[(&str, &[u8])]) -> Vec<u8> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, content) in members {
            zip.start_file(*name, SimpleFileOptions::default()).unwrap();
            zip.write_all(content).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    fn taken(bytes: &[u8], pattern: &str, limit: u64) -> Result<Vec<(String, Bytes)>, Cause> {
        let soon = Instant::now() + Duration::from_hours(1);
        taken_until(bytes, pattern, limit, soon)
    }

    fn taken_until(
        bytes: &[u8],
        pattern: &str,
        limit: u64,
        deadline: Instant,
    ) -> Result<Vec<(String, Bytes)>, Cause> {
        let store = Store::memory();
        let mut packed = Draft::new(&store, u64::MAX).unwrap();
        packed.write_all(bytes).unwrap();
        let fitting = Glob::new(pattern).unwrap().compile_matcher();
        let unpacked = members(&packed.finish(), &fitting, limit, &store, deadline)?;
        let bytes = |one: Waiting| one.content().bytes().unwrap();
        let files = unpacked.into_iter();
        Ok(files.map(|(name, one)| (name, bytes(one))).collect())
    }

    #[test]
    fn fitting_members_are_taken_by_name_and_never_leave_their_place() {
        let zip = zipped(&[
            ("daten/b.csv", b"b"),
            ("../../a.csv", b"a"),
            ("readme.txt", b"x"),
        ]);
        let names = |pattern: &str| -> Vec<String> {
            let taken = taken(&zip, pattern, 100).unwrap();
            taken.into_iter().map(|(name, _)| name).collect()
        };
        assert_eq!(names("*.csv"), ["a.csv", "b.csv"]);
        assert_eq!(names("daten/*"), ["b.csv"]);
        let message = taken(&zip, "*.xlsx", 100).unwrap_err().to_string();
        assert!(message.contains("a.csv, readme.txt"), "{message}");
    }

    #[test]
    fn bombs_are_refused_by_what_they_declare_and_by_what_they_are() {
        let size: u32 = (8 << 20) + 12_345;
        let zeros = vec![b'0'; size as usize];
        let zip = zipped(&[("a.csv", zeros.as_slice())]);
        assert!(matches!(
            taken(&zip, "*.csv", 100 << 20),
            Err(Cause::Bomb { .. })
        ));
        let mut lying = zip.clone();
        while let Some(at) = lying.windows(4).position(|b| b == size.to_le_bytes()) {
            lying[at..at + 4].copy_from_slice(&u32::to_le_bytes(100));
        }
        assert!(taken(&lying, "*.csv", 100 << 20).is_err());
    }

    #[test]
    fn nothing_is_unpacked_when_the_time_is_used_up() {
        let zip = zipped(&[("a.csv", b"a")]);
        assert!(matches!(
            taken_until(&zip, "*.csv", 100, Instant::now()),
            Err(Cause::Budget { last: None })
        ));
    }

    #[test]
    fn members_count_together() {
        let zip = zipped(&[("a.csv", &[b'a'; 60]), ("b.csv", &[b'b'; 60])]);
        assert_eq!(taken(&zip, "*.csv", 120).unwrap().len(), 2);
        assert!(matches!(
            taken(&zip, "*.csv", 119),
            Err(Cause::TooLarge { limit: 119 })
        ));
    }

    #[test]
    fn what_macos_adds_is_no_member() {
        let zip = zipped(&[
            ("__MACOSX/._a.csv", b"\0\x05\x16\x07"),
            ("__MACOSX/daten/b.csv", b"x"),
            ("daten/._a.csv", b"x"),
            ("a.csv", b"a"),
        ]);
        let taken = taken(&zip, "*.csv", 100).unwrap();
        assert_eq!(taken, [("a.csv".to_owned(), Bytes::from_static(b"a"))]);
    }

    /// The archive with another value in a field of two bytes, in the head of its one member and in its entry.
    fn changed(zip: &[u8], in_head: usize, in_entry: usize, value: u16) -> Vec<u8> {
        let mut zip = zip.to_vec();
        for (begin, field) in [(&b"PK\x03\x04"[..], in_head), (ENTRY, in_entry)] {
            let at = memmem::find(&zip, begin).unwrap() + field;
            zip[at..at + 2].copy_from_slice(&value.to_le_bytes());
        }
        zip
    }

    #[test]
    fn what_cannot_be_unpacked_is_told_for_what_it_is() {
        let zip = zipped(&[("a.csv", b"a")]);
        let locked = changed(&zip, 6, 8, 1);
        assert!(matches!(
            taken(&locked, "*.csv", 100),
            Err(Cause::Locked { member }) if member == "a.csv"
        ));
        let bzip2 = changed(&zip, 8, 10, 12);
        let message = taken(&bzip2, "*.csv", 100).unwrap_err().to_string();
        assert!(message.contains("is packed with bzip2"), "{message}");
    }

    #[test]
    fn a_directory_without_end_is_not_read() {
        let mut entries = ENTRY.repeat(MAX_ENTRIES);
        // Wherever the pieces end, each is counted once.
        entries.insert(0, b'x');
        let message = |bytes: &[u8]| taken(bytes, "*.csv", 100).unwrap_err().to_string();
        assert!(!message(&entries).contains("more than 100000 members"));
        entries.extend_from_slice(ENTRY);
        assert!(message(&entries).contains("more than 100000 members"));
    }

    #[test]
    fn what_is_no_archive_is_told() {
        let cut = zipped(&[("a.csv", b"a")]);
        for bytes in [&b"<html>"[..], &b""[..], &cut[..20]] {
            assert!(matches!(
                taken(bytes, "*.csv", 100),
                Err(Cause::Archive { .. })
            ));
        }
    }
}
