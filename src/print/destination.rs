//! Where output goes. A file named by the user is written beside itself and renamed when it is whole.

use std::fs::File;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};

use super::PrintError;
use crate::exit::Failure;

/// Standard output or a file.
#[derive(Debug, Clone)]
pub(crate) enum Destination {
    /// Standard output.
    Stdout,
    /// `--output FILE`.
    File(PathBuf),
}

impl Destination {
    /// Whether it is a terminal.
    pub(crate) fn is_terminal(&self) -> bool {
        matches!(self, Self::Stdout) && io::stdout().is_terminal()
    }

    /// Whether it is a file named by the user.
    pub(crate) fn is_file(&self) -> bool {
        matches!(self, Self::File(_))
    }

    /// Starts writing; fails if the file cannot be created.
    pub(crate) fn open(&self) -> Result<Open, Failure> {
        match self {
            Self::Stdout => Ok(Open {
                out: BufWriter::with_capacity(1 << 16, Box::new(io::stdout())),
                rename: None,
            }),
            Self::File(path) => Open::file(path).map_err(|error| {
                Failure::usage(format!("cannot create {}: {error}", path.display()))
                    .next("give --output a file in a folder that exists and can be written")
            }),
        }
    }
}

/// A destination being written.
pub(crate) struct Open {
    out: BufWriter<Box<dyn Write + Send>>,
    /// The unfinished file and its final name.
    rename: Option<(PathBuf, PathBuf)>,
}

impl Open {
    fn file(path: &Path) -> io::Result<Self> {
        // Pipes and devices are written as they are; only a regular file can be replaced by renaming.
        let is_special = path.metadata().is_ok_and(|metadata| !metadata.is_file());
        let (target, rename) = if is_special {
            (path.to_path_buf(), None)
        } else {
            let mut name = path.file_name().unwrap_or_default().to_owned();
            name.push(format!(".{}.part", std::process::id()));
            let part = path.with_file_name(name);
            (part.clone(), Some((part, path.to_path_buf())))
        };
        let file = File::create(target)?;
        Ok(Self {
            out: BufWriter::with_capacity(1 << 16, Box::new(file)),
            rename,
        })
    }

    /// Flushes, and gives a file its name.
    pub(crate) fn commit(mut self) -> Result<(), PrintError> {
        self.out.flush()?;
        if let Some((part, path)) = &self.rename {
            std::fs::rename(part, path)?;
            self.rename = None;
        }
        Ok(())
    }
}

impl Write for Open {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        // Nothing half is left behind; a file that cannot be removed is beside the named one, never in its place.
        if let Some((part, _)) = &self.rename {
            let _ = std::fs::remove_file(part);
        }
    }
}
