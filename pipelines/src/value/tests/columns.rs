//! The readings over Arrow columns.

use arrow::array::{Array, StringArray, UInt8Array};

use super::super::*;

fn text(cells: &[Option<&str>]) -> StringArray {
    cells.iter().copied().collect()
}

#[test]
fn amounts_with_kinds_currencies_and_misfits() {
    let cells = text(&[
        Some("1.234,50 €"),
        None,
        Some("o.A."),
        Some("12.34"),
        Some("99.5"),
        Some("4,3 Mio. Euro"),
        Some("#REF!"),
        Some("2.675"),
    ]);
    let kinds = UInt8Array::from(vec![0, 0, 0, 0, 1, 0, 4, 1]);
    let convention = NumberConvention::from_example("1.234,56").unwrap();
    let read = amounts(
        &cells,
        Some(&kinds),
        convention,
        None,
        ThreeDecimals::Read,
        &NullWords::new(["o.A."]),
    );
    assert_eq!(read.values.data_type(), &MONEY);
    let values: Vec<_> = read.values.iter().collect();
    assert_eq!(
        values,
        [
            Some(123_450),
            None,
            None,
            None,
            Some(9_950),
            Some(430_000_000),
            None,
            Some(268)
        ]
    );
    let currencies = read.currencies.unwrap();
    assert_eq!(
        currencies.iter().collect::<Vec<_>>(),
        [Some("EUR"), None, None, None, None, Some("EUR"), None, None]
    );
    assert_eq!(read.precision_abs.unwrap().value(5), 5_000_000);
    assert_eq!(
        read.misfits
            .iter()
            .map(|m| (m.row, m.error))
            .collect::<Vec<_>>(),
        [
            (3, ValueError::NotNumber { convention }),
            (6, ValueError::ErrorCell)
        ]
    );
    assert!(
        !read.misfits[0].error.to_string().contains("12.34"),
        "messages do not repeat the value"
    );
    assert_eq!(read.doubts.iter().map(|d| d.row).collect::<Vec<_>>(), [7]);
}

#[test]
fn three_decimals_that_may_be_thousands_are_not_read() {
    let cells = text(&[
        Some("12.000"),
        Some("12.000"),
        Some("4,156.00"),
        Some("0.125"),
        Some("1.250 Mio. EUR"),
    ]);
    let kinds = UInt8Array::from(vec![0, 1, 0, 0, 0]);
    let convention = NumberConvention::from_example("1,234.56").unwrap();
    let read = |three_decimals: ThreeDecimals| {
        amounts(
            &cells,
            Some(&kinds),
            convention,
            None,
            three_decimals,
            &NullWords::default(),
        )
    };
    let open = read(ThreeDecimals::Open);
    let values: Vec<_> = open.values.iter().collect();
    let others = [Some(1_200), Some(415_600), Some(12), Some(125_000_000)];
    assert_eq!(values, [&[None], &others[..]].concat());
    assert_eq!(open.misfits.len(), 1);
    assert_eq!(
        open.misfits[0].error,
        ValueError::ThreeDecimals { convention }
    );
    assert_eq!(read(ThreeDecimals::Read).values.value(0), 1_200);
}

#[test]
fn what_three_decimals_mean_is_said_by_the_other_amounts() {
    use ThreeDecimals::{Open, Read};
    let convention = NumberConvention::from_example("1234.56").unwrap();
    for (amounts, scale, three) in [
        (&["12.000", "4156.00"][..], 0, Open),
        (&["12.000", "4156.125"], 0, Read),
        (&["12.000", "9.450", "4156.125"], 0, Open),
        (&["12.000"], 0, Open),
        (&["4156.125", "0.500"], 0, Read),
        (&["12.000", "9.450", "4156.5"], 3, Read),
        (&["12.000", "9.5", "4156.5"], 3, Open),
        (&["12,000", "4156.00"], 0, Read),
        (&[], 0, Read),
    ] {
        let mut decimals = Decimals::default();
        for amount in amounts {
            decimals.count(amount, convention);
        }
        assert_eq!(decimals.three(scale), three, "{amounts:?}");
    }
}

#[test]
fn amounts_in_the_unit_of_their_label() {
    let cells = text(&[Some("1 500"), Some("5 €")]);
    let convention = NumberConvention::from_example("1 234").unwrap();
    let read = amounts(
        &cells,
        None,
        convention,
        unit_in_label("Belopp (tkr)"),
        ThreeDecimals::Read,
        &NullWords::default(),
    );
    assert_eq!(
        read.values.iter().collect::<Vec<_>>(),
        [Some(150_000_000), None]
    );
    assert_eq!(read.currencies.unwrap().value(0), "SEK");
    assert_eq!(read.misfits[0].error, ValueError::Contradiction);
}

#[test]
fn dates_with_precision_and_doubts() {
    let cells = text(&[
        Some("17.03.2016"),
        Some("2015"),
        None,
        Some("25.11.0204"),
        Some("31.04.2015"),
        Some("2016-03-17"),
        Some("42446"),
    ]);
    let kinds = UInt8Array::from(vec![0, 0, 0, 0, 0, 2, 1]);
    let convention = DateConvention::from_patterns(&["dd.mm.yyyy", "yyyy"]).unwrap();
    let read = dates(
        &cells,
        Some(&kinds),
        convention,
        Edge::Last,
        &NullWords::default(),
    );
    assert_eq!(read.days.value(0), 16_877);
    assert_eq!(
        read.precision.iter().collect::<Vec<_>>(),
        [
            Some("day"),
            Some("year"),
            None,
            Some("day"),
            None,
            Some("day"),
            Some("day")
        ]
    );
    assert_eq!((read.days.value(5), read.days.value(6)), (16_877, 16_877));
    assert!(read.days.is_null(4));
    assert_eq!(
        read.misfits
            .iter()
            .map(|m| (m.row, m.error))
            .collect::<Vec<_>>(),
        [(4, ValueError::NoSuchDay)]
    );
    assert_eq!(read.doubts.iter().map(|d| d.row).collect::<Vec<_>>(), [3]);
}

#[test]
fn rates_codes_and_clean_text() {
    let cells = [
        "80 %",
        "0.5",
        "x",
        "99.99996 %",
        "0.0000004",
        "1",
        "0",
        "0.9999999999999999",
    ];
    let read = rates(
        &text(&cells.map(Some)),
        None,
        RateConvention::Fraction,
        &NullWords::default(),
    );
    let values: Vec<_> = read.values.iter().collect();
    assert_eq!(
        values,
        [
            Some(800_000),
            Some(500_000),
            None,
            Some(1_000_000),
            Some(0),
            Some(1_000_000),
            Some(0),
            Some(1_000_000)
        ]
    );
    assert_eq!(read.misfits.iter().map(|m| m.row).collect::<Vec<_>>(), [2]);
    let doubts: Vec<_> = read.doubts.iter().map(|d| (d.row, d.error)).collect();
    assert_eq!(
        doubts,
        [
            (3, ValueDoubt::RoundedToBound),
            (4, ValueDoubt::RoundedToBound)
        ]
    );
    assert_eq!(read.values.data_type(), &RATE);

    let read = codes(
        &text(&[Some("117 - Zugang"), Some("106/107"), None]),
        &NullWords::default(),
    );
    assert_eq!(
        read.code.iter().collect::<Vec<_>>(),
        [Some("117"), None, None]
    );
    assert_eq!(
        read.label.iter().collect::<Vec<_>>(),
        [Some("Zugang"), Some("106/107"), None]
    );
    assert_eq!(read.misfits[0].error, ValueError::SeveralCodes);

    let untouched = text(&[Some("rein"), None]);
    assert_eq!(
        clean(&untouched).value_data().as_ptr(),
        untouched.value_data().as_ptr(),
        "shared, not copied"
    );
    let cleaned = clean(&text(&[Some(" a  b"), Some(""), Some("c")]));
    assert_eq!(
        cleaned.iter().collect::<Vec<_>>(),
        [Some("a b"), None, Some("c")]
    );
}
