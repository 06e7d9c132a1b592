//! Spellings of amounts and the inference of number conventions.

use super::super::*;

fn numbers(example: &str) -> NumberConvention {
    NumberConvention::from_example(example).unwrap()
}

fn amount(text: &str, example: &str) -> Amount {
    parse_amount(text, numbers(example))
        .unwrap_or_else(|e| panic!("{text:?}: {e}"))
        .unwrap()
}

#[test]
fn examples_declare_conventions_and_come_back() {
    for convention in NumberConvention::ALL {
        assert_eq!(numbers(&convention.to_string()), convention);
    }
    assert_eq!(numbers("1\u{a0}234,56"), numbers("1 234,56"));
    let refused = NumberConvention::from_example("1.234.56")
        .unwrap_err()
        .to_string();
    assert!(refused.contains("\"1.234,56\""), "{refused}");
}

#[test]
fn every_spelling() {
    let table = [
        ("1.234,56", "63.210,07", 6_321_007),
        ("1.234,56", "1234,5", 123_450),
        ("1.234,56", "0,00", 0),
        ("1.234,56", ",50", 50),
        ("1,234.56", "€.50", 50),
        ("1,234.56", "kr.50", 5_000),
        ("1.234,56", "12.345.678,90", 1_234_567_890),
        ("1.234,56", "  63.210,07 ", 6_321_007),
        ("1.234", "172.300 €", 17_230_000),
        ("1.234", "98 €", 9_800),
        ("1,234.56", "4,156.00", 415_600),
        ("1234.56", "€ 1570.20", 157_020),
        ("1.234,56", "63.000,00  €", 6_300_000),
        ("1 234", "22 399 883", 2_239_988_300),
        ("1 234", "22\u{a0}399\u{a0}883", 2_239_988_300),
        ("1 234", "22\u{2009}399\u{202f}883", 2_239_988_300),
        ("1 234,56", "4 973 906 kr", 497_390_600),
        ("1 234,56", "kr 1 000,5", 100_050),
        ("1'234.56", "1'234.50", 123_450),
        ("1'234.56", "1’234’567.89", 123_456_789),
        ("1.234,56", "1.000,-", 100_000),
        ("1.234,56", "1.000,-- EUR", 100_000),
        ("1.234,56", "1.000,– €", 100_000),
        ("1 234,56", "1 500:-", 150_000),
        ("1.234,56", "-5,00", -500),
        ("1.234,56", "\u{2212}5,00", -500),
        ("1.234,56", "– 5,00 €", -500),
        ("1.234,56", "5,00-", -500),
        ("1.234,56", "5,00 €-", -500),
        ("1.234,56", "(5,00)", -500),
        ("1.234,56", "(5,00 €)", -500),
        ("1.234,56", "€ (5,00)", -500),
        ("1.234,56", "+5,00", 500),
        ("1.234,56", "EUR 5,00 EUR", 500),
        (
            "1.234,56",
            "9.999.999.999.999.999,99",
            999_999_999_999_999_999,
        ),
    ];
    for (example, text, cents) in table {
        assert_eq!(amount(text, example).value, cents, "{text:?} as {example}");
    }
}

#[test]
fn currencies_before_and_behind() {
    for text in [
        "5,00 €",
        "€5,00",
        "EUR 5,00",
        "5,00 Euro",
        "5,00EUR",
        "5,00 Mio. Euro",
        "5,00 T€",
    ] {
        assert_eq!(
            amount(text, "1.234,56").currency,
            Some(Currency::Eur),
            "{text}"
        );
    }
    for text in [
        "5 kr", "5 SEK", "SEK 5", "5 kronor", "5 kr.", "5 tkr", "5 MSEK", "5 mnkr",
    ] {
        assert_eq!(
            amount(text, "1 234,56").currency,
            Some(Currency::Sek),
            "{text}"
        );
    }
    assert_eq!(amount("5,00", "1.234,56").currency, None);
}

#[test]
fn amounts_in_cents_are_exact() {
    for (text, cents) in [
        ("10.050 Cent", 10_050),
        ("5 ct", 5),
        ("-1.250,00 Eurocent", -1_250),
        ("99 öre", 99),
    ] {
        let read = amount(text, "1.234,56");
        assert_eq!((read.value, read.precision_abs), (cents, None), "{text}");
        assert!(!read.rounded, "{text}");
    }
    for (text, error) in [
        ("12,50 Cent", ValueError::PartOfCent),
        ("5 Tsd. Cent", ValueError::Contradiction),
        ("5 öre €", ValueError::Contradiction),
    ] {
        let read = parse_amount(text, numbers("1.234,56"));
        assert_eq!(read.unwrap_err(), error, "{text}");
    }
}

#[test]
fn words_scale_and_say_how_exact() {
    let table = [
        ("4,3 Mio. Euro", 430_000_000, 5_000_000),
        ("4,30 Mio. €", 430_000_000, 500_000),
        ("2 Mrd. Euro", 200_000_000_000, 50_000_000_000),
        ("13,5 MSEK", 1_350_000_000, 5_000_000),
        ("250 Tsd. Euro", 25_000_000, 50_000),
        ("172 T€", 17_200_000, 50_000),
        ("1.500 Tkr", 150_000_000, 50_000),
        ("2,5 mnkr", 250_000_000, 5_000_000),
        ("1,5 miljoner kronor", 150_000_000, 5_000_000),
        ("3 miljarder kronor", 300_000_000_000, 50_000_000_000),
        ("€ 1,25 Millionen", 125_000_000, 500_000),
        ("-4,3 Mio.", -430_000_000, 5_000_000),
    ];
    for (text, cents, precision) in table {
        let read = amount(text, "1.234,56");
        assert_eq!(
            (read.value, read.precision_abs),
            (cents, Some(precision)),
            "{text}"
        );
    }
    assert_eq!(amount("4,3", "1.234,56").precision_abs, None);
    assert_eq!(
        amount("1,23456789 Mio. €", "1.234,56").precision_abs,
        None,
        "stated to the cent"
    );
}

#[test]
fn what_does_not_fit_is_not_guessed() {
    for (example, text) in [
        ("1.234,56", "12.34"),
        ("1.234,56", "1.23,45"),
        ("1.234,56", "1234.567,00"),
        ("1.234,56", "1.234.56"),
        ("1.234,56", "4,156.00"),
        ("1.234,56", "0.123"),
        ("1.234,56", "5,"),
        ("1.234,56", "5,0,0"),
        ("1.234,56", "22 399 883"),
        ("1.234", "5,00"),
        ("1234.56", "1,5"),
        ("1 234,56", "22  399"),
        ("1 234,56", "22 39"),
        ("1.234,56", "siehe Anlage"),
        ("1.234,56", "-"),
        ("1.234,56", "5,00 %"),
        ("1.234,56", "5,00 1"),
        ("1.234,56", "99.999.999.999.999.999.99"),
    ] {
        assert_eq!(
            parse_amount(text, numbers(example)),
            Err(ValueError::NotNumber {
                convention: numbers(example)
            }),
            "{text}"
        );
    }
    for text in ["5,00 USD", "ca. 5,00", "5,00 DM", "5 Personen", "$ 5,00"] {
        assert_eq!(
            parse_amount(text, numbers("1.234,56")),
            Err(ValueError::UnknownUnit),
            "{text}"
        );
    }
    for text in [
        "5,00 € kr",
        "--5,00",
        "-(5,00)",
        "(5,00",
        "5,00)",
        "5 Mio. Mrd. €",
        "-5,00-",
    ] {
        assert_eq!(
            parse_amount(text, numbers("1.234,56")),
            Err(ValueError::Contradiction),
            "{text}"
        );
    }
    assert_eq!(parse_amount("  ", numbers("1.234")), Ok(None));
}

#[test]
fn a_number_of_too_many_digits_is_one_all_the_same() {
    let sixteen = "1234567890123456";
    assert_eq!(amount(sixteen, "1234,56").value, 123_456_789_012_345_600);
    for text in [
        "12345678901234567",
        "123456789012345678",
        "1234567890123456789",
        "12345678901234567890",
        "12345678901234567890,5",
        "1234567890123456789012345678901234567890 €",
        "999999999 Mrd. €",
    ] {
        let read = parse_amount(text, numbers("1234,56"));
        assert_eq!(read, Err(ValueError::TooLarge), "{text}");
        assert_eq!(inferred(&[text, "0,5"]), inferred(&["0,5"]), "{text}");
    }
    let grouped = parse_amount("99.999.999.999.999.999.999", numbers("1.234,56"));
    assert_eq!(grouped, Err(ValueError::TooLarge));
    for text in ["1e25", "1234567890123456789", "12345678901234567890.5"] {
        let read = parse_native_amount(text);
        assert_eq!(read, Err(ValueError::TooLarge), "{text}");
    }
    // The exponent of a typed number counts before its size does.
    let read = parse_native_amount("12345678901234567850e-7")
        .unwrap()
        .unwrap();
    assert_eq!((read.value, read.rounded), (123_456_789_012_346, true));
    // A figure has 18 digits before the mark at most, in every scale.
    let decimal = |text, scale| parse_decimal(text, numbers("1234,56"), scale);
    assert_eq!(
        decimal("999999999999999999", 6),
        Some(999_999_999_999_999_999_000_000)
    );
    assert_eq!(decimal("1000000000000000000", 6), None);
    assert_eq!(decimal("12345678901234567890", 0), None);
}

#[test]
fn zeros_behind_the_mark_say_nothing_however_many_they_are() {
    let zeros = "0".repeat(45);
    for (text, cents, rounded) in [
        (format!("0,{zeros}"), 0, false),
        (format!("7,{zeros}"), 700, false),
        (format!("0,5{zeros}"), 50, false),
        (
            format!("1234567890123456,78{zeros}"),
            123_456_789_012_345_678,
            false,
        ),
        (format!("0,{zeros}1"), 0, true),
        (format!("7,{zeros}1"), 700, true),
    ] {
        let read = amount(&text, "1234,56");
        assert_eq!((read.value, read.rounded), (cents, rounded), "{text}");
        for (scale, unit) in [(2, 1), (6, 10_000)] {
            let decimal = parse_decimal(&text, numbers("1234,56"), scale);
            assert_eq!(decimal, Some(cents * unit), "{text} with {scale} decimals");
        }
    }
}

#[test]
fn more_decimals_than_cents_are_rounded_and_said() {
    for (text, cents, rounded) in [
        ("5.005", 500, true),
        ("5.015", 502, true),
        ("5.0051", 501, true),
        ("5.000", 500, false),
        ("5.00000000000000000000001", 500, true),
        ("0.005000000000000000000001", 1, true),
    ] {
        let read = amount(text, "1234.56");
        assert_eq!((read.value, read.rounded), (cents, rounded), "{text}");
    }
}

#[test]
fn typed_numbers_are_plain_decimals() {
    for (text, cents, rounded) in [
        ("1234.5", 123_450, false),
        ("-0.1", -10, false),
        ("1.234", 123, true),
        ("0.30000000000000004", 30, false),
        ("1088.3700000000001", 108_837, false),
        ("2.675", 268, true),
        ("1e6", 100_000_000, false),
        ("1.5E-3", 0, true),
        ("1e-300", 0, false),
        ("0", 0, false),
    ] {
        let read = parse_native_amount(text).unwrap().unwrap();
        assert_eq!((read.value, read.rounded), (cents, rounded), "{text}");
    }
    assert_eq!(parse_native_amount("1e300"), Err(ValueError::TooLarge));
    assert_eq!(
        parse_native_amount("1e99999999999"),
        Err(ValueError::NotNumber {
            convention: NumberConvention::PLAIN
        })
    );
    assert!(parse_native_amount("NaN").is_err());
}

fn inferred(values: &[&str]) -> Inference<NumberConvention> {
    infer_numbers(values.iter().copied()).outcome
}

#[test]
fn conventions_are_inferred_from_all_values() {
    for (values, example) in [
        (&["1.234,56", "5,00"][..], "1.234,56"),
        (&["172.300 €", "98 €", "1.234.567 €"], "1.234"),
        (&["1.234", "5.678,90"], "1.234,56"),
        (&["4,156.00", "1,000"], "1,234.56"),
        (&["€ 1570.00"], "1234.56"),
        (&["1580,38", "22"], "1234,56"),
        (&["22 399 883", "1234.50"], "1 234.56"),
        (&["1", "22"], "1234"),
        (&["1234.567", "0.5"], "1234.56"),
        (&["0.123", "1.234"], "1234.56"),
        (&["4,3 Mio. €", "1.000 €"], "1.234,56"),
    ] {
        assert_eq!(
            inferred(values),
            Inference::Certain(numbers(example)),
            "{values:?}"
        );
    }
}

#[test]
fn ambiguous_and_contradicting_columns_are_said_so() {
    assert!(
        matches!(inferred(&["1.234", "5.678"]), Inference::Ambiguous(left) if left.contains(&numbers("1.234")) && left.contains(&numbers("1234.56")))
    );
    assert!(matches!(
        inferred(&["1,234", "12"]),
        Inference::Ambiguous(_)
    ));
    assert_eq!(
        inferred(&["1.234,56", "", "1,234.56"]),
        Inference::None {
            index: 2,
            text: "1,234.56".into()
        }
    );
    assert_eq!(inferred(&["", " "]), Inference::Empty);
    let with_words = infer_numbers(["siehe Anlage", "1.234,56"].into_iter());
    assert_eq!(with_words.outcome, Inference::Certain(numbers("1.234,56")));
    assert_eq!((with_words.readable, with_words.unreadable), (1, 1));
    assert_eq!(
        with_words.first_unreadable,
        Some((0, "siehe Anlage".into()))
    );
}

#[test]
fn the_unit_of_a_label_holds_for_its_cells() {
    use super::super::amount::{parse_amount_in, parse_native_amount_in};
    let tkr = Unit {
        scale: 3,
        currency: Some(Currency::Sek),
    };
    let thousands = |text, example| parse_amount_in(text, numbers(example), tkr);
    // Decimals of a thousand are whole kronor: rounding comes last.
    for (text, cents, precision) in [
        ("1 500", 150_000_000, Some(50_000)),
        ("1 500 tkr", 150_000_000, Some(50_000)),
        ("-12,5", -1_250_000, Some(5_000)),
        ("1 221,693", 122_169_300, Some(50)),
        ("627,37356", 62_737_356, None),
    ] {
        let read = thousands(text, "1 234,56").unwrap().unwrap();
        assert_eq!(
            (read.value, read.precision_abs),
            (cents, precision),
            "{text}"
        );
        assert_eq!((read.currency, read.rounded), (Some(Currency::Sek), false));
    }
    let finer = thousands("0,123456", "1 234,56").unwrap().unwrap();
    assert_eq!((finer.value, finer.rounded), (12_346, true));
    for text in ["5 €", "€5", "5 Mio."] {
        assert_eq!(
            thousands(text, "1 234"),
            Err(ValueError::Contradiction),
            "{text}"
        );
    }
    for (text, cents) in [
        ("627.374", 62_737_400),
        ("627.3735600000001", 62_737_356),
        ("-6.27374e2", -62_737_400),
        ("12.5 Tsd", 1_250_000),
    ] {
        let read = parse_native_amount_in(text, tkr).unwrap().unwrap();
        assert_eq!((read.value, read.rounded), (cents, false), "{text}");
    }
}

#[test]
fn the_digit_behind_the_cents_decides_also_of_the_largest_amount() {
    for (text, cents) in [
        ("1234567890123456,785", 123_456_789_012_345_678),
        ("1234567890123456,7850000001", 123_456_789_012_345_679),
        ("1234567890123456,789", 123_456_789_012_345_679),
        ("1234567,123456789019 Mrd. €", 123_456_712_345_678_902),
    ] {
        let read = amount(text, "1234,56");
        assert_eq!((read.value, read.rounded), (cents, true), "{text}");
    }
    // Digits that the scale has are not left out in silence.
    let decimal = |text, scale| parse_decimal(text, numbers("1234,56"), scale);
    assert_eq!(decimal("123456789012345678,25", 2), None);
    assert_eq!(
        decimal("123456789012345678,25", 0),
        Some(123_456_789_012_345_678)
    );
}

#[test]
fn an_amount_has_one_sign() {
    for text in ["+-5,00", "-+5,00", "++5,00", "+5,00-", "(+5,00)", "(-5,00)"] {
        assert_eq!(
            parse_amount(text, numbers("1.234,56")),
            Err(ValueError::Contradiction),
            "{text}"
        );
    }
}

#[test]
fn a_bare_fraction_behind_a_sign_of_currency_is_inferred_as_it_is_read() {
    let inferred = infer_numbers(["€.50", "12.75"].into_iter());
    assert_eq!((inferred.readable, inferred.unreadable), (2, 0));
    assert_eq!(inferred.outcome, Inference::Certain(numbers("1234.56")));
}
