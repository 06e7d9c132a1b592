//! Files out of a zip archive. Nothing that the archive says about itself is believed: members are counted before they
//! are looked at, and measured before and while they are unpacked. Of their names only the last part is used.

use std::io::{Cursor, Read};

use bytes::Bytes;
use globset::GlobMatcher;
use zip::ZipArchive;

use super::error::Cause;
use super::name;

/// Members that an archive may have.
const MAX_MEMBERS: usize = 10_000;

/// A member that unpacks to more than [`BOMB_BYTES`] and to more than so many times its packed size is no list: text
/// that repeats itself a lot reaches about 60.
const BOMB_RATIO: u64 = 200;
const BOMB_BYTES: u64 = 1 << 20;

/// Names that a message shows.
const SHOWN: usize = 8;

/// A member that is wanted.
struct Wanted {
    index: usize,
    name: String,
    /// What it may unpack to by its packed size.
    allowance: u64,
}

/// The members whose path or name fits, by name, with their bytes.
///
/// Fails on what is no archive, on one in which nothing fits, and on members that unpack to more than allowed: `limit`
/// bytes together.
pub(super) fn members(
    bytes: &[u8],
    fitting: &GlobMatcher,
    limit: u64,
) -> Result<Vec<(String, Bytes)>, Cause> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(damaged)?;
    let mut left = limit;
    let mut files = Vec::new();
    for wanted in wanted(&mut archive, fitting, bytes.len() as u64)? {
        let member = archive.by_index(wanted.index).map_err(damaged)?;
        let most = wanted.allowance.min(left);
        let mut content = Vec::new();
        member
            .take(most.saturating_add(1))
            .read_to_end(&mut content)
            .map_err(damaged)?;
        if content.len() as u64 > most {
            return Err(too_large(wanted, limit, left));
        }
        left -= content.len() as u64;
        files.push((wanted.name, Bytes::from(content)));
    }
    Ok(files)
}

/// Which members fit, without unpacking any.
fn wanted(
    archive: &mut ZipArchive<Cursor<&[u8]>>,
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
        let Some(name) = name::safe(&path) else {
            continue;
        };
        if !fitting.is_match(&path) && !fitting.is_match(&name) {
            others.push(name);
            continue;
        }
        if member.encrypted() {
            return Err(Cause::Archive {
                detail: format!("{name:?} in it needs a password"),
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
    use std::io::Write;

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
        members(bytes, &Glob::new(pattern).unwrap().compile_matcher(), limit)
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
    fn members_count_together() {
        let zip = zipped(&[("a.csv", &[b'a'; 60]), ("b.csv", &[b'b'; 60])]);
        assert_eq!(taken(&zip, "*.csv", 120).unwrap().len(), 2);
        assert!(matches!(
            taken(&zip, "*.csv", 119),
            Err(Cause::TooLarge { limit: 119 })
        ));
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
