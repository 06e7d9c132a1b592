//! A reader: takes jobs from its standard input until that ends, and answers on its standard output.

use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::ops::ControlFlow;
use std::panic::AssertUnwindSafe;

use arrow::ipc::writer::StreamWriter;
use arrow::record_batch::RecordBatch;
use bytes::Bytes;
use serde::Serialize;

use super::frame::{self, Tag};
use super::{Job, What};
use crate::page::{self, Links};
use crate::read::{Problem, ReadError, ReadSummary, SheetInfo, Sink, read};

/// Time of a processor that a reader may use for all its jobs: one whose run is gone must not go on for ever.
#[cfg(unix)]
const PROCESSOR_SECONDS: u64 = 900;

/// Reads files until the input ends. Fails only where the other side is gone.
pub fn serve(input: impl Read, output: impl Write) -> io::Result<()> {
    let mut input = BufReader::new(input);
    let mut output = BufWriter::with_capacity(1 << 16, output);
    let mut line = String::new();
    loop {
        line.clear();
        if input.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let job: Job = serde_json::from_str(&line)?;
        bound(job.memory);
        let mut bytes = Vec::with_capacity(usize::try_from(job.bytes).unwrap_or(0));
        input.by_ref().take(job.bytes).read_to_end(&mut bytes)?;
        answer(&job, &bytes.into(), &mut output)?;
        output.flush()?;
    }
}

/// What a reader has to say at the end.
#[derive(Serialize)]
#[serde(untagged)]
enum Reply {
    Summary(ReadSummary),
    Links(Links),
}

fn answer(job: &Job, bytes: &Bytes, output: &mut impl Write) -> io::Result<()> {
    let mut sending = Sending {
        output,
        failed: None,
    };
    let work = || match &job.what {
        What::Tables(format) => read(bytes, format, &job.limits, &mut sending)
            .map(Reply::Summary)
            .map_err(told),
        What::Page => page::take_apart(bytes)
            .map(|()| Reply::Summary(ReadSummary::default()))
            .map_err(|error| error.to_string()),
        What::Links => page::links(bytes)
            .map(Reply::Links)
            .map_err(|error| error.to_string()),
    };
    let read = std::panic::catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| {
        Err("the file made the reader fail; please report it with the file's hash".into())
    });
    if let Some(error) = sending.failed {
        return Err(error);
    }
    match read {
        Ok(reply) => frame::write(output, Tag::Done, &serde_json::to_vec(&reply)?),
        Err(message) => frame::write(output, Tag::Refused, message.as_bytes()),
    }
}

#[allow(clippy::needless_pass_by_value)] // as `map_err` gives it
fn told(error: ReadError) -> String {
    error.to_string()
}

/// Bounds this process. Where the system has no such bounds, time and output still hold.
fn bound(memory: u64) {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
        let set = |resource, most: u64| {
            let maximum = getrlimit(resource).maximum;
            let current = Some(maximum.map_or(most, |maximum| maximum.min(most)));
            // A bound that cannot be set is one that the system does not have.
            let _ = setrlimit(resource, Rlimit { current, maximum });
        };
        set(Resource::Data, memory);
        set(Resource::Cpu, PROCESSOR_SECONDS);
        set(Resource::Core, 0);
    }
    #[cfg(not(unix))]
    let _ = memory;
}

/// A sink that sends.
struct Sending<'a, W: Write> {
    output: &'a mut W,
    failed: Option<io::Error>,
}

impl<W: Write> Sending<'_, W> {
    fn send(&mut self, tag: Tag, payload: &[u8]) -> ControlFlow<()> {
        match frame::write(self.output, tag, payload) {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => self.fail(error),
        }
    }

    fn fail(&mut self, error: io::Error) -> ControlFlow<()> {
        self.failed = Some(error);
        ControlFlow::Break(())
    }
}

impl<W: Write> Sink for Sending<'_, W> {
    fn sheet(&mut self, sheet: SheetInfo) -> ControlFlow<()> {
        match serde_json::to_vec(&sheet) {
            Ok(payload) => self.send(Tag::Sheet, &payload),
            Err(error) => self.fail(error.into()),
        }
    }

    fn batch(&mut self, batch: RecordBatch) -> ControlFlow<()> {
        let mut payload = Vec::with_capacity(batch.get_array_memory_size());
        let written =
            StreamWriter::try_new(&mut payload, &batch.schema()).and_then(|mut writer| {
                writer.write(&batch)?;
                writer.finish()
            });
        match written {
            Ok(()) => self.send(Tag::Batch, &payload),
            Err(error) => self.fail(io::Error::other(error)),
        }
    }

    fn problem(&mut self, problem: Problem) {
        if self.failed.is_none()
            && let Ok(payload) = serde_json::to_vec(&problem)
        {
            let _ = self.send(Tag::Problem, &payload);
        }
    }

    /// Readers never read a file once more by themselves.
    fn restart(&mut self) {}
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::{Format, Kind, Limits};

    fn tables() -> What {
        What::Tables(Format {
            delimiter: Some(b';'),
            ..Format::new(Kind::Csv)
        })
    }

    fn ask(what: What, text: &str) -> Vec<frame::Frame> {
        let job = Job {
            what,
            limits: Limits::default(),
            memory: 1 << 40,
            bytes: text.len() as u64,
        };
        let mut input = serde_json::to_vec(&job).unwrap();
        input.push(b'\n');
        input.extend(text.bytes());
        let mut output = Vec::new();
        serve(input.as_slice(), &mut output).unwrap();
        let mut from = output.as_slice();
        std::iter::from_fn(|| frame::read(&mut from).unwrap()).collect()
    }

    #[test]
    fn a_file_becomes_frames() {
        let frames = ask(tables(), "Name;Betrag\nVerein A;1.234,56\n");
        let tags: Vec<Tag> = frames.iter().map(|frame| frame.tag).collect();
        assert_eq!(tags, [Tag::Sheet, Tag::Batch, Tag::Done]);
        let summary: ReadSummary = serde_json::from_slice(&frames[2].payload).unwrap();
        assert_eq!((summary.tables, summary.rows), (1, 2));
    }

    #[test]
    fn a_file_that_cannot_be_read_is_refused_with_the_reason() {
        let frames = ask(tables(), "");
        assert_eq!(frames.len(), 1);
        assert_eq!(frames[0].tag, Tag::Refused);
        assert!(String::from_utf8_lossy(&frames[0].payload).contains("the file is empty"));
    }

    #[test]
    fn a_landing_page_becomes_its_links() {
        let frames = ask(
            What::Links,
            "<base href=/x/><a href=a.csv>A</a><a href=b.csv>B</a>",
        );
        assert_eq!(frames.len(), 1);
        assert_eq!(frames[0].tag, Tag::Done);
        let links: Links = serde_json::from_slice(&frames[0].payload).unwrap();
        let expected = Links {
            base: Some("/x/".to_owned()),
            all: vec!["a.csv".to_owned(), "b.csv".to_owned()],
        };
        assert_eq!(links, expected);
        let deep = format!("<a href=a.csv>{}", "<div>".repeat(100_000));
        let frames = ask(What::Links, &deep);
        assert_eq!(frames[0].tag, Tag::Refused);
        let said = String::from_utf8_lossy(&frames[0].payload);
        assert!(
            said.contains("deep; the markup is broken or hostile"),
            "{said}"
        );
    }
}
