//! `[fetch]` in `source.toml`: where a publisher has its file.
//!
//! Invariant: a [`Fetch`] has been validated; its addresses are addresses and its patterns are patterns. They are compiled
//! when they are used.

use globset::Glob;
use reqwest::Url;
use serde::Deserialize;

use super::name;
use crate::source::Pattern;

/// Bytes that a file may have where nothing else is declared.
const DEFAULT_MAX_BYTES: u64 = 256 << 20;

/// What `link` is, for messages.
const CHOOSES: &str = "link is a regular expression that chooses on a page";

/// How a source's file is fetched.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "FetchToml")]
pub struct Fetch {
    /// Where it is.
    pub address: Address,
    /// The name it gets; absent: the one that the server or the address gives it.
    pub file_name: Option<String>,
    /// Which members of a zip archive are the files; absent: what arrives is the file.
    pub member: Option<Glob>,
    /// Bytes that it may have, unpacked; the members of an archive count together.
    pub max_bytes: u64,
}

/// Where a file is.
#[derive(Debug, Clone)]
pub enum Address {
    /// On a web server.
    Web(Url),
    /// Behind the newest fitting link of a page.
    Page {
        /// The page.
        page: Url,
        /// Fits the links to the file, as they stand in the page.
        link: Pattern,
    },
    /// In a file of this machine (`file:///…`).
    File(Url),
    /// In an object store, as [`esf_engine::store::Store::open`] takes its folder.
    Object(Url),
}

/// The table as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FetchToml {
    url: Option<String>,
    page: Option<String>,
    link: Option<String>,
    file_name: Option<String>,
    member: Option<String>,
    #[serde(default = "default_max_bytes")]
    max_bytes: u64,
}

fn default_max_bytes() -> u64 {
    DEFAULT_MAX_BYTES
}

impl TryFrom<FetchToml> for Fetch {
    type Error = String;

    fn try_from(toml: FetchToml) -> Result<Self, String> {
        let address = match (&toml.url, &toml.page, &toml.link) {
            (Some(url), None, None) => address(url)?,
            (None, Some(page), Some(link)) => Address::Page {
                page: web(page)?,
                link: Pattern::new(link).map_err(|e| format!("[fetch] link = {link:?}: {e}"))?,
            },
            (Some(_), None, Some(_)) => {
                return Err(format!(
                    "[fetch] has url and link; {CHOOSES}, so write page in the place of url"
                ));
            }
            (None, Some(_), None) => {
                return Err(format!(
                    "[fetch] has page and no link; give link: {CHOOSES}"
                ));
            }
            (Some(_), Some(_), _) => {
                return Err(
                    "[fetch] has url and page; keep one: page, where the address changes".into(),
                );
            }
            (None, None, _) => {
                return Err("[fetch] says nothing to fetch; give url, or page and link".into());
            }
        };
        if toml.member.is_some() && toml.file_name.is_some() {
            return Err(
                "[fetch] has member and file_name; members of an archive keep their names, leave file_name out"
                    .into(),
            );
        }
        if let Some(file_name) = &toml.file_name
            && name::safe(file_name).as_ref() != Some(file_name)
        {
            return Err(format!(
                "[fetch] file_name = {file_name:?}: expected a plain name without folders"
            ));
        }
        if toml.max_bytes == 0 {
            return Err(
                "[fetch] max_bytes = 0 lets nothing through; leave it out for 256 MiB".into(),
            );
        }
        let member = toml.member.as_deref().map(glob).transpose()?;
        Ok(Self {
            address,
            file_name: toml.file_name,
            member,
            max_bytes: toml.max_bytes,
        })
    }
}

fn glob(pattern: &str) -> Result<Glob, String> {
    Glob::new(pattern).map_err(|e| format!("[fetch] member = {pattern:?}: {e}"))
}

fn web(text: &str) -> Result<Url, String> {
    let refuse = |why: &str| format!("[fetch] page = {text:?}: {why}; expected https://…");
    match Url::parse(text) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => Ok(url),
        Ok(_) => Err(refuse("this is no web address")),
        Err(error) => Err(refuse(&error.to_string())),
    }
}

fn address(text: &str) -> Result<Address, String> {
    let refuse = |why: &str| {
        format!("[fetch] url = {text:?}: {why}; expected https://…, file:///… or s3://bucket/…")
    };
    let url = Url::parse(text).map_err(|error| refuse(&error.to_string()))?;
    match url.scheme() {
        "http" | "https" => Ok(Address::Web(url)),
        "file" if url.to_file_path().is_ok() => Ok(Address::File(url)),
        "file" => Err(refuse("this is no file of this machine")),
        _ if name::of_url(&url).is_some() => Ok(Address::Object(url)),
        _ => Err(refuse("it names no object")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(toml: &str) -> Result<Fetch, String> {
        toml::from_str(toml).map_err(|e| e.to_string())
    }

    #[test]
    fn every_kind_of_address_is_read() {
        let kind = |toml: &str| match parse(toml).unwrap().address {
            Address::Web(url) => format!("web {url}"),
            Address::Page { page, link } => format!("page {page} {}", link.regex().unwrap()),
            Address::File(url) => format!("file {url}"),
            Address::Object(url) => format!("object {url}"),
        };
        assert_eq!(
            kind("url = \"https://example.org/a.csv\""),
            "web https://example.org/a.csv"
        );
        assert_eq!(
            kind("page = \"http://example.org/\"\nlink = 'a_(\\d+)\\.csv$'"),
            "page http://example.org/ a_([0-9]+)\\.csv$"
        );
        assert_eq!(
            kind("url = \"s3://bucket/lists/a.csv\""),
            "object s3://bucket/lists/a.csv"
        );
        if cfg!(unix) {
            assert_eq!(
                kind("url = \"file:///data/Liste%20neu.csv\""),
                "file file:///data/Liste%20neu.csv"
            );
        }
        let fetch = parse("url = \"https://example.org/a.zip\"\nmember = \"*.csv\"").unwrap();
        assert_eq!(fetch.max_bytes, DEFAULT_MAX_BYTES);
        assert!(
            fetch
                .member
                .unwrap()
                .compile_matcher()
                .is_match("folder/list.csv")
        );
    }

    #[test]
    fn what_cannot_be_fetched_is_refused_with_the_remedy() {
        for (toml, part) in [
            ("", "give url, or page and link"),
            ("link = \"x\"", "give url, or page and link"),
            ("page = \"https://example.org/\"", "give link"),
            (
                "url = \"https://example.org/\"\nlink = \"x\"",
                "write page in the place of url",
            ),
            (
                "url = \"https://example.org/\"\npage = \"https://example.org/\"",
                "url and page",
            ),
            (
                "page = \"https://example.org/\"\nlink = \"(\"",
                "link = \"(\"",
            ),
            (
                "page = \"file:///a\"\nlink = \"x\"",
                "this is no web address",
            ),
            ("url = \"lists/a.csv\"", "relative URL without a base"),
            ("url = \"s3://bucket\"", "it names no object"),
            (
                "url = \"https://example.org/\"\nmember = \"{\"",
                "member = \"{\"",
            ),
            (
                "url = \"https://example.org/\"\nfile_name = \"a/b\"",
                "a plain name",
            ),
            (
                "url = \"https://example.org/\"\nmax_bytes = 0",
                "max_bytes = 0",
            ),
            (
                "url = \"https://example.org/\"\nmember = \"*\"\nfile_name = \"a\"",
                "leave file_name out",
            ),
            ("url = \"https://example.org/\"\nretries = 3", "retries"),
        ] {
            let message = parse(toml).unwrap_err();
            assert!(message.contains(part), "{toml}: {message}");
        }
    }
}
