//! A reader: takes jobs from its standard input until that ends, and answers on its standard output.

use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::ops::ControlFlow;
use std::panic::AssertUnwindSafe;

use arrow::ipc::writer::StreamWriter;
use arrow::record_batch::RecordBatch;
use serde::Serialize;

use super::frame::{self, Tag};
use super::{Job, What};
use crate::page::{self, Links};
use crate::read::arrival::{Arrived, whole};
use crate::read::{Problem, ReadError, ReadSummary, SheetInfo, Sink};

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
        let mut file = input.by_ref().take(job.bytes);
        match &job.what {
            What::Tables {
                declared,
                file_name,
            } => {
                let arrived = Arrived::receive(&mut file, job.bytes, declared.as_ref())?;
                answer(&mut output, |sink| {
                    let read = arrived.read(file_name, declared.as_ref(), &job.limits, sink);
                    read.map(Reply::Summary).map_err(told)
                })?;
            }
            What::Page => {
                let bytes = whole(Vec::new(), &mut file, job.bytes)?;
                answer(&mut output, |_| {
                    let taken = page::take_apart(&bytes).map_err(|error| error.to_string());
                    taken.map(|()| Reply::Summary(ReadSummary::default()))
                })?;
            }
            What::Links => {
                let bytes = whole(Vec::new(), &mut file, job.bytes)?;
                answer(&mut output, |_| {
                    let links = page::links(&bytes).map_err(|error| error.to_string());
                    links.map(Reply::Links)
                })?;
            }
        }
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

/// Does the work, which gives rows to a sink, and says how it ended.
fn answer(
    output: &mut impl Write,
    work: impl FnOnce(&mut dyn Sink) -> Result<Reply, String>,
) -> io::Result<()> {
    let mut sending = Sending {
        output,
        failed: None,
    };
    let work = || work(&mut sending);
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
        What::Tables {
            declared: Some(Format {
                delimiter: Some(b';'),
                ..Format::new(Kind::Csv)
            }),
            file_name: String::new(),
        }
    }

    fn unknown(file_name: &str) -> What {
        What::Tables {
            declared: None,
            file_name: file_name.to_owned(),
        }
    }

    fn ask(what: What, file: impl AsRef<[u8]>) -> Vec<frame::Frame> {
        ask_all(vec![(what, file.as_ref().to_vec())])
    }

    /// Gives one job after the other to one reader, and all that it says.
    fn ask_all(jobs: Vec<(What, Vec<u8>)>) -> Vec<frame::Frame> {
        let mut input = Vec::new();
        for (what, file) in jobs {
            let job = Job {
                what,
                limits: Limits::default(),
                memory: 1 << 40,
                bytes: file.len() as u64,
            };
            input.extend(serde_json::to_vec(&job).unwrap());
            input.push(b'\n');
            input.extend(file);
        }
        let mut output = Vec::new();
        serve(input.as_slice(), &mut output).unwrap();
        let mut from = output.as_slice();
        std::iter::from_fn(|| frame::read(&mut from).unwrap()).collect()
    }

    fn tags(frames: &[frame::Frame]) -> Vec<Tag> {
        frames.iter().map(|frame| frame.tag).collect()
    }

    fn utf16(text: &str) -> Vec<u8> {
        let units = std::iter::once(0xFEFF).chain(text.encode_utf16());
        units.flat_map(u16::to_le_bytes).collect()
    }

    #[test]
    fn a_file_becomes_frames() {
        let frames = ask(tables(), "Name;Betrag\nVerein A;1.234,56\n");
        assert_eq!(tags(&frames), [Tag::Sheet, Tag::Batch, Tag::Done]);
        let summary: ReadSummary = serde_json::from_slice(&frames[2].payload).unwrap();
        assert_eq!((summary.tables, summary.rows), (1, 2));
    }

    #[test]
    fn a_file_that_nobody_declared_becomes_the_same_frames_in_every_encoding() {
        let text = "Name;Betrag\nVerein Ä;1.234,56\n".repeat(10_000);
        let (single, _, _) = encoding_rs::WINDOWS_1252.encode(&text);
        let rows = |frames: &[frame::Frame]| {
            let summary: ReadSummary = serde_json::from_slice(&frames.last()?.payload).ok()?;
            Some((summary.tables, summary.rows, summary.cells))
        };
        for file in [text.clone().into_bytes(), single.into_owned(), utf16(&text)] {
            let frames = ask(unknown("liste.csv"), file);
            assert_eq!(tags(&frames), [Tag::Sheet, Tag::Batch, Tag::Done]);
            assert_eq!(rows(&frames), Some((1, 20_000, 40_000)));
        }
    }

    #[test]
    fn a_file_that_is_refused_early_leaves_nothing_for_the_next_one() {
        // Longer than what is taken at once; broken at its beginning, wrong from its mark on, or an archive cut off.
        let long = utf16(&"Name;Betrag\n".repeat(20_000));
        let mut broken = long.clone();
        broken[2..4].copy_from_slice(&[0, 0xDC]);
        let mut swapped = long.clone();
        swapped[..2].copy_from_slice(b"\xFE\xFF");
        let declared = || What::Tables {
            declared: Some(Format::csv(crate::read::Encoding::Utf16Le, b';')),
            file_name: String::new(),
        };
        let archive = [b"PK\x03\x04".as_slice(), &long].concat();
        let frames = ask_all(vec![
            (unknown("a.csv"), broken),
            (declared(), swapped),
            (unknown("a.xlsx"), archive),
            (tables(), b"Name;Betrag\n".to_vec()),
        ]);
        let refused = [Tag::Refused; 3];
        let read = [Tag::Sheet, Tag::Batch, Tag::Done];
        assert_eq!(tags(&frames), [refused, read].concat());
        let said = |at: usize| String::from_utf8_lossy(&frames[at].payload).into_owned();
        assert!(
            said(0).starts_with("line 1, byte 2: byte 0x00 is no utf-16le"),
            "{}",
            said(0)
        );
        assert!(
            said(1).contains("declare encoding = \"utf-16be\""),
            "{}",
            said(1)
        );
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
