//! Fetching against a server that does what publishers' servers do.

mod contents;
mod server;
mod slow;

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;

use super::*;
use crate::snapshot::Origin;
use server::{Server, response, short};

const CSV: &[u8] = b"Name;Betrag\nVerein A;1,00\nVerein B;2,00\n";
const HTML: &[u8] =
    b"<!DOCTYPE html><html><head><title>Fehler</title></head><body>Wartung</body></html>";

fn settings() -> Settings {
    Settings {
        budget: Duration::from_secs(30),
        idle_timeout: Duration::from_secs(10),
        first_pause: Duration::from_millis(5),
        longest_pause: Duration::from_millis(50),
        host_pause: Duration::ZERO,
        direct: true,
        ..Settings::default()
    }
}

/// A source of CSV lists with a `[fetch]` table.
fn source(id: &str, fetch: &str) -> Arc<Source> {
    let toml = format!(
        "title = \"{id}\"\npublisher = \"Muster\"\nkind = \"operations\"\n\
         [format]\nkind = \"csv\"\ndelimiter = \";\"\n[fetch]\n{fetch}\n"
    );
    let texts = BTreeMap::from([
        ("source.toml".to_string(), toml),
        ("mapping.toml".to_string(), String::new()),
    ]);
    Arc::new(Source::parse(id, texts).unwrap())
}

fn at(id: &str, url: &str) -> Arc<Source> {
    source(id, &format!("url = \"{url}\""))
}

async fn one(source: &Arc<Source>, remembered: &Remembered, settings: &Settings) -> Outcome {
    let store = Store::memory();
    let mut fetched = fetch(&[Arc::clone(source)], remembered, settings, &store).await;
    assert_eq!(fetched.len(), 1);
    fetched.remove(0).outcome
}

/// What a source gives that was never fetched before.
async fn first(source: &Arc<Source>) -> Outcome {
    one(source, &Remembered::default(), &settings()).await
}

fn files(outcome: Outcome) -> Vec<(String, Bytes)> {
    match outcome {
        // What waits is there until the end of this.
        Outcome::New {
            files,
            waiting: _waiting,
            ..
        } => files
            .into_iter()
            .map(|file| (file.file_name.clone(), file.load().unwrap()))
            .collect(),
        other => panic!("expected files, found {other:?}"),
    }
}

fn failure(outcome: Outcome) -> FetchError {
    match outcome {
        Outcome::Failed(error) => error,
        other => panic!("expected a failure, found {other:?}"),
    }
}

/// Remembers what one run gave.
async fn remembered(source: &Arc<Source>) -> Remembered {
    let mut remembered = Remembered::default();
    let store = Store::memory();
    let fetched = fetch(&[Arc::clone(source)], &remembered, &settings(), &store).await;
    remembered.update(&fetched);
    remembered
}

#[tokio::test]
async fn what_did_not_change_is_not_sent_again() {
    let server = Server::start(|request| {
        if request.head.contains("if-none-match: \"v1\"") {
            response("304 Not Modified", &[], b"")
        } else {
            let marks = [
                "etag: \"v1\"",
                "last-modified: Tue, 05 Nov 2024 02:00:00 GMT",
            ];
            response("200 OK", &marks, CSV)
        }
    })
    .await;
    let source = at("one", &format!("{}/listen/liste.csv?token=abc", server.url));
    let remembered = remembered(&source).await;
    let known = remembered.get("one").unwrap();
    assert!(
        known.url.ends_with("/listen/liste.csv?token=***"),
        "{}",
        known.url
    );
    assert_eq!(known.files[0].file_name, "liste.csv");
    assert_eq!(known.files[0].bytes, CSV.len() as u64);
    match one(&source, &remembered, &settings()).await {
        Outcome::Unchanged { remember } => assert_eq!(&remember, known),
        other => panic!("{other:?}"),
    }
    let seen = server.seen();
    assert!(!seen[0].head.contains("if-none-match"));
    assert!(seen[0].head.contains("user-agent: esf/"));
    assert!(seen[1].head.contains("if-modified-since: tue, 05 nov 2024"));

    let elsewhere = at("one", &format!("{}/andere.csv", server.url));
    assert!(matches!(
        one(&elsewhere, &remembered, &settings()).await,
        Outcome::Unchanged { .. }
    ));
    assert!(!server.seen()[2].head.contains("if-none-match"));
}

#[tokio::test]
async fn the_same_bytes_are_no_news_whatever_the_server_says() {
    let server = Server::start(|request| {
        let etag = format!("etag: \"v{}\"", request.before);
        let named = format!(
            "content-disposition: attachment; filename=\"export_{}.csv\"",
            request.before
        );
        response("200 OK", &[&etag, &named], CSV)
    })
    .await;
    let source = at("one", &format!("{}/download", server.url));
    let mut remembered = remembered(&source).await;
    let store = Store::memory();
    let again = fetch(&[Arc::clone(&source)], &remembered, &settings(), &store).await;
    assert!(matches!(again[0].outcome, Outcome::Unchanged { .. }));
    remembered.update(&again);
    let known = remembered.get("one").unwrap();
    assert_eq!(known.etag.as_deref(), Some("\"v1\""));
    assert_eq!(known.files[0].file_name, "export_0.csv");
}

#[tokio::test]
async fn a_name_that_is_declared_counts_also_where_the_bytes_are_those_of_the_last_time() {
    let server = Server::start(|_| response("200 OK", &[], CSV)).await;
    let url = format!("url = \"{}/liste.csv\"", server.url);
    let remembered = remembered(&source("one", &url)).await;
    let named = source("one", &format!("{url}\nfile_name = \"a_2025-01-01.csv\""));
    match one(&named, &remembered, &settings()).await {
        Outcome::Unchanged { remember } => {
            assert_eq!(remember.files[0].file_name, "a_2025-01-01.csv");
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn redirects_are_followed_but_not_for_ever() {
    let server = Server::start(|request| match request.path.as_str() {
        "/alt" => response("301 Moved Permanently", &["location: /neu/"], b""),
        "/neu/" => response("302 Found", &["location: liste.csv"], b""),
        "/neu/liste.csv" => response("200 OK", &[], CSV),
        "/file" => response("302 Found", &["location: file:///etc/passwd"], b""),
        "/ftp" => {
            let to = "location: ftp://anna:geheim@127.0.0.1/liste.csv";
            response("302 Found", &[to], b"")
        }
        _ => response("307 Temporary Redirect", &["location: /kreis"], b""),
    })
    .await;
    let found = files(first(&at("one", &format!("{}/alt", server.url))).await);
    assert_eq!(found, [("liste.csv".to_string(), Bytes::from_static(CSV))]);
    let error = failure(first(&at("one", &format!("{}/kreis", server.url))).await);
    assert!(matches!(*error.cause, Cause::Redirects { limit: 10 }));
    let error = failure(first(&at("one", &format!("{}/file", server.url))).await);
    assert!(matches!(*error.cause, Cause::NoAddress { .. }), "{error}");
    let error = failure(first(&at("one", &format!("{}/ftp", server.url))).await);
    let message = error.to_string();
    assert!(
        message.contains("ftp://***@127.0.0.1/liste.csv"),
        "{message}"
    );
}

#[test]
fn nothing_leads_from_https_to_less() {
    let from = Url::parse("https://example.org/a/").unwrap();
    let refused = web::step(&from, &from, "http://example.org/b?key=1").unwrap_err();
    assert!(matches!(&refused, Cause::Insecure { to } if to == "http://example.org/b?key=***"));
    assert_eq!(
        web::step(&from, &from, "//cdn.example/b").unwrap().as_str(),
        "https://cdn.example/b"
    );
}

#[tokio::test]
async fn nothing_leads_from_elsewhere_into_this_network() {
    let server = Server::start(|_| response("200 OK", &[], CSV)).await;
    let (settings, store) = (settings(), Store::memory());
    let web = Web::new(&settings, &store, Instant::now() + settings.budget);
    let declared = Url::parse("https://192.0.2.1/esf").unwrap();
    let found = Url::parse(&format!("{}/liste.csv", server.url)).unwrap();
    let trouble = web.get(&declared, &found, None, 100).await.err().unwrap();
    assert!(matches!(&*trouble.cause, Cause::Inside { to } if *to == found.as_str()));
    assert_eq!(trouble.url, declared);
    assert!(server.seen().is_empty());
    // Whoever declares it means it.
    let meant = web.get(&found, &found, None, 100).await;
    assert!(matches!(meant, Ok(Answer::Arrived(_))));
}

#[tokio::test]
async fn a_server_out_of_breath_is_asked_again() {
    let server = Server::start(|request| match request.before {
        0 => response("503 Service Unavailable", &[], b"later"),
        1 => response("429 Too Many Requests", &["retry-after: 1"], b""),
        2 => short(CSV.len(), &CSV[..10]),
        _ => response("200 OK", &[], CSV),
    })
    .await;
    let begun = Instant::now();
    let patient = Settings {
        longest_pause: Duration::from_secs(2),
        ..settings()
    };
    let source = at("one", &format!("{}/liste.csv", server.url));
    let found = files(one(&source, &Remembered::default(), &patient).await);
    assert_eq!(found[0].1, CSV);
    assert_eq!(server.seen().len(), 4);
    assert!(begun.elapsed() >= Duration::from_secs(1));
}

#[tokio::test]
async fn a_server_that_asks_for_hours_is_left_alone() {
    let server = Server::start(|_| {
        let later = "retry-after: 3600";
        response("429 Too Many Requests", &[later], b"")
    })
    .await;
    let sources = ["a", "b", "c", "d"].map(|name| at(name, &format!("{}/{name}", server.url)));
    let polite = Settings {
        per_host: 1,
        ..settings()
    };
    let (none, store) = (Remembered::default(), Store::memory());
    let fetched = fetch(&sources, &none, &polite, &store).await;
    assert_eq!(server.seen().len(), 1, "no source asks again, nor another");
    let messages = fetched.into_iter().map(|one| failure(one.outcome));
    let messages: Vec<String> = messages.map(|error| error.to_string()).collect();
    let of = |part: &str| messages.iter().filter(|text| text.contains(part)).count();
    assert_eq!(of("answered 429 and asks to be left alone for 3600 s"), 1);
    assert_eq!(of("its server has asked to be left alone for"), 3);
}

#[tokio::test]
async fn what_stays_wrong_fails_with_what_to_do() {
    let server = Server::start(|request| match request.path.as_str() {
        "/kurz.csv" => short(CSV.len(), &CSV[..10]),
        _ => response("404 Not Found", &[], HTML),
    })
    .await;
    let url = server.url.replace("http://", "http://anna:geheim@");
    let error = failure(first(&at("one", &format!("{url}/weg.csv"))).await);
    assert_eq!(error.attempts, 1);
    let message = error.to_string();
    assert!(
        message.starts_with("source one: http://***@127.0.0.1"),
        "{message}"
    );
    assert!(
        message.contains("404; the publisher moved or removed the file"),
        "{message}"
    );
    assert!(server.seen()[0].head.contains("authorization: basic"));

    let error = failure(first(&at("one", &format!("{url}/kurz.csv"))).await);
    assert!(matches!(*error.cause, Cause::Interrupted { .. }), "{error}");
    assert_eq!(error.attempts, settings().attempts);
    assert!(error.to_string().contains("(asked 5 times)"), "{error}");
}

#[tokio::test]
async fn one_failure_stops_no_other_source() {
    let server = Server::start(|_| response("200 OK", &[], CSV)).await;
    let closed = {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        format!("http://{}/liste.csv", listener.local_addr().unwrap())
    };
    let unfetched = {
        let toml = "title = \"x\"\npublisher = \"Muster\"\nkind = \"operations\"\n";
        let texts = BTreeMap::from([("source.toml".to_string(), toml.to_string())]);
        Arc::new(Source::parse("none", texts).unwrap())
    };
    let sources = [
        at("closed", &closed),
        unfetched,
        at("open", &format!("{}/liste.csv", server.url)),
    ];
    let (none, store) = (Remembered::default(), Store::memory());
    let mut fetched = fetch(&sources, &none, &settings(), &store).await;
    let ids: Vec<&str> = fetched
        .iter()
        .map(|f| f.source.source_id.as_str())
        .collect();
    assert_eq!(ids, ["closed", "open"]);
    assert_eq!(files(fetched.remove(1).outcome)[0].1, CSV);
    let error = failure(fetched.remove(0).outcome);
    assert!(matches!(*error.cause, Cause::Connect { .. }), "{error}");
    assert_eq!(error.attempts, 5);
}

#[tokio::test]
async fn the_budget_ends_patience() {
    let server = Server::start(|_| response("503 Service Unavailable", &[], b"")).await;
    let hurried = Settings {
        budget: Duration::from_millis(300),
        attempts: u32::MAX,
        ..settings()
    };
    let begun = Instant::now();
    let busy = at("busy", &format!("{}/liste.csv", server.url));
    let error = failure(one(&busy, &Remembered::default(), &hurried).await);
    assert!(begun.elapsed() < Duration::from_secs(5));
    assert!(
        matches!(*error.cause, Cause::Budget { last: Some(_) }),
        "{error}"
    );
    assert!(error.attempts > 1);
    assert!(
        error.to_string().contains("the server answered 503"),
        "{error}"
    );
}
