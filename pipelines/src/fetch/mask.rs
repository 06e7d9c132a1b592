//! Addresses as messages and documents show them: without what gives access.

use reqwest::Url;

/// What stands in the place of a secret.
const MASK: &str = "***";

/// Parts of the names of query parameters that give access.
const SECRET: [&str; 9] = [
    "token", "key", "secret", "sig", "pass", "pwd", "auth", "cred", "session",
];

/// The address without user, password, fragment and secret parameters.
pub(super) fn masked(url: &Url) -> String {
    let mut shown = url.clone();
    shown.set_fragment(None);
    if !url.username().is_empty() || url.password().is_some() {
        // An address that had a user can have another one.
        let _ = shown.set_username(MASK);
        let _ = shown.set_password(None);
    }
    // Parameters are only written anew where they have to be: that changes how blanks and umlauts are spelled.
    if url.query_pairs().any(|(name, _)| is_secret(&name)) {
        let pairs: Vec<(String, String)> = url
            .query_pairs()
            .map(|(name, value)| {
                let value = if is_secret(&name) {
                    MASK.into()
                } else {
                    value.into_owned()
                };
                (name.into_owned(), value)
            })
            .collect();
        shown.query_pairs_mut().clear().extend_pairs(pairs);
    }
    shown.into()
}

/// What a page or server gave for an address, masked like one, also where it is none.
pub(super) fn masked_text(text: &str) -> String {
    if let Ok(url) = Url::parse(text) {
        return masked(&url);
    }
    let text = text.split(['?', '#']).next().unwrap_or_default();
    let user = text.split_once("//").and_then(|(scheme, rest)| {
        let (_, behind) = rest.rsplit_once('@')?;
        Some(format!("{scheme}//{MASK}@{behind}"))
    });
    user.unwrap_or_else(|| text.to_owned())
}

fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    SECRET.iter().any(|part| name.contains(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_gives_access_is_not_shown() {
        let shown = |url: &str| masked(&Url::parse(url).unwrap());
        assert_eq!(
            shown("https://anna:geheim@example.org/liste.csv#oben"),
            "https://***@example.org/liste.csv"
        );
        assert_eq!(
            shown("https://example.org/a?format=csv&X-Amz-Signature=abc&api_key=1"),
            "https://example.org/a?format=csv&X-Amz-Signature=***&api_key=***"
        );
        assert_eq!(
            shown("https://example.org/a?q=a%20b"),
            "https://example.org/a?q=a%20b"
        );
    }

    #[test]
    fn nor_is_it_of_what_is_no_web_address_or_none_at_all() {
        for (text, shown) in [
            ("ftp://anna:geheim@example.org/x", "ftp://***@example.org/x"),
            ("https://anna:geheim@:x/a/b?key=1", "https://***@:x/a/b"),
            (
                "https://anna:ge/heim@example.org/a",
                "https://***@example.org/a",
            ),
            ("//anna:geheim@ex ample", "//***@ex ample"),
            ("https://", "https://"),
            ("liste neu.csv?token=abc", "liste neu.csv"),
        ] {
            assert_eq!(masked_text(text), shown, "{text}");
        }
    }
}
