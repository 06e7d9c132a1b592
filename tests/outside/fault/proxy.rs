//! The way to a storage server that fails at one request: `proxy.py`, told by lines.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use crate::python;

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

    /// Lets the n-th request from now meet this fate.
    pub(super) fn fail(&mut self, kind: &str, at: usize) {
        writeln!(self.input, "{kind} {at}").unwrap();
        assert_eq!(self.line(), "ready");
    }

    /// How many requests came since then, and which one met its fate, if one did.
    pub(super) fn count(&mut self) -> (usize, Option<String>) {
        writeln!(self.input, "count").unwrap();
        let line = self.line();
        let (count, met) = line.split_once(' ').expect("two words");
        (count.parse().unwrap(), (met != "-").then(|| met.to_owned()))
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
