//! Just enough of SQL's lexical rules to tell words, strings and comments apart and to split statements.

/// What a piece of a statement is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A word: keyword, name or number.
    Word,
    /// A quoted name.
    Name,
    /// A string.
    Text,
    /// A comment.
    Comment,
    /// Blanks and signs, one character each.
    Other,
}

/// The pieces of a statement; together they are the whole of it.
pub(crate) fn pieces(sql: &str) -> impl Iterator<Item = (Kind, &str)> {
    let mut rest = sql;
    std::iter::from_fn(move || {
        let first = rest.chars().next()?;
        let (kind, length) = match first {
            '\'' => (Kind::Text, quoted(rest, '\'')),
            '"' => (Kind::Name, quoted(rest, '"')),
            _ if rest.starts_with("--") => (Kind::Comment, rest.find('\n').unwrap_or(rest.len())),
            _ if rest.starts_with("/*") => (
                Kind::Comment,
                rest.find("*/").map_or(rest.len(), |at| at + 2),
            ),
            c if is_word(c) => (Kind::Word, rest.find(|c| !is_word(c)).unwrap_or(rest.len())),
            c => (Kind::Other, c.len_utf8()),
        };
        let (piece, tail) = rest.split_at(length);
        rest = tail;
        Some((kind, piece))
    })
}

/// The statements of a text, without their semicolons; empty ones are left out.
pub(crate) fn statements(sql: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let (mut start, mut at) = (0, 0);
    for (kind, piece) in pieces(sql) {
        if kind == Kind::Other && piece == ";" {
            found.push(&sql[start..at]);
            start = at + 1;
        }
        at += piece.len();
    }
    found.push(&sql[start..]);
    found.retain(|statement| {
        pieces(statement).any(|(kind, piece)| kind != Kind::Comment && !piece.trim().is_empty())
    });
    found
}

/// Whether a statement gives rows: what the session is to keep gives none.
pub(crate) fn gives_rows(statement: &str) -> bool {
    let mut words = pieces(statement).filter(|(kind, _)| *kind == Kind::Word);
    words
        .next()
        .is_none_or(|(_, word)| !word.eq_ignore_ascii_case("create"))
}

/// Whether a text ends with a finished statement.
pub(super) fn is_finished(sql: &str) -> bool {
    let last = pieces(sql)
        .filter(|(kind, piece)| *kind != Kind::Comment && !piece.trim().is_empty())
        .last();
    last == Some((Kind::Other, ";"))
}

/// The length of a quoted piece; a doubled quote is part of it, and an open one takes the rest.
fn quoted(text: &str, quote: char) -> usize {
    let mut characters = text.char_indices().skip(1).peekable();
    while let Some((at, c)) = characters.next() {
        if c == quote && characters.next_if(|(_, next)| *next == quote).is_none() {
            return at + 1;
        }
    }
    text.len()
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn semicolons_in_strings_names_and_comments_end_nothing() {
        let sql = "select ';' , \"a;b\" -- ; no\n /* ; */ from t; select 'it''s;'";
        assert_eq!(
            statements(sql),
            [
                "select ';' , \"a;b\" -- ; no\n /* ; */ from t",
                " select 'it''s;'"
            ]
        );
        assert_eq!(statements(" ; -- nothing\n ;").len(), 0);
    }

    #[test]
    fn a_statement_is_finished_by_its_semicolon() {
        assert!(is_finished("select 1; -- done"));
        assert!(!is_finished("select ';"));
        assert!(!is_finished("select 1"));
    }

    #[test]
    fn what_is_kept_gives_no_rows() {
        assert!(!gives_rows(
            "-- create\n /* ; */ Create temp table a as select 1"
        ));
        assert!(gives_rows("-- create\nselect 'create' from \"create\""));
    }

    #[test]
    fn pieces_are_the_whole_text() {
        let sql = "select \"ä\", 'ö' from täble /* open";
        assert_eq!(pieces(sql).map(|(_, piece)| piece).collect::<String>(), sql);
    }
}
