//! Properties over arbitrary values.

use proptest::prelude::*;

use super::super::*;

/// Writes cents as a file with this convention would.
pub(super) fn write_cents(cents: i64, convention: NumberConvention, grouped: bool) -> String {
    let digits = (cents.unsigned_abs() / 100).to_string();
    let mut out = String::new();
    if cents < 0 {
        out.push('-');
    }
    for (at, digit) in digits.chars().enumerate() {
        if grouped && at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.extend(convention.thousands());
        }
        out.push(digit);
    }
    if let Some(mark) = convention.decimal() {
        out.push(mark);
        out.extend(format!("{:02}", cents.unsigned_abs() % 100).chars());
    }
    out
}

fn convention() -> impl Strategy<Value = NumberConvention> {
    prop::sample::select(NumberConvention::ALL.to_vec())
}

/// Texts that look like amounts: digits in groups with marks, signs and units.
fn amount_like() -> impl Strategy<Value = String> {
    prop_oneof![
        "[0-9]{1,3}([., '][0-9]{1,3}){0,3}",
        "[-(]?[0-9]{1,6}[.,]?[0-9]{0,3}[-)]?( €| kr| Mio\\.)?",
        "\\PC{0,12}"
    ]
}

const DATED: [&str; 14] = [
    "dd.mm.yyyy",
    "dd.mm.yy",
    "dd-mm-yyyy",
    "dd/mm/yyyy",
    "dd/mm/yy",
    "mm/dd/yyyy",
    "mm/dd/yy",
    "yyyy-mm-dd",
    "yyyy/mm/dd",
    "yyyymmdd",
    "dd-mon-yy",
    "dd-mon-yyyy",
    "d month yyyy",
    "month d yyyy",
];

pub(super) fn write_date(date: jiff::civil::Date, pattern: &str, language: usize) -> String {
    const MONTHS: [[&str; 12]; 3] = [
        [
            "Januar",
            "Februar",
            "März",
            "April",
            "Mai",
            "Juni",
            "Juli",
            "August",
            "September",
            "Oktober",
            "November",
            "Dezember",
        ],
        [
            "januari",
            "februari",
            "mars",
            "april",
            "maj",
            "juni",
            "juli",
            "augusti",
            "september",
            "oktober",
            "november",
            "december",
        ],
        [
            "January",
            "February",
            "March",
            "April",
            "May",
            "June",
            "July",
            "August",
            "September",
            "October",
            "November",
            "December",
        ],
    ];
    const SHORT: [[&str; 12]; 3] = [
        [
            "Jan", "Feb", "Mrz", "Apr", "Mai", "Jun", "Jul", "Aug", "Sep", "Okt", "Nov", "Dez",
        ],
        [
            "jan", "feb", "mar", "apr", "maj", "jun", "jul", "aug", "sep", "okt", "nov", "dec",
        ],
        [
            "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
        ],
    ];
    let month = date.month() as usize - 1;
    pattern
        .replace("yyyy", &format!("{:04}", date.year()))
        .replace("yy", &format!("{:02}", date.year() % 100))
        .replace("dd", &format!("{:02}", date.day()))
        .replace("d ", &format!("{} ", date.day()))
        .replace("month", MONTHS[language][month])
        .replace("mon", SHORT[language][month])
        .replace("mm", &format!("{:02}", date.month()))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn written_amounts_read_back(cents in -99_999_999_999_999_999i64..99_999_999_999_999_999, convention in convention(), grouped: bool) {
        let cents = if convention.decimal().is_some() { cents } else { cents / 100 * 100 };
        let text = write_cents(cents, convention, grouped);
        let read = parse_amount(&text, convention).unwrap().unwrap();
        prop_assert_eq!(read, Amount { value: cents.into(), currency: None, scale: 0, precision_abs: None, rounded: false });
    }

    #[test]
    fn typed_numbers_read_back(cents in -1_000_000_000_000i64..1_000_000_000_000) {
        let float = cents as f64 / 100.0;
        prop_assert_eq!(parse_native_amount(&float.to_string()).unwrap().unwrap().value, i128::from(cents));
        // Sums of floats carry noise.
        let noisy = (float + 0.1) - 0.1;
        let read = parse_native_amount(&noisy.to_string()).unwrap().unwrap();
        prop_assert_eq!((read.value, read.rounded), (i128::from(cents), false));
    }

    #[test]
    fn certain_numbers_have_one_reading(values in prop::collection::vec(amount_like(), 1..6)) {
        let inferred = infer_numbers(values.iter().map(String::as_str));
        let Inference::Certain(certain) = inferred.outcome else { return Ok(()) };
        // Only values that some convention reads count.
        let readable: Vec<_> = values
            .iter()
            .filter(|v| NumberConvention::ALL.iter().any(|&c| matches!(parse_amount(v, c), Ok(Some(_)) | Err(ValueError::TooLarge))))
            .collect();
        for &other in &NumberConvention::ALL {
            if readable.iter().all(|v| matches!(parse_amount(v, other), Ok(Some(_)) | Err(ValueError::TooLarge))) {
                for value in &readable {
                    prop_assert_eq!(parse_amount(value, certain), parse_amount(value, other), "{} as {} and {}", value, certain, other);
                }
            }
        }
        for value in &readable {
            let read = parse_amount(value, certain);
            prop_assert!(matches!(read, Ok(Some(_)) | Err(ValueError::TooLarge)));
        }
    }

    #[test]
    fn written_columns_infer_their_values(cents in prop::collection::vec(0i64..100_000_000_000, 1..20), convention in convention()) {
        let cents: Vec<_> = cents.into_iter().map(|c| if convention.decimal().is_some() { c } else { c / 100 * 100 }).collect();
        let texts: Vec<_> = cents.iter().map(|&c| write_cents(c, convention, true)).collect();
        match infer_numbers(texts.iter().map(String::as_str)).outcome {
            Inference::Certain(certain) => for (text, cents) in texts.iter().zip(cents) {
                prop_assert_eq!(parse_amount(text, certain).unwrap().unwrap().value, i128::from(cents));
            },
            Inference::Ambiguous(left) => prop_assert!(left.contains(&convention)),
            other => prop_assert!(false, "{:?}", other),
        }
    }

    #[test]
    fn written_dates_read_back(offset in 0i64..36_500, pattern in prop::sample::select(DATED.to_vec()), language in 0usize..3) {
        let epoch = jiff::civil::date(1970, 1, 1);
        let date = epoch.checked_add(jiff::Span::new().days(offset)).unwrap();
        prop_assume!(date.year() < 2070);
        let text = write_date(date, pattern, language);
        let read = parse_date(&text, DateConvention::from_patterns(&[pattern]).unwrap()).unwrap().unwrap();
        prop_assert_eq!((i64::from(read.days), read.precision), (offset, Precision::Day), "{}", text);
    }

    #[test]
    fn certain_dates_have_one_reading(values in prop::collection::vec("[0-3]?[0-9][/.-][0-3]?[0-9][/.-](20[0-9]{2}|[0-9]{2})", 1..6)) {
        let outcome = infer_dates(values.iter().map(String::as_str)).outcome;
        let Inference::Certain(certain) = outcome else { return Ok(()) };
        let swapped: Vec<_> = certain.patterns().iter().map(|p| match *p {
            "dd/mm/yyyy" => "mm/dd/yyyy", "dd/mm/yy" => "mm/dd/yy", "mm/dd/yyyy" => "dd/mm/yyyy", "mm/dd/yy" => "dd/mm/yy", other => other,
        }).collect();
        let swapped = DateConvention::from_patterns(&swapped).unwrap();
        let readable: Vec<_> = values.iter().filter(|v| parse_date(v, certain).is_ok()).collect();
        prop_assert!(!readable.is_empty());
        if readable.iter().all(|v| parse_date(v, swapped).is_ok()) {
            for value in readable {
                prop_assert_eq!(parse_date(value, certain), parse_date(value, swapped), "{}", value);
            }
        }
    }

    #[test]
    fn nothing_panics(text in prop_oneof!["\\PC{0,24}", "[0-9.,/ '€TbisMo\u{ad}\n()%&<>;#–-]{0,24}", any::<String>()], convention in convention()) {
        let dates = DateConvention::from_patterns(&["dd.mm.yyyy", "dd/mm/yyyy", "yyyy-mm-dd", "d month yyyy", "excel", "yyyy"]).unwrap();
        let _ = parse_amount(&text, convention);
        let _ = parse_native_amount(&text);
        let _ = parse_date_end(&text, dates);
        let _ = parse_native_date(&text, Edge::Last);
        let _ = parse_period(&text, dates);
        let _ = parse_rate(&text, RateConvention::Percent);
        let _ = parse_code(&text);
        let _ = unit_in_label(&text);
        let _ = clean_html(&text);
        let _ = NullWords::common().is_null(&text);
        let _ = NumberConvention::from_example(&text);
        let _ = DateConvention::from_patterns(&[&text]);
        let values = [text.as_str(), "1"];
        let _ = (infer_numbers(values.into_iter()), infer_dates(values.into_iter()), infer_rates(values.into_iter()));
    }

    #[test]
    fn cleaning_is_idempotent(text in prop_oneof!["[a-cA-Z \n\r\u{a0}\u{ad}\u{308}\u{200b}\u{2009}äß–€-]{0,80}", any::<String>()]) {
        if let Some(once) = clean_text(&text) {
            let twice = clean_text(&once);
            prop_assert_eq!(twice.as_deref(), Some(&*once));
            prop_assert!(!once.contains("  ") && !once.contains('\n') && once.trim() == once);
            prop_assert!(unicode_normalization::is_nfc(&once));
            let left = |c: char| c != ' ' && (c.is_whitespace() || ['\u{ad}', '\u{200b}'].contains(&c));
            prop_assert!(!once.contains(left));
        }
    }
}
