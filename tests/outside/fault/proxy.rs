//! The way to a storage server that fails at one request or at each: `proxy.py`, told by lines.

use std::fmt;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use crate::python;

/// Which requests meet a fate.
#[derive(Debug, Clone, Copy)]
pub(super) enum Met {
    /// The n-th, from 1.
    Nth(usize),
    /// Each of them once; asked again it passes.
    Each,
}

/// What came by since a fate was told.
pub(super) struct Count {
    /// All requests that the kind of failure is for.
    pub(super) requests: usize,
    /// Those that met it.
    pub(super) struck: usize,
    /// The last of these.
    last: String,
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            requests,
            struck,
            last,
        } = self;
        write!(f, "{struck} of {requests} failed, the last {last}")
    }
}

/// A proxy that ends with the test.
pub(super) struct Proxy {
    process: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    /// Where it listens.
    pub(super) address: String,
}

impl Proxy {
    /// Starts a proxy to a server on a port that the system gives.
    pub(super) fn start(server: &str) -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/outside/proxy.py");
        let mut process = Command::new(python::program("python3").expect("it is installed"))
            .arg(script)
            .arg(server)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("Python starts");
        let mut proxy = Self {
            input: process.stdin.take().expect("its input"),
            output: BufReader::new(process.stdout.take().expect("its output")),
            address: String::new(),
            process,
        };
        proxy.address = proxy.line();
        proxy
    }

    /// Lets requests from now meet this fate.
    pub(super) fn fail(&mut self, kind: &str, met: Met) {
        self.tell(&match met {
            Met::Nth(n) => format!("{kind} {n}"),
            Met::Each => format!("{kind} each"),
        });
    }

    /// Lets all requests pass from now on.
    pub(super) fn pass(&mut self) {
        self.tell("none 0");
    }

    fn tell(&mut self, fate: &str) {
        writeln!(self.input, "{fate}").unwrap();
        assert_eq!(self.line(), "ready");
    }

    /// What came by since then.
    pub(super) fn count(&mut self) -> Count {
        writeln!(self.input, "count").unwrap();
        let line = self.line();
        let mut words = line.splitn(3, ' ');
        let mut word = || words.next().expect("three words");
        Count {
            requests: word().parse().unwrap(),
            struck: word().parse().unwrap(),
            last: word().to_owned(),
        }
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        line.trim().to_owned()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
