//! What a fetched file is called: by the server, by its address, or by its source. No name leads to another folder.

use percent_encoding::percent_decode_str;
use reqwest::Url;

use crate::source::Source;

/// Characters that a name may have.
const LONGEST: usize = 150;

/// The name in a `Content-Disposition` header.
pub(super) fn of_disposition(header: &str) -> Option<String> {
    let parameters = parameters(header);
    let of = |wanted: &str| {
        let found = parameters.iter().find(|(name, _)| name == wanted);
        found.map(|(_, value)| value.as_str())
    };
    // The extended form says its encoding and has the better name where there are both (RFC 6266).
    let extended = of("filename*").and_then(|value| {
        let encoded = value.splitn(3, '\'').nth(2)?;
        safe(&decoded(encoded))
    });
    extended.or_else(|| safe(of("filename")?))
}

/// The last part of an address.
pub(super) fn of_url(url: &Url) -> Option<String> {
    safe(&decoded(url.path_segments()?.next_back()?))
}

/// A name for what has none.
pub(super) fn of_source(source: &Source) -> String {
    match &source.toml.format {
        Some(format) => format!("{}.{}", source.source_id, format.kind),
        None => source.source_id.clone(),
    }
}

/// Text in UTF-8, or else in windows-1252, in which any bytes are text.
pub(super) fn text(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.into(),
        Err(_) => encoding_rs::WINDOWS_1252
            .decode_without_bom_handling(bytes)
            .0
            .into_owned(),
    }
}

/// The last part of a path as a plain name; none if nothing is left of it.
pub(super) fn safe(path: &str) -> Option<String> {
    let last = path.rsplit(['/', '\\']).next().unwrap_or_default();
    let plain: String = last.chars().filter(|c| !c.is_control()).collect();
    let plain = plain.trim().trim_start_matches('.').trim();
    // The end has the extension and, mostly, the date.
    let cut = plain.chars().count().saturating_sub(LONGEST);
    let name: String = plain.chars().skip(cut).collect();
    (!name.is_empty()).then_some(name)
}

fn decoded(encoded: &str) -> String {
    text(&percent_decode_str(encoded).collect::<Vec<u8>>())
}

/// The parameters of a header, names in lower case, values without quotes.
fn parameters(header: &str) -> Vec<(String, String)> {
    let mut parts = Vec::new();
    let mut part = String::new();
    let (mut quoted, mut escaped) = (false, false);
    for c in header.chars() {
        match c {
            _ if escaped => {
                part.push(c);
                escaped = false;
            }
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            ';' if !quoted => parts.push(std::mem::take(&mut part)),
            _ => part.push(c),
        }
    }
    parts.push(part);
    parts
        .iter()
        .filter_map(|part| part.split_once('='))
        .map(|(name, value)| (name.trim().to_ascii_lowercase(), value.trim().to_owned()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_server_names_the_file() {
        let name = |header: &str| of_disposition(header).unwrap_or_default();
        assert_eq!(name("attachment; filename=liste.csv"), "liste.csv");
        assert_eq!(
            name("attachment; FileName=\"Liste; \\\"neu\\\".csv\""),
            "Liste; \"neu\".csv"
        );
        assert_eq!(
            name("attachment; filename=\"x.csv\"; filename*=UTF-8''F%C3%B6rderung%202024.csv"),
            "Förderung 2024.csv"
        );
        assert_eq!(
            name("attachment; filename*=iso-8859-1'de'F%F6rderung.csv"),
            "Förderung.csv"
        );
        assert_eq!(name("attachment; filename=\"../../etc/passwd\""), "passwd");
        assert_eq!(of_disposition("inline"), None);
        assert_eq!(of_disposition("attachment; filename=\"..\""), None);
    }

    #[test]
    fn else_the_address_does() {
        let name = |url: &str| of_url(&Url::parse(url).unwrap());
        assert_eq!(
            name("https://example.org/a/Liste%20der%20Vorhaben.xlsx?v=3").as_deref(),
            Some("Liste der Vorhaben.xlsx")
        );
        assert_eq!(
            name("https://example.org/a/..%2F..%2Fx.csv").as_deref(),
            Some("x.csv")
        );
        assert_eq!(name("https://example.org/"), None);
        let long = format!("https://example.org/{}.csv", "a".repeat(400));
        let long = name(&long).unwrap();
        assert_eq!(long.len(), LONGEST);
        assert!(long.ends_with(".csv"));
    }
}
