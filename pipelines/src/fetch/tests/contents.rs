//! What arrives: packed, too large, something else than declared, behind a page, in an archive, without a server.

use std::io::{Cursor, Write};

use flate2::{Compression, write::GzEncoder};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::server::{Server, response};
use super::*;
use crate::read::Readers;

fn gzipped(content: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

fn zipped(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in members {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[tokio::test]
async fn packed_bodies_are_unpacked() {
    let server = Server::start(|request| match request.path.as_str() {
        "/br" => response("200 OK", &["content-encoding: br"], CSV),
        "/wort" => response("200 OK", &["content-encoding: UTF-8"], CSV),
        "/seite" => response("200 OK", &["content-encoding: none"], HTML),
        _ => response("200 OK", &["content-encoding: gzip"], &gzipped(CSV)),
    })
    .await;
    let found = files(first(&at("one", &format!("{}/liste.csv", server.url))).await);
    assert_eq!(found[0].1, CSV);
    assert!(server.seen()[0].head.contains("accept-encoding: gzip"));
    let error = failure(first(&at("one", &format!("{}/br", server.url))).await);
    assert!(matches!(&*error.cause, Cause::Coding { coding } if coding == "br"));
    // What is no coding is passed over, and what comes is looked at.
    let found = files(first(&at("one", &format!("{}/wort", server.url))).await);
    assert_eq!(found[0].1, CSV);
    let error = failure(first(&at("one", &format!("{}/seite", server.url))).await);
    assert!(matches!(*error.cause, Cause::Content { .. }), "{error}");
}

#[tokio::test]
async fn what_is_too_large_is_given_up() {
    let large = b"a;b\n".repeat(1 << 20);
    let server = Server::start(move |request| match request.path.as_str() {
        "/gzip" => response("200 OK", &["content-encoding: gzip"], &gzipped(&large)),
        "/endless" => {
            let mut answer = b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n".to_vec();
            answer.extend_from_slice(&large);
            answer
        }
        _ => response("200 OK", &[], &large),
    })
    .await;
    for path in ["plain", "gzip", "endless"] {
        let table = format!("url = \"{}/{path}\"\nmax_bytes = 100000", server.url);
        let error = failure(first(&source("one", &table)).await);
        assert!(
            matches!(*error.cause, Cause::TooLarge { limit: 100_000 }),
            "{path}: {error}"
        );
    }
}

#[tokio::test]
async fn an_error_page_is_no_list() {
    let server = Server::start(|request| match request.path.as_str() {
        "/leer.csv" => response("200 OK", &[], b" \n"),
        _ => response("200 OK", &["content-type: text/csv"], HTML),
    })
    .await;
    let error = failure(first(&at("one", &format!("{}/liste.csv", server.url))).await);
    let message = error.to_string();
    assert!(
        message.contains("expected csv, but this is an HTML page"),
        "{message}"
    );
    let error = failure(first(&at("one", &format!("{}/leer.csv", server.url))).await);
    assert!(error.to_string().contains("the file is empty"), "{error}");
}

#[tokio::test]
async fn the_newest_link_of_a_page_is_taken() {
    const PAGE: &str = "<html><body><a href='../impressum'>x</a>\
        <a href='l_31.12.2022.csv'>2022</a><a href='l_01.03.2024.csv'>2024</a>\
        <a href='l_02.02.2023.csv'>2023</a></body></html>";
    let server = Server::start(|request| match request.path.as_str() {
        "/esf" => response("302 Found", &["location: /esf/listen/"], b""),
        "/esf/listen/" => response("200 OK", &[], PAGE.as_bytes()),
        "/esf/listen/l_01.03.2024.csv" => response("200 OK", &[], CSV),
        _ => response("404 Not Found", &[], b""),
    })
    .await;
    let table = |pattern: &str| format!("page = \"{}/esf\"\nlink = '{pattern}'", server.url);
    let source_of = |pattern: &str| source("one", &table(pattern));
    let found = files(first(&source_of(r"l_(\d\d\.\d\d\.\d{4})\.csv$")).await);
    assert_eq!(found[0].0, "l_01.03.2024.csv");
    let error = failure(first(&source_of(r"\.xlsx$")).await);
    assert!(
        matches!(*error.cause, Cause::NoLink { links: 4, .. }),
        "{error}"
    );
}

#[tokio::test]
async fn a_landing_page_is_taken_apart_where_readers_are() {
    let server = Server::start(|request| match request.path.as_str() {
        "/tief" => response("200 OK", &[], "<div>".repeat(100_000).as_bytes()),
        "/esf" => response("200 OK", &[], b"<a href='liste.csv'>Liste</a>"),
        _ => response("200 OK", &[], CSV),
    })
    .await;
    let of = |path: &str| {
        let table = format!("page = \"{}/{path}\"\nlink = '\\.csv$'", server.url);
        source("one", &table)
    };
    let none = Remembered::default();
    let with = |readers| Settings {
        readers,
        ..settings()
    };
    let found = files(one(&of("esf"), &none, &with(None)).await);
    assert_eq!(found[0].0, "liste.csv");
    let error = failure(one(&of("tief"), &none, &with(None)).await);
    assert!(matches!(*error.cause, Cause::Page(_)), "{error}");
    assert!(error.to_string().contains("broken or hostile"), "{error}");
    let nobody = Readers::new("there/is/no/such/program", &[]);
    let error = failure(one(&of("esf"), &none, &with(Some(nobody))).await);
    assert!(matches!(*error.cause, Cause::Page(_)), "{error}");
    let message = error.to_string();
    assert!(message.contains("it could not be started"), "{message}");
    assert_eq!(server.seen().len(), 4, "no list without its link");
}

#[tokio::test]
async fn members_of_an_archive_are_the_files() {
    let zeros = vec![b'0'; 8 << 20];
    let server = Server::start(move |request| match request.path.as_str() {
        "/liste.zip" => {
            let zip = zipped(&[
                ("readme.txt", b"x"),
                ("daten/a.csv", CSV),
                ("b.csv", b"c;d\n1;2\n"),
            ]);
            response("200 OK", &[], &zip)
        }
        "/seite.zip" => response("200 OK", &[], &zipped(&[("a.csv", HTML)])),
        "/bombe.zip" => response("200 OK", &[], &zipped(&[("a.csv", zeros.as_slice())])),
        _ => response("200 OK", &[], HTML),
    })
    .await;
    let of = |name: &str| {
        let table = format!("url = \"{}/{name}\"\nmember = \"*.csv\"", server.url);
        source("one", &table)
    };
    let found = files(first(&of("liste.zip")).await);
    let names: Vec<&str> = found.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["a.csv", "b.csv"]);
    assert_eq!(found[0].1, CSV);
    for (name, part) in [
        ("seite.zip", "a.csv: expected csv"),
        ("bombe.zip", "this is how archive bombs look"),
        ("keins.zip", "expected a zip archive"),
    ] {
        let message = failure(first(&of(name)).await).to_string();
        assert!(message.contains(part), "{message}");
    }
}

#[tokio::test]
async fn a_file_of_this_machine_is_fetched_like_any_other() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("Liste neu.csv");
    std::fs::write(&path, CSV).unwrap();
    let url = Url::from_file_path(&path).unwrap();
    let source = at("one", url.as_str());
    let outcome = first(&source).await;
    let Outcome::New { files: found, .. } = &outcome else {
        panic!("{outcome:?}");
    };
    let Origin::Path(waits) = &found[0].origin else {
        panic!("{found:?}");
    };
    let waits = waits.clone();
    assert_ne!(waits, path);
    assert_eq!(
        files(outcome),
        [("Liste neu.csv".to_string(), Bytes::from_static(CSV))]
    );
    assert!(!waits.exists(), "nothing stays behind");
    let remembered = remembered(&source).await;
    assert!(matches!(
        one(&source, &remembered, &settings()).await,
        Outcome::Unchanged { .. }
    ));
    std::fs::remove_file(&path).unwrap();
    let error = failure(one(&source, &remembered, &settings()).await);
    assert!(matches!(*error.cause, Cause::Unread(_)), "{error}");
}

#[tokio::test]
async fn an_object_that_is_not_there_is_told() {
    let error = failure(first(&at("one", "memory://x/liste.csv")).await);
    assert!(matches!(*error.cause, Cause::Store(_)), "{error}");
    let error = failure(first(&at("one", "gopher://x/liste.csv")).await);
    assert!(error.to_string().contains("use a folder"), "{error}");
}
