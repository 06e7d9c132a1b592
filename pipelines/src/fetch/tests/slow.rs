//! Servers that take their time: nobody else waits for them for long.

use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;

use super::server::{Server, head, response};
use super::*;

/// A server that gives a byte of every body now and then, without end.
async fn dripping() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                head(&mut stream).await;
                let begin = b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n";
                let mut written = stream.write_all(begin).await;
                while written.is_ok() {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                    written = stream.write_all(b"a").await;
                }
            });
        }
    });
    url
}

/// Asks eight dripping sources and a healthy one, two at once; gives what became of each, by name.
async fn beside_dripping(settings: Settings) -> (BTreeMap<String, Outcome>, usize) {
    let settings = Settings {
        at_once: 2,
        per_host: 9,
        idle_timeout: Duration::from_millis(300),
        ..settings
    };
    let slow = dripping().await;
    let server = Server::start(|_| response("200 OK", &[], CSV)).await;
    // So many that the healthy one is hardly ever among the first.
    let mut sources: Vec<Arc<Source>> = ["a", "b", "c", "d", "e", "f", "g", "h"]
        .iter()
        .map(|name| at(name, &format!("{slow}/{name}.csv")))
        .collect();
    sources.push(at("healthy", &format!("{}/liste.csv", server.url)));
    let fetched = fetch(
        &sources,
        &Remembered::default(),
        &settings,
        &Store::memory(),
    )
    .await;
    let outcomes = fetched.into_iter();
    let outcomes = outcomes.map(|one| (one.source.source_id.clone(), one.outcome));
    (outcomes.collect(), server.seen().len())
}

#[tokio::test]
async fn a_healthy_source_does_not_wait_for_slow_ones() {
    let patient = Settings {
        budget: Duration::from_secs(5),
        least_rate: 0,
        ..settings()
    };
    let (mut outcomes, asked) = beside_dripping(patient).await;
    assert_eq!(asked, 1);
    let healthy = outcomes.remove("healthy").unwrap();
    assert_eq!(files(healthy)[0].1, CSV);
    for (name, outcome) in outcomes {
        let error = failure(outcome);
        assert!(
            matches!(*error.cause, Cause::Budget { .. }),
            "{name}: {error}"
        );
    }
}

#[tokio::test]
async fn what_hardly_comes_is_given_up_and_not_asked_for_again() {
    let begun = Instant::now();
    let hurried = Settings {
        least_rate: 10_000,
        ..settings()
    };
    let budget = hurried.budget;
    let (outcomes, _) = beside_dripping(hurried).await;
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
