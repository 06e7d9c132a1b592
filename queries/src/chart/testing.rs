//! Comparisons made up for the tests of this crate.

use crate::chart::{Comparison, Condition, Language, Row, Shared};

/// All languages.
pub(crate) const ALL: [Language; 3] = [Language::De, Language::Sv, Language::En];

/// Text that would break out of any markup, and out of a terminal.
pub(crate) const HOSTILE: &str = "<script>\"x\" & 'y'</script>]]>\u{1b}[31m\u{202e}\u{0}";

/// A comparison of these rows.
pub(crate) fn of(rows: Vec<Row>) -> Comparison {
    Comparison {
        title: "Title".to_owned(),
        reading: "Reading.".to_owned(),
        unit: "EUR".to_owned(),
        by: "region".to_owned(),
        as_of: "release 42".to_owned(),
        citation: "esf, release 42".to_owned(),
        shared: Shared::Money,
        rows,
        ..Comparison::default()
    }
}

/// Comparisons that are hard to draw: nothing, nothing seen, one row, below zero, huge, equal, hostile.
pub(crate) fn hard() -> Vec<Comparison> {
    let shown = |values: &[f64]| {
        let keys = ["DE1", "DE2", "SE11", "SE224", "DEG", "XX"];
        of(values
            .iter()
            .zip(keys)
            .map(|(v, key)| Row::shown(key, key, *v))
            .collect())
    };
    let mut hostile = of(vec![
        Row::shown(HOSTILE, HOSTILE, 1.0),
        Row {
            flags: vec![HOSTILE.to_owned()],
            ..Row::missing("DE1", HOSTILE, HOSTILE)
        },
        Row {
            flags: vec![HOSTILE.to_owned()],
            ..Row::shown("DE2", HOSTILE, 2.0)
        },
    ]);
    for text in [
        &mut hostile.title,
        &mut hostile.reading,
        &mut hostile.unit,
        &mut hostile.by,
        &mut hostile.as_of,
        &mut hostile.citation,
        &mut hostile.interval,
    ] {
        HOSTILE.clone_into(text);
    }
    hostile.caveats = vec![HOSTILE.to_owned()];
    hostile.english_caveats = vec![HOSTILE.to_owned()];
    hostile.conditions = vec![Condition::Where(HOSTILE.to_owned())];
    hostile.beyond = vec![Row::missing(HOSTILE, HOSTILE, HOSTILE)];
    hostile.demonstration = true;
    vec![
        of(Vec::new()),
        of(vec![
            Row::missing("DE1", "A", "no date"),
            Row::suppressed("SE11", "B"),
            Row::missing("DE2", "C", ""),
        ]),
        shown(&[5.0]),
        shown(&[-3.0, -1.5, -0.1]),
        shown(&[-3.0, 0.0, 4.0]),
        shown(&[1e300, -1e300, 1e-300]),
        shown(&[f64::MAX, f64::MIN, f64::MAX]),
        shown(&[0.0, 0.0, 0.0]),
        shown(&[7.0, 7.0, 7.0]),
        shown(&[f64::NAN, f64::INFINITY, 1.0]),
        hostile,
    ]
}

/// A suppressed row that holds numbers which must not be seen, and those numbers.
pub(crate) fn secret() -> (Row, Vec<&'static str>) {
    let row = Row {
        value: Some(77_123.0),
        lower: Some(71_456.0),
        upper: Some(79_789.0),
        n: Some(31_337),
        coverage: Some(0.4143),
        rank: Some((6_161, 6_262)),
        ..Row::suppressed("DEC", "Saarland")
    };
    (
        row,
        vec![
            "77123", "77,123", "71,456", "79,789", "31337", "31,337", "41%", "6161", "6262",
        ],
    )
}

/// Asserts that a picture is well formed as far as text can say: no stray markup, no number that is none.
pub(crate) fn assert_sound(picture: &str) {
    assert!(!picture.contains("<script"), "{picture}");
    for word in [
        "NaN", "inf\"", "\u{1b}", "\u{202e}", "\u{0}", "\"-\"", "]]>",
    ] {
        assert!(!picture.contains(word), "{word:?} in {picture}");
    }
    let mut open: Vec<&str> = Vec::new();
    for tag in picture.split('<').skip(1) {
        let (tag, rest) = tag
            .split_once('>')
            .unwrap_or_else(|| panic!("open tag {tag}"));
        assert!(!rest.contains('>'), "stray > after {tag}");
        let name = tag.split([' ', '\n']).next().unwrap_or_default();
        if let Some(name) = name.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name), "closing {name}");
        } else if !(tag.ends_with('/')
            || name.starts_with('!')
            || ["meta", "br", "link"].contains(&name))
        {
            open.push(name);
        }
        assert_eq!(tag.matches('"').count() % 2, 0, "quotes in {tag}");
    }
    assert!(open.is_empty(), "left open: {open:?}");
}
