//! Servers that take their time: nobody else waits for them for long.

use std::sync::atomic::{AtomicBool, Ordering};

use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;

use super::server::{Server, head, response};
use super::*;

/// A server that gives a row of every list now and then, without end until that comes.
async fn dripping(end: &Arc<AtomicBool>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let end = Arc::clone(end);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let end = Arc::clone(&end);
            tokio::spawn(async move {
                head(&mut stream).await;
                let begin = b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n\
                    Name;Betrag\nVerein A;1,00\n";
                let mut written = stream.write_all(begin).await;
                while written.is_ok() && !end.load(Ordering::SeqCst) {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                    written = stream.write_all(b"Verein A;1,00\n").await;
                }
                // A client that has given up may be gone.
                let _ = stream.shutdown().await;
            });
        }
    });
    url
}

/// Asks dripping sources of these names and a healthy one, two at once; gives what became of each, by name. `asked` is set when
/// the list of the healthy one is asked for, and `end` ends those that drip.
///
/// The list of the healthy one stands behind a redirect, and whoever waits comes before whoever asks again: so those that drip have
/// both turns before it is asked for, if they are two or more, whichever source is the first.
async fn beside_dripping(
    names: &[&str],
    asked: &Arc<AtomicBool>,
    end: &Arc<AtomicBool>,
    settings: Settings,
) -> BTreeMap<String, Outcome> {
    let settings = Settings {
        at_once: 2,
        per_host: 9,
        ..settings
    };
    let slow = dripping(end).await;
    let asked = Arc::clone(asked);
    let server = Server::start(move |request| {
        if request.path == "/" {
            return response("302 Found", &["location: /liste.csv"], b"");
        }
        asked.store(true, Ordering::SeqCst);
        response("200 OK", &[], CSV)
    })
    .await;
    let mut sources: Vec<Arc<Source>> = (names.iter())
        .map(|name| at(name, &format!("{slow}/{name}.csv")))
        .collect();
    sources.push(at("healthy", &format!("{}/", server.url)));
    let fetched = fetch(
        &sources,
        &Remembered::default(),
        &settings,
        &Store::memory(),
    )
    .await;
    let outcomes = fetched.into_iter();
    let outcomes = outcomes.map(|one| (one.source.source_id.clone(), one.outcome));
    outcomes.collect()
}

/// Those that drip end when the healthy one is asked, and no sooner: if that waits for one of them to end, none of them ever does.
#[tokio::test]
async fn a_healthy_source_does_not_wait_for_slow_ones() {
    let patient = Settings {
        // Long beside any pause that a busy machine makes, which would be taken for one of the server.
        idle_timeout: Duration::from_secs(3),
        least_rate: 0,
        // Whoever drips has one turn, and keeps it until it ends.
        attempts: 1,
        ..settings()
    };
    let asked = Arc::new(AtomicBool::new(false));
    let mut outcomes = beside_dripping(&["a", "b"], &asked, &asked, patient).await;
    assert!(asked.load(Ordering::SeqCst));
    let healthy = outcomes.remove("healthy").unwrap();
    assert_eq!(files(healthy)[0].1, CSV);
    assert_eq!(outcomes.len(), 2);
    for (name, outcome) in outcomes {
        let files = files(outcome);
        assert!(files[0].1.starts_with(b"Name;Betrag\n"), "{name}");
    }
}

#[tokio::test]
async fn what_takes_long_after_it_arrived_ends_with_the_budget_and_gives_way_to_others() {
    let hurried = Settings {
        budget: Duration::from_millis(400),
        idle_timeout: Duration::from_millis(50),
        ..settings()
    };
    let store = Store::memory();
    let mut web = Web::new(&hurried, &store, Instant::now());
    let begun = Instant::now();
    web.deadline = begun + hurried.budget;
    let long = || {
        std::thread::sleep(Duration::from_secs(2));
        Ok(())
    };
    let short = async {
        tokio::time::sleep(Duration::from_millis(20)).await;
        web.giving_way(&web.unpacking, || Ok(Instant::now())).await
    };
    let long = web.in_time(web.giving_way(&web.unpacking, long));
    let (long, short) = tokio::join!(long, web.in_time(short));
    assert!(begun.elapsed() < Duration::from_secs(2));
    assert!(matches!(long, Err(Cause::Budget { last: None })));
    let waited = short.unwrap().duration_since(begun);
    assert!(waited >= hurried.idle_timeout, "{waited:?}");
}

#[tokio::test]
async fn what_hardly_comes_is_given_up_and_not_asked_for_again() {
    let begun = Instant::now();
    let hurried = Settings {
        idle_timeout: Duration::from_millis(300),
        least_rate: 10_000,
        ..settings()
    };
    let budget = hurried.budget;
    let names = ["a", "b", "c", "d", "e", "f", "g", "h"];
    let (asked, never) = (Arc::default(), Arc::default());
    let outcomes = beside_dripping(&names, &asked, &never, hurried).await;
    assert!(begun.elapsed() < budget / 2);
    let slow = outcomes.into_iter().filter(|(name, _)| name != "healthy");
    for (name, outcome) in slow {
        let error = failure(outcome);
        assert!(
            matches!(*error.cause, Cause::Slow { .. }),
            "{name}: {error}"
        );
        assert_eq!(error.attempts, 1, "{name}");
    }
}
