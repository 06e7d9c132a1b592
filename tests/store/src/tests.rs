//! Each fault does what it says, once, and everything else passes.

use std::time::{Duration, Instant};

use futures::TryStreamExt;
use object_store::memory::InMemory;

use super::*;

/// A store in which `a` is "one", behind faults.
async fn store(faults: &[(usize, Fault)]) -> (Arc<InMemory>, Faulty) {
    let inner = Arc::new(InMemory::new());
    inner.put(&Path::from("a"), "one".into()).await.unwrap();
    let faulty = Faulty::new(
        Arc::clone(&inner) as Arc<dyn ObjectStore>,
        faults.iter().copied(),
    );
    (inner, faulty)
}

async fn read(store: &dyn ObjectStore, path: &str) -> Result<Bytes> {
    store.get(&Path::from(path)).await?.bytes().await
}

#[tokio::test]
async fn a_fault_strikes_the_nth_operation_once() {
    let (inner, faulty) = store(&[(1, Fault::Fail)]).await;
    assert_eq!(read(&faulty, "a").await.unwrap(), "one");
    let failed = faulty.put(&Path::from("b"), "two".into()).await;
    let message = failed.unwrap_err().to_string();
    assert!(message.contains("PUT b"), "{message}");
    assert!(read(inner.as_ref(), "b").await.is_err(), "nothing was done");
    faulty.put(&Path::from("b"), "two".into()).await.unwrap();
    assert_eq!(faulty.struck().len(), 1);
}

#[tokio::test]
async fn a_lost_answer_follows_what_was_done() {
    let (inner, faulty) = store(&[(0, Fault::Lose)]).await;
    assert_eq!(
        read(&faulty, "a").await.unwrap(),
        "one",
        "reads do not count"
    );
    assert!(faulty.delete(&Path::from("a")).await.is_err());
    assert!(read(inner.as_ref(), "a").await.is_err(), "it was removed");
}

#[tokio::test]
async fn half_of_a_body_is_read_and_written() {
    let (_, faulty) = store(&[(0, Fault::Truncate), (0, Fault::Truncate)]).await;
    assert_eq!(read(&faulty, "a").await.unwrap(), "o");
    assert!(faulty.get_range(&Path::from("a"), 0..3).await.is_err());
    assert_eq!(read(&faulty, "a").await.unwrap(), "one");

    let (inner, faulty) = store(&[(0, Fault::Truncate)]).await;
    assert!(faulty.put(&Path::from("b"), "four".into()).await.is_err());
    assert_eq!(read(inner.as_ref(), "b").await.unwrap(), "fo");
}

#[tokio::test]
async fn a_repeated_create_finds_its_own_object() {
    let (inner, faulty) = store(&[(0, Fault::Repeat)]).await;
    let create = PutOptions::from(PutMode::Create);
    let path = Path::from("b");
    let answer = faulty.put_opts(&path, "two".into(), create).await;
    assert!(matches!(answer, Err(Error::AlreadyExists { .. })));
    assert_eq!(read(inner.as_ref(), "b").await.unwrap(), "two");
}

#[tokio::test]
async fn a_delay_is_no_error_and_a_list_can_fail() {
    let time = Duration::from_millis(20);
    let (_, faulty) = store(&[(0, Fault::Delay(time)), (1, Fault::Fail)]).await;
    let begun = Instant::now();
    let all: Vec<ObjectMeta> = faulty.list(None).try_collect().await.unwrap();
    assert!(all.len() == 1 && begun.elapsed() >= time);
    assert!(faulty.list(None).try_collect::<Vec<_>>().await.is_err());
}
