//! The XML of a part, event by event, with errors that name the part and the place.

use std::io::BufRead;

use quick_xml::Reader;
use quick_xml::events::{BytesRef, BytesStart, Event};

use super::super::error::ReadError;
use super::super::format::Kind;
use super::super::place::Place;
use super::package::Breach;

/// A part being read. Empty elements come as a start and an end.
pub(super) struct Xml<R> {
    reader: Reader<R>,
    part: String,
    kind: Kind,
    limit: u64,
    max_token: usize,
}

impl<R: BufRead> Xml<R> {
    pub(super) fn new(source: R, part: String, kind: Kind, limit: u64, max_token: usize) -> Self {
        let mut reader = Reader::from_reader(source);
        let config = reader.config_mut();
        config.expand_empty_elements = true;
        config.check_end_names = false; // costs a stack of names; a cut-off part shows at its end and by its checksum
        Self {
            reader,
            part,
            kind,
            limit,
            max_token,
        }
    }

    /// The next event.
    pub(super) fn next<'b>(&mut self, buffer: &'b mut Vec<u8>) -> Result<Event<'b>, ReadError> {
        buffer.clear();
        let (part, kind, limit, max_token) = (&self.part, self.kind, self.limit, self.max_token);
        let position = self.reader.buffer_position();
        self.reader.read_event_into(buffer).map_err(|error| {
            if let quick_xml::Error::Io(io) = &error {
                return match io.get_ref().and_then(|e| e.downcast_ref::<Breach>()) {
                    Some(Breach::Inflated) => ReadError::Inflated {
                        part: part.clone(),
                        limit,
                    },
                    Some(Breach::Token) => ReadError::CellTooLarge {
                        place: Place {
                            sheet: Some(part.clone()),
                            byte: Some(position),
                            ..Place::default()
                        },
                        limit: max_token / 2,
                    },
                    None => ReadError::Damaged {
                        kind,
                        detail: format!("part '{part}' cannot be unpacked: {io}"),
                    },
                };
            }
            ReadError::Xml {
                part: part.clone(),
                byte: position,
                detail: error.to_string(),
            }
        })
    }

    /// The error for a part that is not as it has to be.
    pub(super) fn error(&self, detail: &str) -> ReadError {
        ReadError::Xml {
            part: self.part.clone(),
            byte: self.reader.buffer_position(),
            detail: detail.to_owned(),
        }
    }
}

/// Value of an attribute by its local name, with entities resolved.
pub(super) fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    element
        .attributes()
        .with_checks(false)
        .filter_map(Result::ok)
        .find(|a| a.key.local_name().as_ref() == name)
        .map(|a| {
            quick_xml::escape::unescape(&a.value)
                .map_or_else(|_| a.value.to_string(), std::borrow::Cow::into_owned)
        })
}

/// Whether an attribute of XML's boolean type is set.
pub(super) fn is_set(element: &BytesStart<'_>, name: &str) -> bool {
    attribute(element, name).is_some_and(|value| matches!(value.as_str(), "1" | "true"))
}

/// Appends what `&name;` or `&#10;` stands for.
pub(super) fn resolve(reference: &BytesRef<'_>, out: &mut String) {
    if let Ok(Some(c)) = reference.resolve_char_ref() {
        out.push(c);
        return;
    }
    let name: &str = reference;
    match name {
        "amp" => out.push('&'),
        "lt" => out.push('<'),
        "gt" => out.push('>'),
        "quot" => out.push('"'),
        "apos" => out.push('\''),
        other => {
            // No entity of ours: keep what was written rather than lose it.
            out.push('&');
            out.push_str(other);
            out.push(';');
        }
    }
}
