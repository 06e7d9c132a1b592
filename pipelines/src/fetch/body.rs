//! The body of an answer: unpacked while it arrives, and given up where it grows beyond what is allowed.
//!
//! Unpacked here and not by the client, so that the client's other users are not asked to unpack, and because what is
//! counted is what comes out. A body shorter than announced is an error of the client, which is asked again.

use std::io::{self, Write};

use bytes::Bytes;
use flate2::write::MultiGzDecoder;
use reqwest::Response;
use reqwest::header::CONTENT_ENCODING;

use super::error::Cause;

/// Reads a body whole.
///
/// Fails on more than `limit` bytes, packed or unpacked, and on what is packed in another way than was asked for.
pub(super) async fn read(mut response: Response, limit: u64) -> Result<Bytes, Cause> {
    if response
        .content_length()
        .is_some_and(|length| length > limit)
    {
        return Err(Cause::TooLarge { limit });
    }
    let codings = response.headers().get_all(CONTENT_ENCODING);
    let codings: Vec<String> = codings
        .iter()
        .map(|coding| {
            String::from_utf8_lossy(coding.as_bytes())
                .trim()
                .to_ascii_lowercase()
        })
        .filter(|coding| !coding.is_empty() && coding != "identity")
        .collect();
    let mut sink = match codings.join(", ").as_str() {
        "" => Sink::Plain(Limited::new(limit)),
        "gzip" | "x-gzip" => Sink::Gzip(Box::new(MultiGzDecoder::new(Limited::new(limit)))),
        coding => {
            return Err(Cause::Coding {
                coding: coding.into(),
            });
        }
    };
    while let Some(chunk) = response.chunk().await.map_err(cause)? {
        sink.take(&chunk)?;
    }
    sink.finish()
}

/// What an error of the client means.
pub(super) fn cause(error: reqwest::Error) -> Cause {
    if error.is_builder() {
        Cause::Request {
            detail: root(error),
        }
    } else if error.is_timeout() {
        Cause::Timeout
    } else if error.is_connect() {
        Cause::Connect {
            detail: root(error),
        }
    } else {
        Cause::Interrupted {
            detail: root(error),
        }
    }
}

/// What is at the bottom of an error of the client: the rest only says that a request failed, and names the address.
pub(super) fn root(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut bottom: &dyn std::error::Error = &error;
    while let Some(below) = bottom.source() {
        bottom = below;
    }
    bottom.to_string()
}

enum Sink {
    Plain(Limited),
    Gzip(Box<MultiGzDecoder<Limited>>),
}

impl Sink {
    fn take(&mut self, chunk: &[u8]) -> Result<(), Cause> {
        let written = match self {
            Self::Plain(bytes) => bytes.write_all(chunk),
            Self::Gzip(decoder) => decoder.write_all(chunk),
        };
        written.map_err(|error| self.failed(&error))
    }

    fn finish(mut self) -> Result<Bytes, Cause> {
        let finished = match &mut self {
            Self::Plain(_) => Ok(()),
            Self::Gzip(decoder) => decoder.try_finish(),
        };
        finished.map_err(|error| self.failed(&error))?;
        let bytes = match &mut self {
            Self::Plain(limited) => limited,
            Self::Gzip(decoder) => decoder.get_mut(),
        };
        Ok(std::mem::take(&mut bytes.bytes).into())
    }

    fn failed(&self, error: &io::Error) -> Cause {
        let bytes = match self {
            Self::Plain(bytes) => bytes,
            Self::Gzip(decoder) => decoder.get_ref(),
        };
        if bytes.full {
            Cause::TooLarge { limit: bytes.limit }
        } else {
            Cause::Packed {
                detail: error.to_string(),
            }
        }
    }
}

/// Bytes up to a limit.
struct Limited {
    bytes: Vec<u8>,
    limit: u64,
    full: bool,
}

impl Limited {
    fn new(limit: u64) -> Self {
        Self {
            bytes: Vec::new(),
            limit,
            full: false,
        }
    }
}

impl Write for Limited {
    fn write(&mut self, part: &[u8]) -> io::Result<usize> {
        if (self.bytes.len() + part.len()) as u64 > self.limit {
            self.full = true;
            return Err(io::Error::other("larger than allowed"));
        }
        self.bytes.extend_from_slice(part);
        Ok(part.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use flate2::{Compression, write::GzEncoder};

    use super::*;

    fn gzipped(content: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(content).unwrap();
        encoder.finish().unwrap()
    }

    fn unpacked(packed: &[u8], limit: u64) -> Result<Bytes, Cause> {
        let mut sink = Sink::Gzip(Box::new(MultiGzDecoder::new(Limited::new(limit))));
        for chunk in packed.chunks(7) {
            sink.take(chunk)?;
        }
        sink.finish()
    }

    #[test]
    fn gzip_is_unpacked_up_to_the_limit() {
        let content = b"a;b\n1;2\n".repeat(500);
        let packed = gzipped(&content);
        assert_eq!(unpacked(&packed, 4000).unwrap(), content);
        assert!(matches!(
            unpacked(&packed, 3999),
            Err(Cause::TooLarge { limit: 3999 })
        ));
        let bomb = gzipped(&vec![0; 8 << 20]);
        assert!(bomb.len() < 20_000);
        assert!(matches!(
            unpacked(&bomb, 1 << 20),
            Err(Cause::TooLarge { .. })
        ));
    }

    #[test]
    fn gzip_that_is_cut_off_or_none_is_told() {
        let packed = gzipped(b"a;b\n1;2\n");
        for damaged in [&packed[..packed.len() - 6], &packed[..3], b"a;b\n1;2\n"] {
            assert!(
                matches!(unpacked(damaged, 4000), Err(Cause::Packed { .. })),
                "{damaged:?}"
            );
        }
    }
}
