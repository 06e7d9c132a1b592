//! A warehouse on S3: the samples are published to a server that speaks its protocol (moto), with the same content as
//! on a disk, and read back from there, also by other engines through its Delta logs.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use libtest_mimic::Trial;

use crate::{delta, python, trial};

pub(crate) fn trials() -> Vec<Trial> {
    let absent = python::program("moto_server").is_none();
    vec![trial("s3::published_and_read_back", published).with_ignored_flag(absent)]
}

/// A server that ends with the test.
pub(crate) struct Server {
    process: Child,
    /// Where it listens.
    pub(crate) address: String,
}

impl Server {
    /// Starts a server on a port that the system gives, with an empty bucket.
    pub(crate) fn start(folder: &Path) -> Self {
        let program = python::program("moto_server").expect("it is installed");
        let mut process = Command::new(program)
            .args(["-H", "127.0.0.1", "-p", "0"])
            .current_dir(folder)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the server starts");
        let mut lines = BufReader::new(process.stderr.take().expect("its messages")).lines();
        let address = lines
            .by_ref()
            .map(Result::unwrap)
            .find_map(|line| Some(line.split_once("http://")?.1.trim().to_owned()))
            .expect("the server says where it listens");
        // Its messages must be read, or it stops when the pipe is full.
        std::thread::spawn(move || lines.for_each(drop));
        let server = Self { process, address };
        server.put("/warehouse", b"");
        server
    }

    /// Makes a bucket or an object, by its path.
    pub(crate) fn put(&self, path: &str, bytes: &[u8]) {
        let Self { address, .. } = self;
        let mut connection = TcpStream::connect(address).expect("the server listens");
        let length = bytes.len();
        let head = format!(
            "PUT {path} HTTP/1.1\r\nHost: {address}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
        );
        connection.write_all(head.as_bytes()).unwrap();
        connection.write_all(bytes).unwrap();
        let mut answer = String::new();
        connection.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }

    fn esf(&self, folder: &Path, arguments: &[&str]) -> (Option<i32>, String) {
        let output = Command::new(env!("CARGO_BIN_EXE_esf"))
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .envs(settings(&self.address))
            .current_dir(folder)
            .args(arguments)
            .output()
            .expect("the command starts");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (
            output.status.code(),
            text(&output.stdout) + &text(&output.stderr),
        )
    }
}

/// The settings by which programs reach a server; endpoints have two names.
pub(crate) fn settings(address: &str) -> [(&'static str, String); 6] {
    let endpoint = format!("http://{address}");
    [
        ("AWS_ENDPOINT", endpoint.clone()),
        ("AWS_ENDPOINT_URL", endpoint),
        ("AWS_ALLOW_HTTP", "true".to_owned()),
        ("AWS_REGION", "eu-north-1".to_owned()),
        ("AWS_ACCESS_KEY_ID", "made".to_owned()),
        ("AWS_SECRET_ACCESS_KEY", "up".to_owned()),
    ]
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn published() {
    const REMOTE: &str = "s3://warehouse/esf";
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path());
    let run = |arguments: &[&str]| {
        let (code, printed) = server.esf(folder.path(), arguments);
        assert_eq!(code, Some(0), "{arguments:?}: {printed}");
        printed
    };
    let hash = |warehouse: &str| {
        let query = ["releases", "--warehouse", warehouse, "--format", "json"];
        let releases: serde_json::Value = serde_json::from_str(&run(&query)).unwrap();
        assert_eq!(releases.as_array().map(Vec::len), Some(1), "{releases}");
        releases[0]["content_hash"].as_str().unwrap().to_owned()
    };
    run(&["nightly", "--samples", "--warehouse", REMOTE]);
    run(&["nightly", "--samples", "--warehouse", "on_disk"]);
    assert_eq!(hash(REMOTE), hash("on_disk"));

    let again = run(&["nightly", "--samples", "--warehouse", REMOTE]);
    assert!(
        again.contains("nothing has changed since release 1"),
        "{again}"
    );
    run(&["verify", "--warehouse", REMOTE]);
    let count = |warehouse: &str| {
        let query = "SELECT count(*) AS n, sum(amount) AS total FROM operation_amount";
        run(&["sql", query, "--warehouse", warehouse, "--format", "csv"])
    };
    assert_eq!(count(REMOTE), count("on_disk"));
    if !delta::absent() {
        let on_disk = folder.path().join("on_disk");
        delta::compare(&on_disk, REMOTE, &settings(&server.address));
    }
}
