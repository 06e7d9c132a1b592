//! Reading in a process of its own, so that a file made to do harm hurts nothing but itself.
//!
//! The same program, started as a reader, gets the bytes of one file after the other, as they come from the disk, and gives
//! back what the readers push into a [`Sink`]. It may use so much memory, may take so long and may give so much; a reader that
//! goes over a bound is ended, and the file has an error that says so. Everything behind the readers sees tables of bounded
//! size.
//!
//! Owns: the pool of readers, their bounds, and what their end means. Does not own: how frames are written (`frame`) and what
//! a reader does with a job (`worker`). Invariant: a reader that failed in any way is never used again.

mod frame;
mod pool;
mod worker;

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use arrow::ipc::reader::StreamReader;
use bytes::Bytes;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::{Content, Format, Limits, Problem, ReadError, ReadSummary, SheetInfo, Sink};
use crate::page::Links;
use frame::Tag;
use pool::{Ended, Pool, Reader};

pub use worker::serve;

/// Memory of a reader beside others, besides the file itself, which it may hold twice: enough for nearly every published file.
const MEMORY: u64 = 128 << 20;

/// Memory of a reader while no other is at work, for a file that needs more.
const MEMORY_ALONE: u64 = 320 << 20;

/// Time for a file, and for each further mebibyte of it.
const TIME: Duration = Duration::from_secs(8);
const TIME_PER_MEBIBYTE: Duration = Duration::from_millis(500);

/// What a file may give besides a multiple of its size: sheets repeat shared texts, and archives are packed.
const OUTPUT: u64 = 256 << 20;
const OUTPUT_PER_BYTE: u64 = 40;

/// What a reader is asked to do with the bytes that follow.
#[derive(Debug, Serialize, Deserialize)]
struct Job {
    what: What,
    limits: Limits,
    /// Bytes of private memory that it may hold.
    memory: u64,
    /// Bytes of the file.
    bytes: u64,
}

/// A list, a page, or a landing page.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum What {
    /// Rows of tables.
    Tables {
        /// The format; where nobody declared it, the reader finds it out.
        declared: Option<Format>,
        /// The name of the file, which may say something about its format.
        file_name: String,
    },
    /// Only whether a page can be taken apart: pages are small, and are read again where their meaning is known.
    Page,
    /// Where a page in UTF-8 leads.
    Links,
}

/// Readers in processes of their own. Cheap to clone; clones share them.
#[derive(Debug, Clone)]
pub struct Readers(Arc<Pool>);

impl PartialEq for Readers {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Readers {}

impl Readers {
    /// Readers that are this program, started with these arguments, which must lead to [`serve`]. None is started before it is
    /// needed.
    pub fn new(program: impl Into<std::path::PathBuf>, arguments: &[&str]) -> Self {
        Self(Arc::new(Pool::new(program.into(), arguments)))
    }

    /// Reads as [`super::read_file`] does.
    pub(super) fn read(
        &self,
        content: &Content,
        file_name: &str,
        declared: Option<&Format>,
        limits: &Limits,
        sink: &mut dyn Sink,
    ) -> Result<ReadSummary, ReadError> {
        let what = What::Tables {
            declared: declared.cloned(),
            file_name: file_name.to_owned(),
        };
        self.run(&what, content, limits, sink)
    }

    /// Fails for a page that cannot be taken apart within the bounds.
    pub(crate) fn try_page(&self, content: &Content, limits: &Limits) -> Result<(), ReadError> {
        self.run::<ReadSummary>(&What::Page, content, limits, &mut Nowhere)
            .map(|_| ())
    }

    /// Where a page in UTF-8 leads. Fails for one that cannot be taken apart within the bounds.
    pub(crate) fn links(&self, page: &Bytes) -> Result<Links, ReadError> {
        let content = Content::from(page.clone());
        self.run(&What::Links, &content, &Limits::default(), &mut Nowhere)
    }

    /// Gives what the reader has to say at the end.
    fn run<T: DeserializeOwned>(
        &self,
        what: &What,
        content: &Content,
        limits: &Limits,
        sink: &mut dyn Sink,
    ) -> Result<T, ReadError> {
        let beside = {
            let _turn = self.0.beside_others();
            self.attempt(what, content, limits, MEMORY, sink)
        };
        if !matches!(beside, Err(ReadError::TooMuchMemory { .. })) {
            return beside;
        }
        // Several readers of that size at once would be what one alone may not be.
        sink.restart();
        let _turn = self.0.alone();
        self.attempt(what, content, limits, MEMORY_ALONE, sink)
    }

    fn attempt<T: DeserializeOwned>(
        &self,
        what: &What,
        content: &Content,
        limits: &Limits,
        memory: u64,
        sink: &mut dyn Sink,
    ) -> Result<T, ReadError> {
        let size = content.size();
        let job = Job {
            what: what.clone(),
            limits: Limits {
                readers: None,
                ..limits.clone()
            },
            memory: memory + 2 * size,
            bytes: size,
        };
        let time = TIME + TIME_PER_MEBIBYTE * u32::try_from(size >> 20).unwrap_or(u32::MAX);
        let bounds = Bounds {
            memory: job.memory,
            time,
            output: OUTPUT.saturating_add(size.saturating_mul(OUTPUT_PER_BYTE)),
        };
        let mut reader = self.0.take()?;
        reader.ask(&job, content, time)?;
        let answer = take_answer(&mut reader, sink, &bounds);
        if answer.is_ok() || matches!(answer, Err(Failed::File(_))) {
            self.0.give_back(reader, size);
        }
        answer.map_err(|failed| match failed {
            Failed::File(error) | Failed::Reader(error) => error,
        })
    }
}

/// What a reader may use for one file.
struct Bounds {
    memory: u64,
    time: Duration,
    output: u64,
}

/// Why there is no answer.
enum Failed {
    /// The reader says what is wrong with the file, and can go on with others.
    File(ReadError),
    /// The reader is gone, or has to go.
    Reader(ReadError),
}

fn take_answer<T: DeserializeOwned>(
    reader: &mut Reader,
    sink: &mut dyn Sink,
    bounds: &Bounds,
) -> Result<T, Failed> {
    let mut given = 0_u64;
    loop {
        let frame = reader
            .frame()
            .map_err(|ended| Failed::Reader(ended_error(ended, bounds)))?;
        given += frame.payload.len() as u64;
        if given > bounds.output {
            return Err(Failed::Reader(ReadError::TooMuchOutput {
                limit: bounds.output >> 20,
            }));
        }
        let odd = |cause: &dyn std::fmt::Display| {
            Failed::Reader(ReadError::ReaderEnded {
                detail: format!("it gave what cannot be understood ({cause})"),
            })
        };
        let flow = match frame.tag {
            Tag::Sheet => {
                let sheet: SheetInfo =
                    serde_json::from_slice(&frame.payload).map_err(|e| odd(&e))?;
                sink.sheet(sheet)
            }
            Tag::Batch => {
                let mut flow = ControlFlow::Continue(());
                let batches = StreamReader::try_new(frame.payload.as_slice(), None);
                for batch in batches.map_err(|e| odd(&e))? {
                    flow = sink.batch(batch.map_err(|e| odd(&e))?);
                }
                flow
            }
            Tag::Problem => {
                let problem: Problem =
                    serde_json::from_slice(&frame.payload).map_err(|e| odd(&e))?;
                sink.problem(problem);
                ControlFlow::Continue(())
            }
            Tag::Done => {
                return serde_json::from_slice(&frame.payload).map_err(|e| odd(&e));
            }
            Tag::Refused => {
                let message = String::from_utf8_lossy(&frame.payload).into_owned();
                return Err(Failed::File(ReadError::Refused(message)));
            }
        };
        if flow.is_break() {
            return Err(Failed::Reader(ReadError::ReaderEnded {
                detail: "it was told to stop".into(),
            }));
        }
    }
}

fn ended_error(ended: Ended, bounds: &Bounds) -> ReadError {
    match ended {
        Ended::Late => ReadError::TooSlow {
            seconds: bounds.time.as_secs(),
        },
        Ended::OutOfMemory => ReadError::TooMuchMemory {
            limit: bounds.memory >> 20,
        },
        Ended::Other(detail) => ReadError::ReaderEnded { detail },
    }
}

/// A sink for what nobody needs.
struct Nowhere;

impl Sink for Nowhere {
    fn sheet(&mut self, _: SheetInfo) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }

    fn batch(&mut self, _: arrow::record_batch::RecordBatch) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }

    fn problem(&mut self, _: Problem) {}

    fn restart(&mut self) {}
}
