//! Clean text and HTML cells.

use std::borrow::Cow;

use super::super::*;

#[test]
fn traces_of_layout_go() {
    for (text, clean) in [
        ("Bildung  und\u{a0}Arbeit ", "Bildung und Arbeit"),
        ("\tBildung\r\nund\n\nArbeit", "Bildung und Arbeit"),
        ("Vor-\nhaben", "Vorhaben"),
        ("Vor- \r\n haben", "Vorhaben"),
        ("Vor\u{ad}\nhaben", "Vorhaben"),
        ("Vor\u{ad}haben", "Vorhaben"),
        ("Aus- und Weiterbildung", "Aus- und Weiterbildung"),
        ("Aus-\nund Weiterbildung", "Aus- und Weiterbildung"),
        (
            "utbildnings-\noch arbetsmarknad",
            "utbildnings- och arbetsmarknad",
        ),
        ("ESF-\nProjekt", "ESF-Projekt"),
        ("E-\nlearning", "E-learning"),
        ("ESF-\ngefördert", "ESF-gefördert"),
        ("Titel -\nzusatz", "Titel - zusatz"),
        ("Wort-\n\nneuer Absatz", "Wort- neuer Absatz"),
        ("a\u{308}hnlich", "ähnlich"),
        ("\u{feff}Name\u{200b}", "Name"),
        ("thin\u{2009}and\u{202f}narrow", "thin and narrow"),
        ("2014–2020 „Zitat“ …", "2014–2020 „Zitat“ …"),
    ] {
        assert_eq!(clean_text(text).as_deref(), Some(clean), "{text:?}");
    }
    for text in ["", " ", "\u{a0}\n", "\u{ad}"] {
        assert_eq!(clean_text(text), None, "{text:?}");
    }
}

#[test]
fn clean_text_is_borrowed() {
    for text in [
        "Förderung der Beschäftigung – „Teil 1“ über 100 €",
        "Åtgärder för unga",
        "plain",
    ] {
        assert!(matches!(clean_text(text), Some(Cow::Borrowed(_))), "{text}");
    }
    assert!(matches!(
        clean_text(" nur Ränder "),
        Some(Cow::Borrowed("nur Ränder"))
    ));
}

#[test]
fn html_cells_become_text() {
    for (text, clean) in [
        ("<p>Bildung</p><p>und Arbeit</p>", "Bildung und Arbeit"),
        (
            "Ein <b>wichtiges</b> Ziel<br/>neu",
            "Ein wichtiges Ziel neu",
        ),
        (
            "2014 &#8211; 2020 &amp; sp&auml;ter&nbsp;&#x2026;",
            "2014 – 2020 & später …",
        ),
        ("a<!-- weg -->b<script>x < 1</script>c", "abc"),
        ("&#150;", "–"),
        ("R&D, a < b, AT&T;", "R&D, a < b, AT&T;"),
        (
            "Anfrage an <info@example.org>",
            "Anfrage an <info@example.org>",
        ),
        ("offen <b", "offen <b"),
    ] {
        assert_eq!(clean_html(text).as_deref(), Some(clean), "{text:?}");
    }
    assert!(matches!(strip_html("R&D und a < b"), Cow::Borrowed(_)));
    assert_eq!(clean_html("<p> </p>"), None);
}

#[test]
fn opening_marks_that_nothing_closes_are_looked_through_once() {
    // From each of them to the end and again would take minutes.
    for mark in ["<!--", "<script ", "<script </script "] {
        let cell = mark.repeat((1 << 20) / mark.len());
        assert!(*strip_html(&cell) == *cell, "{mark}");
    }
    assert_eq!(strip_html("a<!-- b <!-- c -->d<!-- e"), "ad<!-- e");
    assert_eq!(strip_html("a<style>b</style>c<style>d"), "acd");
}
