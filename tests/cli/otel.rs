//! Traces of runs, in programs with the feature `otel`: what a collector receives, and that a bad one changes nothing.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread::JoinHandle;

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message;

use super::{esf, seen};

const ENDPOINT: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";

/// The trace and the span of a caller.
const TRACE: u128 = 0x0af7_6519_16cd_43dd_8448_eb21_1c80_319c;
const CALLER: u64 = 0xb7ad_6b71_6920_3331;

/// A collector that gives every request the same answer.
struct Collector {
    address: String,
    serving: JoinHandle<Vec<Vec<u8>>>,
}

impl Collector {
    fn answering(answer: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let serving = std::thread::spawn(move || {
            let mut bodies = Vec::new();
            loop {
                let (mut stream, _) = listener.accept().unwrap();
                let Some(body) = body_of(&mut stream) else {
                    return bodies;
                };
                bodies.push(body);
                let answer =
                    format!("HTTP/1.1 {answer}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
                stream.write_all(answer.as_bytes()).unwrap();
            }
        });
        Self { address, serving }
    }

    fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What was received until now; a connection that says nothing ends the serving.
    fn received(self) -> Vec<ExportTraceServiceRequest> {
        drop(TcpStream::connect(&self.address).unwrap());
        let bodies = self.serving.join().unwrap();
        let requests = bodies.iter();
        requests
            .map(|body| ExportTraceServiceRequest::decode(body.as_slice()).unwrap())
            .collect()
    }
}

/// The body of a POST to the path of traces; nothing from a connection that says nothing.
fn body_of(stream: &mut TcpStream) -> Option<Vec<u8>> {
    let mut request = Vec::new();
    loop {
        let mut piece = [0; 4096];
        let n = stream.read(&mut piece).unwrap();
        if n == 0 {
            assert!(request.is_empty(), "the request ends before its body");
            return None;
        }
        request.extend_from_slice(&piece[..n]);
        let Some(at) = request.windows(4).position(|four| four == b"\r\n\r\n") else {
            continue;
        };
        let head = String::from_utf8(request[..at].to_vec()).unwrap();
        let head = head.to_ascii_lowercase();
        assert!(head.starts_with("post /v1/traces http/1.1"), "{head}");
        assert!(head.contains("content-type: application/x-protobuf"));
        let mut lines = head.lines();
        let length = lines.find_map(|line| line.strip_prefix("content-length: "));
        let length: usize = length.unwrap().parse().unwrap();
        if request.len() >= at + 4 + length {
            return Some(request.split_off(at + 4));
        }
    }
}

fn spans(requests: &[ExportTraceServiceRequest]) -> Vec<&Span> {
    let of_resources = requests.iter().flat_map(|request| &request.resource_spans);
    let of_scopes = of_resources.flat_map(|one| &one.scope_spans);
    of_scopes.flat_map(|one| &one.spans).collect()
}

/// The value of an attribute, if it has that attribute.
fn value<'a>(attributes: &'a [KeyValue], key: &str) -> Option<&'a Value> {
    let found = attributes.iter().find(|one| one.key == key)?;
    found.value.as_ref()?.value.as_ref()
}

fn text(text: &str) -> Value {
    Value::StringValue(text.to_owned())
}

#[test]
fn a_night_is_one_trace_with_its_id_and_its_steps() {
    let folder = tempfile::tempdir().unwrap();
    let collector = Collector::answering("200 OK");
    let output = esf(folder.path())
        .args(["nightly", "--format", "json"])
        .env(ENDPOINT, collector.url())
        .env("TRACEPARENT", format!("00-{TRACE:032x}-{CALLER:016x}-01"))
        .output()
        .unwrap();
    let (code, out, err) = seen(&output);
    assert_eq!(code, 0, "{out}{err}");
    assert!(!err.contains("the trace of this run"), "{err}");
    let report: serde_json::Value = serde_json::from_str(&out).unwrap();
    let requests = collector.received();
    let spans = spans(&requests);

    let names: BTreeSet<&str> = spans.iter().map(|span| span.name.as_str()).collect();
    for step in [
        "find", "list", "read", "map", "merge", "check", "write", "derive", "publish", "report",
    ] {
        assert!(names.contains(step), "no {step} among {names:?}");
    }
    let ids: BTreeSet<&[u8]> = spans.iter().map(|span| span.span_id.as_slice()).collect();
    for span in &spans {
        assert_eq!(span.trace_id, TRACE.to_be_bytes());
        if span.name != "run" {
            assert!(ids.contains(span.parent_span_id.as_slice()), "{span:?}");
        }
        assert!(span.events.is_empty(), "{span:?}");
    }
    let runs: Vec<_> = spans.iter().filter(|span| span.name == "run").collect();
    assert_eq!(runs.len(), 1);
    assert_eq!(runs[0].parent_span_id, CALLER.to_be_bytes());
    let run_id = report["run_id"].as_str().unwrap();
    assert_eq!(
        value(&runs[0].attributes, "run_id"),
        Some(&text(run_id)),
        "{:?}",
        runs[0]
    );
    assert_eq!(
        value(&runs[0].attributes, "exit_code"),
        Some(&Value::IntValue(0))
    );
    let source = report["sources"][0]["source_id"].as_str().unwrap();
    let mut reads = spans.iter().filter(|span| span.name == "read");
    let source_is = |span: &Span| value(&span.attributes, "source") == Some(&text(source));
    assert!(reads.any(|span| source_is(span)), "{source}");
    let resource = requests[0].resource_spans[0].resource.as_ref().unwrap();
    assert_eq!(
        value(&resource.attributes, "service.name"),
        Some(&text("esf"))
    );
}

#[test]
fn a_run_that_fails_is_sent_with_its_code() {
    let folder = tempfile::tempdir().unwrap();
    let collector = Collector::answering("200 OK");
    let output = esf(folder.path())
        .args(["ingest", "no_such_source", "--samples"])
        .env(ENDPOINT, collector.url())
        .env("OTEL_SERVICE_NAME", "nights")
        .output()
        .unwrap();
    let (code, _, err) = seen(&output);
    assert_ne!(code, 0, "{err}");
    let requests = collector.received();
    let spans = spans(&requests);
    let run = spans.iter().find(|span| span.name == "run").unwrap();
    let exit_code = value(&run.attributes, "exit_code");
    assert_eq!(exit_code, Some(&Value::IntValue(i64::from(code))));
    // 2 is an error.
    assert_eq!(run.status.as_ref().unwrap().code, 2);
    let resource = requests[0].resource_spans[0].resource.as_ref().unwrap();
    let name = value(&resource.attributes, "service.name");
    assert_eq!(name, Some(&text("nights")));
}

#[test]
fn a_collector_that_fails_costs_a_warning_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let collector = Collector::answering("400 Bad Request");
    let refused = esf(folder.path())
        .arg("nightly")
        .env(ENDPOINT, collector.url())
        .output()
        .unwrap();
    let (code, out, err) = seen(&refused);
    assert_eq!(code, 0, "{out}{err}");
    assert!(out.contains("published release 1 in "), "{out}");
    assert!(err.contains("the trace of this run is not whole"), "{err}");
    assert!(!collector.received().is_empty());

    let no_address = esf(folder.path())
        .arg("nightly")
        .env(ENDPOINT, "http://some one:secret@host")
        .output()
        .unwrap();
    let (code, out, err) = seen(&no_address);
    assert_eq!(code, 0, "{out}{err}");
    assert!(err.contains("is no address"), "{err}");
    assert!(!err.contains("secret"), "{err}");
}

#[test]
fn what_is_switched_off_sends_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let collector = Collector::answering("200 OK");
    let output = esf(folder.path())
        .args(["ingest", "no_such_source", "--samples"])
        .env(ENDPOINT, collector.url())
        .env("OTEL_TRACES_EXPORTER", "none")
        .output()
        .unwrap();
    let (_, _, err) = seen(&output);
    assert!(!err.contains("the trace of this run"), "{err}");
    assert!(collector.received().is_empty());
}
