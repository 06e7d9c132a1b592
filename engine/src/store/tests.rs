//! One conformance suite, run on every kind of store.

use std::time::Duration;

use esf_test_store::{Fault, Faulty};

use super::*;

async fn conforms(store: Store) {
    assert_eq!(store.get_if_exists("a/b").await.unwrap(), None);
    assert!(matches!(
        store.get("a/b").await,
        Err(StoreError::NotFound { .. })
    ));
    assert_eq!(store.list("a").await.unwrap(), []);

    store.put("a/b", Bytes::from_static(b"one")).await.unwrap();
    store.put("a/b", Bytes::from_static(b"two")).await.unwrap();
    assert_eq!(store.get("a/b").await.unwrap(), "two");
    assert_eq!(store.size("a/b").await.unwrap(), Some(3));
    assert_eq!(store.hash("a/b").await.unwrap(), sha256(b"two"));
    // More than is read at once, and no whole number of pieces.
    let long = vec![7; 600_001];
    store.put("a/b", Bytes::from(long.clone())).await.unwrap();
    assert_eq!(store.hash("a/b").await.unwrap(), sha256(&long));
    assert!(matches!(
        store.hash("a/d").await,
        Err(StoreError::NotFound { .. })
    ));

    assert_eq!(
        store
            .create("a/c/1", Bytes::from_static(b"first"))
            .await
            .unwrap(),
        Created::New
    );
    assert_eq!(
        store
            .create("a/c/1", Bytes::from_static(b"second"))
            .await
            .unwrap(),
        Created::Exists
    );
    assert_eq!(store.get("a/c/1").await.unwrap(), "first");

    let file = store.temporary().unwrap();
    let kept = file.path().to_owned();
    std::fs::write(&kept, b"streamed").unwrap();
    store.put_file("d/e/f", file).await.unwrap();
    assert_eq!(store.get("d/e/f").await.unwrap(), "streamed");
    assert!(!kept.exists());
    // What is there already stays; what a run that was cut off left half is replaced.
    for there in ["streamed", "stre"] {
        store.put("d/e/f", Bytes::from(there)).await.unwrap();
        let file = store.temporary().unwrap();
        std::fs::write(file.path(), b"streamed").unwrap();
        store.put_file("d/e/f", file).await.unwrap();
        assert_eq!(store.get("d/e/f").await.unwrap(), "streamed");
    }
    // As large as what was written, and damaged.
    for there in ["strEamed", "streamed", "stre"] {
        store.put("d/e/f", Bytes::from(there)).await.unwrap();
        let file = store.temporary().unwrap();
        std::fs::write(file.path(), b"streamed").unwrap();
        store.replace_file("d/e/f", file).await.unwrap();
        assert_eq!(store.get("d/e/f").await.unwrap(), "streamed");
    }

    let dropped = store.temporary().unwrap().path().to_owned();
    assert!(!dropped.exists());

    let entries = store.list("a").await.unwrap();
    let paths: Vec<&str> = entries.iter().map(|entry| entry.path.as_str()).collect();
    assert_eq!(paths, ["a/b", "a/c/1"]);
    assert_eq!(store.paths("a").await.unwrap(), paths);
    assert!(store.paths("nothing").await.unwrap().is_empty());
    let age = |entry: &Entry| Timestamp::now().duration_since(entry.modified).abs();
    assert!(entries.iter().all(|entry| age(entry).as_secs() < 60));

    store.sync().await.unwrap();
    store.delete("a/b").await.unwrap();
    store.delete("a/b").await.unwrap();
    assert_eq!(store.get_if_exists("a/b").await.unwrap(), None);

    for bad in ["", "/a", "a//b", "../a", "a/../b", "a b", "ä"] {
        assert!(
            matches!(store.get(bad).await, Err(StoreError::Path { .. })),
            "{bad:?}"
        );
    }
    raw_is_verified(store).await;
}

async fn raw_is_verified(store: Store) {
    let hash = store.put_raw(Bytes::from_static(b"abc")).await.unwrap();
    assert_eq!(
        hash,
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    );
    assert_eq!(
        store.put_raw(Bytes::from_static(b"abc")).await.unwrap(),
        hash
    );
    assert!(store.has_raw(&hash).await.unwrap());
    assert_eq!(store.get_raw(&hash).await.unwrap(), "abc");
    assert_eq!(store.check_raw(&hash).await.unwrap(), 3);

    store
        .put(&raw_path(&hash), Bytes::from_static(b"abd"))
        .await
        .unwrap();
    assert!(matches!(
        store.get_raw(&hash).await,
        Err(StoreError::Corrupt { .. })
    ));
    assert!(matches!(
        store.check_raw(&hash).await,
        Err(StoreError::Corrupt { .. })
    ));
    raw_files_are_copied(&store).await;
}

async fn raw_files_are_copied(store: &Store) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("list.csv");
    // More than is copied at once, and no whole number of pieces.
    let long = vec![7_u8; 600_001];
    std::fs::write(&file, &long).unwrap();
    let hash = sha256(&long);
    for _ in 0..2 {
        let copied = store.put_raw_file(&hash, &file).await.unwrap();
        assert!(matches!(copied, Copied::Kept), "{copied:?}");
        assert_eq!(store.get_raw(&hash).await.unwrap(), long);
        assert_eq!(store.check_raw(&hash).await.unwrap(), 600_001);
    }
    // As large as what was kept, and damaged.
    let damaged = Bytes::from(vec![8_u8; 600_001]);
    store.put(&raw_path(&hash), damaged).await.unwrap();
    let copied = store.replace_raw_file(&hash, &file).await.unwrap();
    assert!(matches!(copied, Copied::Kept), "{copied:?}");
    assert_eq!(store.check_raw(&hash).await.unwrap(), 600_001);
    // A file that is no longer the one that was found is not kept under the name of that.
    let before = sha256(b"before");
    for copied in [
        store.put_raw_file(&before, &file).await.unwrap(),
        store.replace_raw_file(&before, &file).await.unwrap(),
    ] {
        assert!(matches!(copied, Copied::Changed), "{copied:?}");
    }
    std::fs::remove_file(&file).unwrap();
    let copied = store.put_raw_file(&before, &file).await.unwrap();
    assert!(matches!(copied, Copied::Unreadable(_)), "{copied:?}");
    assert!(!store.has_raw(&before).await.unwrap());
    assert!(matches!(
        store.check_raw(&before).await,
        Err(StoreError::NotFound { .. })
    ));
}

#[tokio::test]
async fn memory_conforms() {
    conforms(Store::open("memory://").unwrap()).await;
}

#[tokio::test]
async fn a_folder_conforms_and_is_made_by_the_first_write_only() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("deep/warehouse");
    let store = Store::open(root.to_str().unwrap()).unwrap();
    assert_eq!(store.get_if_exists("a").await.unwrap(), None);
    assert!(!root.exists());
    conforms(store).await;
}

#[tokio::test]
async fn a_file_address_conforms() {
    let folder = tempfile::tempdir().unwrap();
    let address = format!("file://{}", folder.path().display());
    conforms(Store::open(&address).unwrap()).await;
}

#[tokio::test]
async fn raw_bytes_cut_short_by_a_crash_are_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path().to_str().unwrap()).unwrap();
    let hash = sha256(b"abc");
    store
        .put(&raw_path(&hash), Bytes::from_static(b"ab\0"))
        .await
        .unwrap();
    store.put_raw(Bytes::from_static(b"abc")).await.unwrap();
    assert_eq!(store.get_raw(&hash).await.unwrap(), "abc");
    // As much as there should be, and something else.
    store
        .put(&raw_path(&hash), Bytes::from_static(b"ab\0"))
        .await
        .unwrap();
    let file = folder.path().join("list.csv");
    std::fs::write(&file, b"abc").unwrap();
    let copied = store.put_raw_file(&hash, &file).await.unwrap();
    assert!(matches!(copied, Copied::Kept), "{copied:?}");
    assert_eq!(store.get_raw(&hash).await.unwrap(), "abc");
}

#[tokio::test]
async fn raw_bytes_kept_again_count_as_new() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path().to_str().unwrap()).unwrap();
    let hash = store.put_raw(Bytes::from_static(b"abc")).await.unwrap();
    let file = std::fs::File::open(folder.path().join(raw_path(&hash))).unwrap();
    let long_ago = std::time::SystemTime::now() - Duration::from_hours(48);
    file.set_modified(long_ago).unwrap();
    let age = async || {
        let entries = store.list("raw").await.unwrap();
        Timestamp::now()
            .duration_since(entries[0].modified)
            .as_hours()
    };
    assert_eq!(age().await, 48);
    store.put_raw(Bytes::from_static(b"abc")).await.unwrap();
    assert_eq!(age().await, 0);
    file.set_modified(long_ago).unwrap();
    let elsewhere = folder.path().join("list.csv");
    std::fs::write(&elsewhere, b"abc").unwrap();
    store.put_raw_file(&hash, &elsewhere).await.unwrap();
    assert_eq!(age().await, 0);
}

#[tokio::test]
async fn a_removed_file_is_synced_with_its_folder() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path().to_str().unwrap()).unwrap();
    store.put("a/b", Bytes::from_static(b"one")).await.unwrap();
    store.delete("a/b").await.unwrap();
    store.sync().await.unwrap();
    assert_eq!(store.list("a").await.unwrap(), []);
}

#[tokio::test]
async fn half_of_an_object_is_never_taken_for_all_of_it() {
    let inner = Arc::new(object_store::memory::InMemory::new());
    let faulty = Faulty::new(inner, [(1, Fault::Truncate), (2, Fault::Truncate)]);
    let store = Store::from_object_store(Arc::new(faulty), "test://");
    store.put("a", Bytes::from_static(b"whole")).await.unwrap();
    let cut_short = [
        store.get("a").await.map(|_| ()),
        store.hash("a").await.map(|_| ()),
    ];
    for ended in cut_short {
        assert!(
            matches!(
                &ended,
                Err(StoreError::CutShort {
                    found: 2,
                    expected: 5,
                    ..
                })
            ),
            "{ended:?}"
        );
    }
    assert_eq!(store.get("a").await.unwrap(), "whole");
}

#[tokio::test]
async fn of_many_creators_one_wins() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path().to_str().unwrap()).unwrap();
    let attempts = (0..16).map(|i| {
        let store = store.clone();
        tokio::spawn(async move {
            store
                .create("releases/1", Bytes::from(vec![i; 9]))
                .await
                .unwrap()
        })
    });
    let results = futures::future::join_all(attempts).await;
    assert_eq!(
        results
            .into_iter()
            .filter(|r| *r.as_ref().unwrap() == Created::New)
            .count(),
        1
    );
}

#[tokio::test]
async fn sweeping_removes_only_old_temporary_files() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path().to_str().unwrap()).unwrap();
    std::mem::forget(store.temporary().unwrap());
    std::fs::write(folder.path().join(".tmp/other"), b"").unwrap();
    assert_eq!(store.sweep(Duration::from_hours(1)).await.unwrap(), 0);
    std::thread::sleep(Duration::from_millis(20));
    assert_eq!(store.sweep(Duration::from_millis(1)).await.unwrap(), 1);
    assert!(folder.path().join(".tmp/other").exists());
}

#[cfg(unix)]
#[tokio::test]
async fn only_the_owner_enters_folders_with_personal_data() {
    use std::os::unix::fs::PermissionsExt;

    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("raw");
    let store = Store::open(root.to_str().unwrap()).unwrap();
    store.put_raw(Bytes::from_static(b"abc")).await.unwrap();
    for path in [
        "operator/quarantine/a",
        "restricted/participant/a",
        "redactions/a",
    ] {
        store.create(path, Bytes::from_static(b"a")).await.unwrap();
    }
    let file = store.temporary().unwrap();
    std::fs::write(file.path(), b"public").unwrap();
    store.put_file("data/operation/a", file).await.unwrap();
    let mode = |path: &str| {
        let metadata = std::fs::metadata(root.join(path)).unwrap();
        metadata.permissions().mode() & 0o777
    };
    for private in ["raw", "operator", "restricted", "redactions", ".tmp"] {
        assert_eq!(mode(private) & 0o077, 0, "{private}");
    }
    // What others read keeps what the mask of the process leaves: that of a folder made beside.
    std::fs::create_dir(root.join("other")).unwrap();
    for public in ["", "data", "data/operation"] {
        assert_eq!(mode(public), mode("other"), "{public}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn what_only_waits_is_private_and_makes_no_store() {
    use std::os::unix::fs::PermissionsExt;

    let mode = |path: &std::path::Path| {
        let metadata = std::fs::metadata(path).unwrap();
        metadata.permissions().mode() & 0o777
    };
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path().to_str().unwrap()).unwrap();
    let unfinished = folder.path().join(".tmp");
    let outside = store.private_file().unwrap();
    assert!(!outside.path().starts_with(folder.path()));
    assert!(!unfinished.exists());
    store.put_raw(Bytes::from_static(b"abc")).await.unwrap();
    let inside = store.private_file().unwrap();
    assert_eq!(inside.path().parent(), Some(unfinished.as_path()));
    let remote = Store::memory().temporary().unwrap();
    for file in [outside, inside, remote] {
        let path = file.path().to_owned();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
        drop(file);
        assert!(!path.exists());
    }
}

#[tokio::test]
async fn an_object_comes_in_pieces() {
    let folder = tempfile::tempdir().unwrap();
    let local = Store::open(folder.path().to_str().unwrap()).unwrap();
    let content = Bytes::from(b"a;b\n".repeat(100_000));
    for store in [local, Store::memory()] {
        store.put("d/e", content.clone()).await.unwrap();
        let (size, pieces) = store.pieces("d/e").await.unwrap();
        assert_eq!(size, content.len() as u64);
        let pieces: Vec<Bytes> = pieces.try_collect().await.unwrap();
        assert_eq!(pieces.concat(), content);
        let absent = store.pieces("d/f").await.map(|_| ());
        assert!(matches!(absent, Err(StoreError::NotFound { .. })));
    }
}

#[test]
fn locations_are_explained() {
    for location in ["", "ftp://server", "gs://", "s3://"] {
        let message = Store::open(location).unwrap_err().to_string();
        assert!(message.contains("cannot open the store"), "{message}");
    }
}
