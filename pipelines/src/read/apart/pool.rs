//! Readers that wait for work, and one of them at work.

use std::collections::VecDeque;
use std::io::{BufReader, Read, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::Job;
use super::frame::{self, Frame};
use crate::read::{Content, ReadError};

/// A reader that has read so much goes: allocators keep what was freed, and it would count for the next file.
const RETIRES_AFTER: u64 = 32 << 20;

/// Frames that may wait for the run.
const WAITING: usize = 4;

/// How much of what a reader says on its standard error is kept.
const LAST_WORDS: usize = 4 << 10;

#[derive(Debug)]
pub(super) struct Pool {
    program: PathBuf,
    arguments: Vec<String>,
    idle: Mutex<VecDeque<Reader>>,
    /// Held by those who read beside others, or by one who reads alone.
    turns: RwLock<()>,
}

impl Pool {
    pub(super) fn new(program: PathBuf, arguments: &[&str]) -> Self {
        Self {
            program,
            arguments: arguments.iter().map(ToString::to_string).collect(),
            idle: Mutex::default(),
            turns: RwLock::default(),
        }
    }

    /// The right to read while others do.
    pub(super) fn beside_others(&self) -> RwLockReadGuard<'_, ()> {
        self.turns.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The right to read while nobody else does; what waits is ended, since it takes room.
    pub(super) fn alone(&self) -> RwLockWriteGuard<'_, ()> {
        let turn = self.turns.write().unwrap_or_else(PoisonError::into_inner);
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.clear();
        turn
    }

    /// A reader that waits, or a new one.
    pub(super) fn take(&self) -> Result<Reader, ReadError> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        match idle.pop_front() {
            Some(reader) => Ok(reader),
            None => Reader::start(&self.program, &self.arguments),
        }
    }

    /// Takes back a reader that has answered.
    pub(super) fn give_back(&self, mut reader: Reader, bytes: u64) {
        reader.read += bytes;
        if reader.read < RETIRES_AFTER {
            let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
            idle.push_back(reader);
        }
    }
}

/// Why a reader gives no further frame.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Ended {
    /// Its time was over.
    Late,
    /// It could get no more memory.
    OutOfMemory,
    /// Something else, in words.
    Other(String),
}

/// A process that reads.
#[derive(Debug)]
pub(super) struct Reader {
    child: Child,
    input: Option<ChildStdin>,
    frames: Receiver<std::io::Result<Frame>>,
    last_words: Arc<Mutex<Vec<u8>>>,
    listener: Option<JoinHandle<()>>,
    deadline: Instant,
    read: u64,
}

impl Reader {
    fn start(program: &PathBuf, arguments: &[String]) -> Result<Self, ReadError> {
        let cannot = |cause: std::io::Error| ReadError::ReaderEnded {
            detail: format!("it could not be started: {cause}"),
        };
        let mut child = Command::new(program)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(cannot)?;
        let input = child.stdin.take();
        let (sender, frames) = sync_channel(WAITING);
        if let Some(output) = child.stdout.take() {
            std::thread::spawn(move || {
                let mut output = BufReader::with_capacity(1 << 16, output);
                loop {
                    let frame = frame::read(&mut output).transpose();
                    let Some(frame) = frame else { return };
                    let is_last = frame.is_err();
                    if sender.send(frame).is_err() || is_last {
                        return;
                    }
                }
            });
        }
        let last_words = Arc::new(Mutex::new(Vec::new()));
        let listener = child.stderr.take().map(|mut errors| {
            let words = Arc::clone(&last_words);
            std::thread::spawn(move || {
                let mut some = [0; 1024];
                while let Ok(n @ 1..) = errors.read(&mut some) {
                    let mut words = words.lock().unwrap_or_else(PoisonError::into_inner);
                    let room = LAST_WORDS.saturating_sub(words.len());
                    words.extend_from_slice(&some[..n.min(room)]);
                }
            })
        });
        Ok(Self {
            child,
            input,
            frames,
            last_words,
            listener,
            deadline: Instant::now(),
            read: 0,
        })
    }

    /// Sends a job and the bytes of its file, and starts its clock. Fails where these cannot be read; the reader has a part of
    /// them then, and has to go.
    pub(super) fn ask(
        &mut self,
        job: &Job,
        content: &Content,
        time: Duration,
    ) -> Result<(), ReadError> {
        self.deadline = Instant::now() + time;
        let Some(mut input) = self.input.take() else {
            return Ok(());
        };
        // A reader that is gone is noticed where its answer is missing.
        let told = serde_json::to_vec(job)
            .map_err(std::io::Error::from)
            .and_then(|mut line| {
                line.push(b'\n');
                input.write_all(&line)
            });
        if told.is_ok() && content.write_to(&mut input)?.is_ok() && input.flush().is_ok() {
            self.input = Some(input);
        }
        Ok(())
    }

    /// The next frame of the answer.
    pub(super) fn frame(&mut self) -> Result<Frame, Ended> {
        let left = self.deadline.saturating_duration_since(Instant::now());
        match self.frames.recv_timeout(left) {
            Ok(Ok(frame)) => Ok(frame),
            Ok(Err(cause)) => Err(self.end(&format!("its answer broke off: {cause}"))),
            Err(RecvTimeoutError::Timeout) => Err(Ended::Late),
            Err(RecvTimeoutError::Disconnected) => Err(self.end("it ended without an answer")),
        }
    }

    /// What the end of the process means.
    fn end(&mut self, otherwise: &str) -> Ended {
        // One that closed its output and lives on would be waited for without end.
        let _ = self.child.kill();
        let status = self.child.wait();
        if let Some(listener) = self.listener.take() {
            let _ = listener.join();
        }
        let words = self
            .last_words
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let words = String::from_utf8_lossy(&words);
        if words.contains("memory allocation of") {
            return Ended::OutOfMemory;
        }
        let last = words.lines().rfind(|line| !line.trim().is_empty());
        let status = status.map_or_else(|e| e.to_string(), |status| status.to_string());
        Ended::Other(match last {
            Some(last) => format!("{otherwise} ({status}): {last}"),
            None => format!("{otherwise} ({status})"),
        })
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.input = None;
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
