//! Warehouses on object storage: servers that speak a vendor's protocol, and what holds at every vendor's. The samples
//! are published with the same content as on a disk, and read back from there, also by other engines through the Delta
//! logs.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::command::{Seen, program};
use crate::delta;

/// How long a server may take until it listens.
const PATIENCE: Duration = Duration::from_mins(1);

/// How a vendor's storage is named, reached and written without a client.
pub(crate) struct Vendor {
    /// Of addresses.
    pub(crate) scheme: &'static str,
    /// Where on the server the objects of the bucket `warehouse` lie.
    pub(crate) bucket: &'static str,
    /// What the address of a request that writes ends with.
    pub(crate) query: &'static str,
    /// A header of such a request.
    pub(crate) header: &'static str,
    /// The variables by which programs reach a server.
    pub(crate) settings: fn(&str) -> Vec<(&'static str, String)>,
}

/// A server that ends with the test.
pub(crate) struct Cloud {
    process: Child,
    vendor: &'static Vendor,
    /// Where it listens.
    pub(crate) address: String,
}

impl Cloud {
    /// Starts a server on a port that the system gives. It says where it listens, as `http://…` at the end of a line.
    pub(crate) fn start(vendor: &'static Vendor, command: &mut Command, folder: &Path) -> Self {
        let log = folder.join("server.log");
        // To a file, since a server stops when nobody reads the pipe that it prints to.
        let file = File::create(&log).unwrap();
        let process = command
            .current_dir(folder)
            .stdout(Stdio::from(file.try_clone().unwrap()))
            .stderr(Stdio::from(file))
            .spawn()
            .expect("the server starts");
        let mut cloud = Self {
            process,
            vendor,
            address: String::new(),
        };
        let begun = Instant::now();
        while cloud.address.is_empty() {
            let said = fs::read_to_string(&log).unwrap();
            assert!(begun.elapsed() < PATIENCE, "the server says only: {said}");
            let mut lines = said.split_inclusive('\n').filter(|l| l.ends_with('\n'));
            if let Some((_, address)) = lines.find_map(|line| line.split_once("http://")) {
                address.trim().clone_into(&mut cloud.address);
            } else {
                std::thread::sleep(Duration::from_millis(20));
            }
        }
        cloud
    }

    /// The address of a warehouse.
    pub(crate) fn location(&self, name: &str) -> String {
        format!("{}://warehouse/{name}", self.vendor.scheme)
    }

    /// The variables by which programs reach the server, or the way to it that listens at an address.
    pub(crate) fn settings(&self, address: &str) -> Vec<(&'static str, String)> {
        (self.vendor.settings)(address)
    }

    /// Writes an object.
    pub(crate) fn put(&self, key: &str, bytes: &[u8]) {
        let Vendor { bucket, query, .. } = self.vendor;
        self.request(&format!("{bucket}/{key}{query}"), bytes);
    }

    /// Makes what stands at a path of the server.
    pub(crate) fn request(&self, path: &str, bytes: &[u8]) {
        let (address, header) = (&self.address, self.vendor.header);
        let mut connection = TcpStream::connect(address).expect("the server listens");
        let length = bytes.len();
        let head = format!(
            "PUT {path} HTTP/1.1\r\nHost: {address}\r\n{header}\r\nContent-Length: {length}\r\n\
             Connection: close\r\n\r\n"
        );
        connection.write_all(head.as_bytes()).unwrap();
        connection.write_all(bytes).unwrap();
        let mut answer = String::new();
        connection.read_to_string(&mut answer).unwrap();
        let made = ["HTTP/1.1 200", "HTTP/1.1 201"];
        assert!(made.iter().any(|made| answer.starts_with(made)), "{answer}");
    }

    /// Runs the command in a folder.
    fn esf(&self, folder: &Path, arguments: &[&str]) -> Seen {
        let output = Command::new(program())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .envs(self.settings(&self.address))
            .current_dir(folder)
            .args(arguments)
            .output()
            .expect("the command starts");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Seen {
            code: output.status.code(),
            stdout: text(&output.stdout),
            stderr: text(&output.stderr),
        }
    }
}

impl Drop for Cloud {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A warehouse with restricted tables in a place of their own, under a name that no address spells as it is.
pub(crate) fn published(start: fn(&Path) -> Cloud) {
    let folder = tempfile::tempdir().unwrap();
    let cloud = start(folder.path());
    let remote = cloud.location("Größe & Maß");
    let declared = format!(
        "warehouse = \"{remote}\"\nrestricted = \"{}\"\n",
        cloud.location("apart")
    );
    fs::write(folder.path().join("esf.toml"), declared).unwrap();
    let run = |arguments: &[&str]| {
        let seen = cloud.esf(folder.path(), arguments).expect(0);
        // Answers without what is told beside them.
        (seen.stdout.clone(), seen.all())
    };
    let on_disk = ["--warehouse", "on_disk"];
    let both = |arguments: &[&str]| {
        let there = run(arguments).0;
        (there, run(&[arguments, &on_disk[..]].concat()).0)
    };
    let hash = |listed: &str| {
        let releases: serde_json::Value = serde_json::from_str(listed).unwrap();
        assert_eq!(releases.as_array().map(Vec::len), Some(1), "{releases}");
        releases[0]["content_hash"].as_str().unwrap().to_owned()
    };
    both(&["nightly", "--samples"]);
    let (there, here) = both(&["releases", "--format", "json"]);
    assert_eq!(hash(&there), hash(&here));

    let again = run(&["nightly", "--samples"]).1;
    assert!(
        again.contains("nothing has changed since release 1"),
        "{again}"
    );
    run(&["verify"]);
    let health = run(&["doctor"]).1;
    for subject in ["store, create", "restricted store, create"] {
        let line = health.lines().find(|line| line.starts_with(subject));
        let line = line.unwrap_or_else(|| panic!("no {subject} in {health}"));
        assert!(
            line.contains("what exists is never created again"),
            "{line}"
        );
    }
    for query in [
        "SELECT count(*) AS n, sum(amount) AS total FROM operation_amount",
        "SELECT count(*) AS n, sum(n) AS persons FROM participation",
    ] {
        let (there, here) = both(&["sql", query, "--access", "restricted", "--format", "csv"]);
        assert_eq!(there, here);
    }
    if !delta::absent() {
        let warehouse = folder.path().join("on_disk");
        delta::compare(&warehouse, &remote, &cloud.settings(&cloud.address));
    }
}
