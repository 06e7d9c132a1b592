//! Rates, codes and null words.

use super::super::*;

#[test]
fn rates_in_every_spelling() {
    use RateConvention::{Fraction, Percent};
    for (text, convention, millionths) in [
        ("45%", Fraction, 450_000),
        ("80.00%", Fraction, 800_000),
        ("49,92%", Percent, 499_200),
        ("50 %", Percent, 500_000),
        ("50 Prozent", Fraction, 500_000),
        ("50 v.H.", Fraction, 500_000),
        ("80", Percent, 800_000),
        ("40.0", Percent, 400_000),
        ("0.5", Fraction, 500_000),
        ("0,8", Fraction, 800_000),
        ("0.8500000000000001", Fraction, 850_000),
        ("1", Fraction, 1_000_000),
        ("100,00", Percent, 1_000_000),
    ] {
        assert_eq!(parse_rate(text, convention), Ok(Some(millionths)), "{text}");
    }
    assert_eq!(
        parse_rate("80", Fraction),
        Err(ValueError::RateRange {
            convention: Fraction
        })
    );
    assert_eq!(
        parse_rate("101 %", Percent),
        Err(ValueError::RateRange {
            convention: Percent
        })
    );
    for (text, convention, millionths) in [
        ("99.9996 %", Fraction, 999_996),
        ("99,99996", Percent, 1_000_000),
        ("0.9999999999999999", Fraction, 1_000_000),
        ("1.0000000000000002", Fraction, 1_000_000),
        // Rounded once: to the nearest, of two equally near to the even one.
        ("50.00005", Percent, 500_000),
        ("50.00005000001", Percent, 500_001),
        ("50.00015", Percent, 500_002),
    ] {
        assert_eq!(parse_rate(text, convention), Ok(Some(millionths)), "{text}");
    }
    for (text, convention) in [
        ("100,00004 %", Fraction),
        ("100,00004", Percent),
        ("1.0000004", Fraction),
        ("12345678901234567890", Percent),
    ] {
        let outside = Err(ValueError::RateRange { convention });
        assert_eq!(parse_rate(text, convention), outside, "{text}");
    }
    for text in ["-5 %", "hälfte", "50 % (max.)", "%", "1.000,00"] {
        assert_eq!(
            parse_rate(text, Percent),
            Err(ValueError::NotRate),
            "{text}"
        );
    }
    assert_eq!(parse_rate("", Percent), Ok(None));
}

#[test]
fn meaning_of_bare_rates_is_inferred() {
    let inferred = |values: &[&str]| infer_rates(values.iter().copied()).outcome;
    assert_eq!(
        inferred(&["80", "50"]),
        Inference::Certain(RateConvention::Percent)
    );
    assert_eq!(
        inferred(&["0.8", "1"]),
        Inference::Certain(RateConvention::Fraction)
    );
    assert_eq!(
        inferred(&["80%", "0.5%"]),
        Inference::Certain(RateConvention::Percent)
    );
    assert_eq!(
        inferred(&["80%", "0.5"]),
        Inference::Certain(RateConvention::Fraction)
    );
    assert_eq!(
        inferred(&["80", "0.5"]),
        Inference::None {
            index: 1,
            text: "0.5".into()
        }
    );
    assert!(matches!(inferred(&["1", "1"]), Inference::Ambiguous(_)));
    assert!(matches!(
        inferred(&["80 %", "1,0000000000000002", "0"]),
        Inference::Ambiguous(_)
    ));
    assert_eq!(
        inferred(&["0.9999996", "1"]),
        Inference::Certain(RateConvention::Fraction)
    );
    assert_eq!(inferred(&[""]), Inference::Empty);
}

#[test]
fn what_values_and_label_leave_open_is_not_guessed() {
    use RateConvention::{Fraction, Open, Percent};
    for (values, of_values, under_percent) in [
        (&["80", "1"][..], Percent, Percent),
        (&["0.8", "1"], Fraction, Open),
        (&["1", "1"], Open, Percent),
        (&["80 %", "1"], Open, Percent),
        (&["80", "0.5"], Open, Percent),
        (&["80 %", "0"], Percent, Percent),
        (&[""], Percent, Percent),
    ] {
        let outcome = infer_rates(values.iter().copied()).outcome;
        assert_eq!(rate_convention(&outcome, false), of_values, "{values:?}");
        assert_eq!(rate_convention(&outcome, true), under_percent, "{values:?}");
    }
    for (text, read) in [
        ("80 %", Ok(Some(800_000))),
        ("1 %", Ok(Some(10_000))),
        ("0", Ok(Some(0))),
        ("0,0 %", Ok(Some(0))),
        ("1", Err(ValueError::RateOpen)),
        ("80", Err(ValueError::RateOpen)),
        ("0.5", Err(ValueError::RateOpen)),
        ("hälfte", Err(ValueError::NotRate)),
        ("150 %", Err(ValueError::RateRange { convention: Open })),
    ] {
        assert_eq!(parse_rate(text, Open), read, "{text}");
    }
}

#[test]
fn codes_and_labels() {
    for (text, code, label) in [
        ("106", Some("106"), None),
        ("104.0", Some("104"), None),
        ("109.", Some("109"), None),
        ("104.0.", Some("104"), None),
        ("016", Some("016"), None),
        ("016.0", Some("016"), None),
        (
            "117 - Besserer Zugang",
            Some("117"),
            Some("Besserer Zugang"),
        ),
        (
            "117 – Besserer Zugang",
            Some("117"),
            Some("Besserer Zugang"),
        ),
        ("117: Besserer Zugang", Some("117"), Some("Besserer Zugang")),
        ("117 Besserer Zugang", Some("117"), Some("Besserer Zugang")),
        ("9 - Inklusion", Some("9"), Some("Inklusion")),
        ("A 5.1", Some("A 5.1"), None),
        ("A5A", Some("A5A"), None),
        ("C1", Some("C1"), None),
        ("ESO4.6", Some("ESO4.6"), None),
        ("ESO4.6 - Bildung", Some("ESO4.6"), Some("Bildung")),
        ("1.2.1", Some("1.2.1"), None),
        ("50 Plus", None, Some("50 Plus")),
        ("3-jährige Ausbildung", None, Some("3-jährige Ausbildung")),
        ("EU 2020", None, Some("EU 2020")),
        ("Besserer Zugang", None, Some("Besserer Zugang")),
        ("", None, None),
    ] {
        assert_eq!(parse_code(text), Ok(CodeLabel { code, label }), "{text:?}");
    }
    for text in ["106/109/110", "106, 109", "106;109"] {
        assert_eq!(parse_code(text), Err(ValueError::SeveralCodes), "{text}");
    }
}

#[test]
fn null_words_are_whole_cells() {
    let nulls = NullWords::new(["o.A.", "UPPGIFT SAKNAS", "–"]);
    for text in ["o.A.", " O.a. ", "uppgift saknas", "–", "", "  "] {
        assert!(nulls.is_null(text), "{text:?}");
    }
    for text in ["o.A. GmbH", "-", "0", "NA"] {
        assert!(!nulls.is_null(text), "{text:?}");
    }
    assert!(NullWords::common().is_null("k.A.") && !NullWords::default().is_null("k.A."));
    assert!(
        NullWords::common_of_amounts().is_null("Offen") && !NullWords::common().is_null("Offen")
    );
}
