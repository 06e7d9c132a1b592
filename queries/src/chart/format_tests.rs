//! Tests of how numbers are written.

use super::*;
use crate::chart::comparison::Row;

fn format(language: Language, unit: &str, values: &[f64]) -> Format {
    Format::of(&Comparison {
        unit: unit.to_owned(),
        language,
        rows: values.iter().map(|v| Row::shown("", "", *v)).collect(),
        ..Comparison::default()
    })
}

#[test]
fn each_language_has_its_marks() {
    let written = |language| decimal(-1_234_567.25, 1, language);
    assert_eq!(written(Language::De), "−1.234.567,2");
    assert_eq!(written(Language::Sv), "−1\u{a0}234\u{a0}567,2");
    assert_eq!(written(Language::En), "−1,234,567.2");
}

#[test]
fn shares_are_per_cent() {
    assert_eq!(
        format(Language::De, "share", &[0.308]).value(0.308),
        "30,8\u{a0}%"
    );
    assert_eq!(
        format(Language::Sv, "share of women", &[0.5]).value(0.5),
        "50,0\u{a0}%"
    );
    assert_eq!(
        format(Language::En, "share", &[0.0012]).value(0.0012),
        "0.120%"
    );
}

#[test]
fn the_parts_of_a_sum_add_up_as_they_are_written() {
    let format = format(Language::En, "index", &[2.5]);
    assert_eq!(format.sum((2.5, 0.25)), ["2.75", "2.50", "0.25"]);
    // With two decimals 2.69 and 0.12 would stand beside 2.82.
    assert_eq!(format.sum((2.694, 0.124)), ["2.818", "2.694", "0.124"]);
}

#[test]
fn decimals_follow_the_middle_value() {
    assert_eq!(
        format(Language::En, "EUR", &[1234.56, 2345.67, 8.2]).value(8.2),
        "8"
    );
    assert_eq!(format(Language::En, "EUR", &[12.345]).value(12.345), "12.3");
    assert_eq!(format(Language::En, "EUR", &[3.0, 4.0]).value(3.0), "3");
    assert_eq!(
        format(Language::En, "index", &[0.4567]).value(0.4567),
        "0.457"
    );
    assert_eq!(format(Language::En, "EUR", &[]).value(3.0), "3");
}

#[test]
fn nothing_but_zero_reads_as_zero() {
    let f = format(Language::En, "EUR", &[1500.5, 1600.5]);
    assert_eq!(
        (f.value(0.0), f.value(-0.0), f.value(0.032)),
        ("0".into(), "0".into(), "0.032".into())
    );
    assert_eq!(f.value(-0.3), "−0.30");
    assert_eq!(f.value(1e-30), "1.00·10⁻³⁰");
}

#[test]
fn huge_numbers_stay_short() {
    let f = format(Language::De, "EUR", &[1e300]);
    assert_eq!(
        (f.value(1e300), f.compact(-1e300)),
        ("1,00·10³⁰⁰".into(), "−1,00·10³⁰⁰".into())
    );
    assert_eq!(f.compact(1_234_567_890.0), "1,23\u{a0}Mrd.");
    assert_eq!(
        format(Language::Sv, "SEK", &[1e6]).compact(45_600_000.0),
        "45,6\u{a0}mn"
    );
    assert_eq!(
        format(Language::En, "EUR", &[1e6]).compact(999_999.0),
        "999,999"
    );
    assert_eq!(f.value(f64::NAN), "–");
}

#[test]
fn round_numbers_keep_all_digits_and_no_more() {
    let f = format(Language::De, "EUR", &[1e6]);
    assert_eq!(
        (
            f.round(2_500_000.0, 4e6),
            f.round(0.0, 4e6),
            f.round(0.25, 1.0)
        ),
        ("2,5\u{a0}Mio.".into(), "0".into(), "0,25".into())
    );
    assert_eq!(format(Language::En, "share", &[0.3]).round(0.3, 0.5), "30%");
    assert_eq!(format(Language::En, "share", &[0.3]).round(0.07, 0.5), "7%");
    assert_eq!(f.round(1e18, 1e18), "1,00·10¹⁸");
}

#[test]
fn intervals_counts_and_coverage() {
    let f = format(Language::De, "share", &[0.3]);
    assert_eq!(
        f.interval((0.255_288, 0.366_209)),
        "[25,5\u{a0}%; 36,6\u{a0}%]"
    );
    assert_eq!(
        (f.count(-12_345), f.count(i64::MIN).len()),
        ("−12.345".into(), 28)
    );
    assert_eq!(
        (f.share(0.9999), f.share(1.0), f.share(0.003)),
        (
            "99,9\u{a0}%".into(),
            "100\u{a0}%".into(),
            "0,3\u{a0}%".into()
        )
    );
}

#[test]
fn raised_digits() {
    assert_eq!(
        (superscript("-12"), superscript("0")),
        ("⁻¹²".into(), "⁰".into())
    );
}
