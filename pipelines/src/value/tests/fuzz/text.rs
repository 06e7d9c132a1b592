//! Texts, HTML in cells, codes and words for nothing.

use super::*;

#[test]
fn fuzz_text() {
    Target {
        name: "text",
        runs: 5_000,
        words: &[
            "-\n",
            "\u{AD}",
            "\u{AD}\n",
            "\u{200B}",
            "\u{308}",
            "a\u{308}",
            "\u{A0}",
            "\u{2009}",
            "\r\n",
            "\u{85}",
            "\u{2028}",
            "\u{FEFF}",
            "und ",
            "och ",
            "ESF-",
            "<br>",
            "<p>",
            "</p>",
            "<!--",
            "-->",
            "<script>",
            "</script>",
            "<style",
            "&amp;",
            "&auml;",
            "&#8211;",
            "&#x2013;",
            "&#0;",
            "&#150;",
            "&nbsp;",
            "&shy;",
            "a < b",
            "<info@example.org>",
            "016",
            "104.0",
            "117 - ",
            "106/109",
            "A 5.1",
            "ESO4.6",
            "k. A.",
        ],
        check,
    }
    .run();
}

fn check(input: &[u8]) -> Checked {
    let text = String::from_utf8_lossy(input);
    cleaned(&text)?;
    stripped(&text)?;
    for cell in text.lines().take(MOST_CELLS) {
        code(cell)?;
        nothing(cell)?;
    }
    Ok(())
}

/// Cleaned text has no trace of layout, and letters of the published text only.
fn cleaned(text: &str) -> Checked {
    let Some(clean) = clean_text(text) else {
        let seen = text.chars().any(char::is_alphanumeric);
        prop_assert!(!seen, "nothing is left of {text:?}");
        return Ok(());
    };
    let again = clean_text(&clean);
    prop_assert_eq!(again.as_deref(), Some(&*clean));
    prop_assert!(unicode_normalization::is_nfc(&clean), "{clean:?}");
    let layout = |c: char| c.is_control() || (c.is_whitespace() && c != ' ') || c == '\u{AD}';
    prop_assert!(!clean.contains(layout), "{clean:?}");
    prop_assert!(!clean.contains("  ") && clean.trim() == clean, "{clean:?}");
    prop_assert_eq!(letters(&clean), letters(text), "{:?}", text);
    Ok(())
}

/// What may not be lost when layout is taken away.
fn letters(text: &str) -> String {
    use unicode_normalization::UnicodeNormalization;
    text.nfd().filter(|c| c.is_alphanumeric()).collect()
}

/// HTML goes, and what only looks like it stays.
fn stripped(text: &str) -> Checked {
    let plain = strip_html(text);
    prop_assert!(plain.len() <= text.len(), "{text:?} grew");
    if !text.contains(['<', '&']) {
        prop_assert_eq!(&*plain, text);
    }
    let before = text.split(['<', '&']).next().unwrap_or_default();
    prop_assert!(plain.starts_with(before), "{before:?} before {plain:?}");
    prop_assert_eq!(clean_html(text), clean_text(&plain));
    Ok(())
}

/// A code and its label stand in the cell, in this order, and the code alone is a code again.
fn code(cell: &str) -> Checked {
    let Ok(read) = parse_code(cell) else {
        return Ok(());
    };
    let some = read.code.is_some() || read.label.is_some();
    prop_assert_eq!(some, !cell.trim().is_empty(), "{:?}", cell);
    let Some(code) = read.code else {
        prop_assert_eq!(read.label.unwrap_or(""), cell.trim());
        return Ok(());
    };
    prop_assert!(cell.trim().starts_with(code), "{code:?} of {cell:?}");
    if let Some(label) = read.label {
        prop_assert!(cell.trim().ends_with(label), "{label:?} of {cell:?}");
        prop_assert!(code.len() + label.len() < cell.trim().len(), "{cell:?}");
    }
    let alone = CodeLabel {
        code: Some(code),
        label: None,
    };
    prop_assert_eq!(parse_code(code), Ok(alone), "{:?}", cell);
    Ok(())
}

/// A word for nothing is one with blanks around it and in any case, and is no number.
fn nothing(cell: &str) -> Checked {
    let nulls = NullWords::common();
    let null = nulls.is_null(cell);
    prop_assert_eq!(nulls.is_null(&format!("\u{A0}{cell} ")), null, "{:?}", cell);
    prop_assert_eq!(
        nulls.is_null(&cell.to_ascii_uppercase()),
        null,
        "{:?}",
        cell
    );
    let amount = parse_amount(cell, NumberConvention::PLAIN);
    prop_assert!(!null || !matches!(amount, Ok(Some(_))), "{cell:?}");
    Ok(())
}
