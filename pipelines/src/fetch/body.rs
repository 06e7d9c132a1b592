//! The body of an answer: unpacked on its way to disk while it arrives, and given up where it grows beyond what is allowed, or
//! hardly comes.
//!
//! Unpacked here and not by the client, so that the client's other users are not asked to unpack, and because what is
//! counted is what comes out. A body shorter than announced is an error of the client, which is asked again. However large it
//! is, no more than a piece of it is in memory.

use std::error::Error;
use std::io::{self, Write};
use std::time::Duration;

use esf_engine::store::Store;
use flate2::write::MultiGzDecoder;
use reqwest::Response;
use reqwest::header::{CONTENT_ENCODING, HeaderMap};
use tokio::time::Instant;

use super::Settings;
use super::error::Cause;
use super::polite::Turn;
use super::waiting::{Draft, Waiting};

/// Bytes of a body, as they come, that are unpacked and written at once.
const PIECE: usize = 64 << 10;

/// The codings of contents that are registered for HTTP and not unpacked here.
const CODINGS: [&str; 10] = [
    "aes128gcm",
    "br",
    "compress",
    "dcb",
    "dcz",
    "deflate",
    "exi",
    "pack200-gzip",
    "x-compress",
    "zstd",
];

/// Reads a body whole, to disk beside the store that it may be kept in. A turn that takes long gives way to others.
///
/// Fails on more than `limit` bytes, packed or unpacked, on what is packed in another way than was asked for, and where less
/// comes than the settings ask for.
pub(super) async fn read(
    mut response: Response,
    limit: u64,
    store: &Store,
    settings: &Settings,
    turn: &mut Turn,
) -> Result<Waiting, Cause> {
    if response
        .content_length()
        .is_some_and(|length| length > limit)
    {
        return Err(Cause::TooLarge { limit });
    }
    let is_gzip = is_gzip(response.headers())?;
    let draft = Draft::new(store, limit)?;
    let mut sink = if is_gzip {
        Sink::Gzip(Box::new(MultiGzDecoder::new(draft)))
    } else {
        Sink::Plain(Box::new(draft))
    };
    let mut pace = Pace::new(settings, Instant::now());
    let mut piece = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(cause)? {
        pace.came(chunk.len() as u64, Instant::now())?;
        turn.give_way(settings.idle_timeout);
        piece.extend_from_slice(&chunk);
        if piece.len() >= PIECE {
            let part = std::mem::take(&mut piece);
            sink = beside(move || sink.take(&part)).await?;
        }
    }
    beside(move || sink.take(&piece)?.finish()).await
}

/// Works where that holds up nothing else.
async fn beside<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Cause> + Send + 'static,
) -> Result<T, Cause> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or(Err(Cause::Worker))
}

/// Whether a body is packed as was asked for.
///
/// Fails where it is packed otherwise. What is no coding at all, such as "utf-8", "binary" or "none", is passed over as browsers
/// do (Chromium and Firefox take the body as it is): the publisher has seen there that it works. What comes is looked at all the
/// same.
fn is_gzip(headers: &HeaderMap) -> Result<bool, Cause> {
    let mut codings = Vec::new();
    for value in headers.get_all(CONTENT_ENCODING) {
        let value = String::from_utf8_lossy(value.as_bytes()).to_ascii_lowercase();
        let named = value.split(',').map(str::trim);
        let named = named.filter(|coding| is_packed(coding) || CODINGS.contains(coding));
        codings.extend(named.map(str::to_owned));
    }
    match codings.as_slice() {
        [] => Ok(false),
        [coding] if is_packed(coding) => Ok(true),
        codings => Err(Cause::Coding {
            coding: codings.join(", "),
        }),
    }
}

fn is_packed(coding: &str) -> bool {
    matches!(coding, "gzip" | "x-gzip")
}

/// How fast a body comes.
struct Pace {
    span: Duration,
    rate: u64,
    since: Instant,
    bytes: u64,
}

impl Pace {
    fn new(settings: &Settings, since: Instant) -> Self {
        Self {
            span: settings.idle_timeout,
            rate: settings.least_rate,
            since,
            bytes: 0,
        }
    }

    /// Counts what came. Fails where that was too little for too long.
    fn came(&mut self, bytes: u64, now: Instant) -> Result<(), Cause> {
        self.bytes += bytes;
        let passed = now.duration_since(self.since);
        if passed < self.span {
            return Ok(());
        }
        let least = u128::from(self.rate) * passed.as_millis() / 1000;
        if u128::from(self.bytes) < least {
            return Err(Cause::Slow { rate: self.rate });
        }
        (self.since, self.bytes) = (now, 0);
        Ok(())
    }
}

/// What an error of the client means.
pub(super) fn cause(error: reqwest::Error) -> Cause {
    if error.is_builder() {
        Cause::Request {
            detail: root(error),
        }
    } else if is_of_certificate(&error) {
        Cause::Certificate {
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

/// Whether a certificate is at the bottom of an error. What an I/O error was made of is no source of it.
fn is_of_certificate(error: &(dyn Error + 'static)) -> bool {
    let of_tls = error.downcast_ref::<rustls::Error>();
    let inside = error.downcast_ref::<io::Error>();
    matches!(of_tls, Some(rustls::Error::InvalidCertificate(_)))
        || inside
            .and_then(io::Error::get_ref)
            .is_some_and(|inside| is_of_certificate(inside))
        || error.source().is_some_and(is_of_certificate)
}

enum Sink {
    Plain(Box<Draft>),
    Gzip(Box<MultiGzDecoder<Draft>>),
}

impl Sink {
    fn take(mut self, piece: &[u8]) -> Result<Self, Cause> {
        let written = match &mut self {
            Self::Plain(draft) => draft.write_all(piece),
            Self::Gzip(decoder) => decoder.write_all(piece),
        };
        match written {
            Ok(()) => Ok(self),
            Err(error) => Err(self.failed(&error)),
        }
    }

    fn finish(mut self) -> Result<Waiting, Cause> {
        if let Self::Gzip(decoder) = &mut self
            && let Err(error) = decoder.try_finish()
        {
            return Err(self.failed(&error));
        }
        let draft = match self {
            Self::Plain(draft) => Ok(*draft),
            Self::Gzip(decoder) => decoder.finish(),
        };
        let draft = draft.map_err(|error| Cause::Packed {
            detail: error.to_string(),
        })?;
        Ok(draft.finish())
    }

    fn failed(&mut self, error: &io::Error) -> Cause {
        let draft = match self {
            Self::Plain(draft) => draft.as_mut(),
            Self::Gzip(decoder) => decoder.get_mut(),
        };
        draft.failed().unwrap_or_else(|| Cause::Packed {
            detail: error.to_string(),
        })
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use flate2::{Compression, write::GzEncoder};

    use super::*;

    fn gzipped(content: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(content).unwrap();
        encoder.finish().unwrap()
    }

    fn unpacked(packed: &[u8], limit: u64) -> Result<Bytes, Cause> {
        let draft = Draft::new(&Store::memory(), limit)?;
        let mut sink = Sink::Gzip(Box::new(MultiGzDecoder::new(draft)));
        for piece in packed.chunks(7) {
            sink = sink.take(piece)?;
        }
        Ok(sink.finish()?.content().bytes().unwrap())
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

    #[test]
    fn what_is_no_coding_is_passed_over() {
        let of = |values: &[&str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(CONTENT_ENCODING, value.parse().unwrap());
            }
            is_gzip(&headers)
        };
        let none: [&[&str]; 5] = [&[], &["identity"], &["UTF-8"], &["none", "binary"], &[""]];
        for values in none {
            assert!(!of(values).unwrap(), "{values:?}");
        }
        let gzip: [&[&str]; 4] = [
            &["GZIP"],
            &["x-gzip"],
            &["utf-8, gzip"],
            &["gzip", "identity"],
        ];
        for values in gzip {
            assert!(of(values).unwrap(), "{values:?}");
        }
        let other: [&[&str]; 4] = [&["br"], &["gzip, gzip"], &["deflate", "gzip"], &["zstd"]];
        for values in other {
            let refused = of(values).unwrap_err();
            assert!(matches!(refused, Cause::Coding { .. }), "{values:?}");
        }
    }

    #[test]
    fn a_body_that_hardly_comes_is_given_up() {
        let settings = Settings {
            idle_timeout: Duration::from_secs(30),
            least_rate: 100,
            ..Settings::default()
        };
        let begun = Instant::now();
        let after = |seconds| begun + Duration::from_secs(seconds);
        let mut pace = Pace::new(&settings, begun);
        pace.came(2999, after(29)).unwrap();
        pace.came(1, after(30)).unwrap();
        // What came before does not count for ever.
        pace.came(1, after(59)).unwrap();
        let slow = pace.came(1, after(60)).unwrap_err();
        assert!(matches!(slow, Cause::Slow { rate: 100 }), "{slow}");
    }

    #[test]
    fn a_certificate_is_found_wherever_it_stands_in_an_error() {
        let of_tls = rustls::Error::InvalidCertificate(rustls::CertificateError::UnknownIssuer);
        let inner = io::Error::new(io::ErrorKind::InvalidData, of_tls);
        assert!(is_of_certificate(&io::Error::other(inner)));
        let other = rustls::Error::HandshakeNotComplete;
        assert!(!is_of_certificate(&io::Error::other(other)));
    }
}
