//! Patterns of a source: checked when the source is read, compiled when they are first used. Of a thousand sources most have
//! no new file in a night, and compiling all their patterns would take longer than everything else.

use std::sync::{Arc, OnceLock};

use globset::{Glob, GlobMatcher};
use regex::Regex;

/// A regular expression.
#[derive(Debug, Clone)]
pub struct Pattern {
    text: Arc<str>,
    compiled: Arc<OnceLock<Result<Regex, String>>>,
}

impl Pattern {
    /// Fails for a text that is no regular expression.
    pub fn new(text: &str) -> Result<Self, String> {
        regex_syntax::parse(text).map_err(|error| error.to_string())?;
        Ok(Self {
            text: text.into(),
            compiled: Arc::default(),
        })
    }

    /// The expression; fails for one that is sound but too large to be searched for.
    pub fn regex(&self) -> Result<&Regex, String> {
        let compiled = self
            .compiled
            .get_or_init(|| Regex::new(&latin(&self.text)).map_err(|error| error.to_string()));
        compiled
            .as_ref()
            .map_err(|error| format!("the pattern {:?} cannot be used: {error}", self.text))
    }
}

/// Narrows classes of all scripts to the Latin letters and the digits that German and Swedish publishers use: the same matches
/// there, at a hundredth of the time and memory.
pub(crate) fn latin(pattern: &str) -> String {
    const CLASSES: &[(&str, &str)] = &[
        (r"\p{Lu}", "A-ZÀ-ÖØ-ÞŠŽ"),
        (r"\p{Ll}", "a-zß-öø-ÿšž"),
        (r"\p{L}", "A-Za-zÀ-ÖØ-öø-ÿŠšŽž"),
        // Accents may stand as characters of their own behind their letters, as some systems write names of files.
        (r"\w", r"A-Za-zÀ-ÖØ-öø-ÿŠšŽž0-9_\x{300}-\x{36F}"),
        (r"\d", "0-9"),
    ];
    let mut out = String::with_capacity(pattern.len() * 2);
    let mut in_class = false;
    let mut rest = pattern;
    while let Some(c) = rest.chars().next() {
        if let Some((class, ranges)) = CLASSES.iter().find(|(class, _)| rest.starts_with(class)) {
            if in_class {
                out.push_str(ranges);
            } else {
                out.push('[');
                out.push_str(ranges);
                out.push(']');
            }
            rest = &rest[class.len()..];
            continue;
        }
        let escaped = if c == '\\' {
            rest[1..].chars().next()
        } else {
            None
        };
        match (c, escaped) {
            ('[', None) => in_class = true,
            (']', None) => in_class = false,
            _ => {}
        }
        out.push(c);
        rest = &rest[c.len_utf8()..];
        if let Some(next) = escaped {
            out.push(next);
            rest = &rest[next.len_utf8()..];
        }
    }
    out
}

/// The globs under which a source knows its files.
#[derive(Debug, Clone, Default)]
pub(super) struct Globs(Vec<NameGlob>);

#[derive(Debug, Clone)]
struct NameGlob {
    glob: Glob,
    /// How a name has to begin.
    begins: String,
    /// Characters that are not left open; the most there is for a pattern without wildcards.
    width: usize,
    matcher: Arc<OnceLock<GlobMatcher>>,
}

const WILDCARDS: [char; 4] = ['*', '?', '[', '{'];

impl Globs {
    /// Fails for the first that is no glob, naming it.
    pub(super) fn new(globs: &[String]) -> Result<Self, (String, String)> {
        let one = |text: &String| {
            let glob = Glob::new(text).map_err(|error| (text.clone(), error.to_string()))?;
            let open = |c: char| WILDCARDS.contains(&c) || c == '\\';
            Ok(NameGlob {
                glob,
                begins: text.split(open).next().unwrap_or_default().to_owned(),
                width: if text.contains(WILDCARDS) {
                    text.chars().filter(|c| !matches!(c, '*' | '?')).count()
                } else {
                    usize::MAX
                },
                matcher: Arc::default(),
            })
        };
        globs.iter().map(one).collect::<Result<_, _>>().map(Self)
    }

    /// The width of the narrowest that fits a name.
    pub(super) fn claim(&self, name: &str) -> Option<usize> {
        let fitting = self.0.iter().filter(|one| {
            name.starts_with(&one.begins)
                && one
                    .matcher
                    .get_or_init(|| one.glob.compile_matcher())
                    .is_match(name)
        });
        fitting.map(|one| one.width).max()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_pattern_is_told_at_once_and_what_is_too_large_when_it_is_used() {
        assert!(
            Pattern::new("(unclosed")
                .unwrap_err()
                .contains("unclosed group")
        );
        let large = Pattern::new(r"(\p{L}{1000}){1000}").unwrap();
        assert!(large.regex().unwrap_err().contains("cannot be used"));
        let sound = Pattern::new(r"_(\d{4})").unwrap();
        assert!(sound.regex().unwrap().is_match("list_2020.csv"));
    }

    #[test]
    fn classes_of_letters_and_digits_are_those_of_publishers() {
        let words = Pattern::new(r"^[\p{L}-]+ \\d\w\d$").unwrap();
        let regex = words.regex().unwrap();
        for (text, fits) in [
            (r"Förde-Örebro \dß1", true),
            (r"Förde-Örebro 1ß1", false),
            ("Λ \\dß1", false),
            ("a \\d\u{308}1", true),
        ] {
            assert_eq!(regex.is_match(text), fits, "{text}");
        }
    }

    #[test]
    fn globs_name_files() {
        let globs =
            |texts: &[&str]| Globs::new(&texts.iter().map(ToString::to_string).collect::<Vec<_>>());
        let list = globs(&["liste_*.csv", "liste_?[0-9].{csv,txt}", "eine.csv"]).unwrap();
        assert_eq!(list.claim("liste_01.csv"), Some(21));
        assert_eq!(list.claim("liste_ab.csv"), Some(10));
        assert_eq!(list.claim("eine.csv"), Some(usize::MAX));
        assert_eq!(list.claim("meine.csv"), None);
        assert_eq!(globs(&["a[.csv"]).unwrap_err().0, "a[.csv");
    }
}
