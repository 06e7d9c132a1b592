//! Spellings of dates and periods and the inference of date conventions.

use super::super::*;

fn spellings(patterns: &[&str]) -> DateConvention {
    DateConvention::from_patterns(patterns).unwrap()
}

/// Days since 1970-01-01, worked out by another library.
fn days(iso: &str) -> i32 {
    let date: jiff::civil::Date = iso.parse().unwrap();
    (date
        .duration_since(jiff::civil::date(1970, 1, 1))
        .as_hours()
        / 24) as i32
}

#[test]
fn every_spelling() {
    for (pattern, text, iso, precision) in [
        ("dd.mm.yyyy", "17.03.2016", "2016-03-17", "day"),
        ("dd.mm.yyyy", " 7.3.2016 ", "2016-03-07", "day"),
        ("dd.mm.yyyy", "07. 03. 2016", "2016-03-07", "day"),
        ("dd.mm.yyyy", "17.03.2016 00:00:00", "2016-03-17", "day"),
        ("dd.mm.yyyy", "25.11.0204", "0204-11-25", "day"),
        ("dd.mm.yy", "05.02.16", "2016-02-05", "day"),
        ("dd.mm.yy", "05.02.69", "2069-02-05", "day"),
        ("dd.mm.yy", "05.02.70", "1970-02-05", "day"),
        ("dd-mm-yyyy", "01-02-2014", "2014-02-01", "day"),
        ("mm/dd/yyyy", "12/17/2015", "2015-12-17", "day"),
        ("mm/dd/yyyy", "1/2/2015", "2015-01-02", "day"),
        ("mm/dd/yy", "1/2/15", "2015-01-02", "day"),
        ("dd/mm/yyyy", "1/2/2015", "2015-02-01", "day"),
        ("dd/mm/yy", "31/12/15", "2015-12-31", "day"),
        ("yyyy-mm-dd", "2016-06-30", "2016-06-30", "day"),
        ("yyyy-mm-dd", "2014-01-01 00:00:00", "2014-01-01", "day"),
        (
            "yyyy-mm-dd",
            "2014-01-01T10:00:00.000Z",
            "2014-01-01",
            "day",
        ),
        ("yyyy/mm/dd", "2016/6/30", "2016-06-30", "day"),
        ("yyyymmdd", "20160630", "2016-06-30", "day"),
        ("dd-mon-yy", "31-Dez-09", "2009-12-31", "day"),
        ("dd-mon-yy", "01-Mrz-12", "2012-03-01", "day"),
        ("dd-mon-yyyy", "1-maj-2012", "2012-05-01", "day"),
        ("d month yyyy", "1. Februar 2018", "2018-02-01", "day"),
        ("d month yyyy", "1 februari 2018", "2018-02-01", "day"),
        ("d month yyyy", "15. März 2012", "2012-03-15", "day"),
        ("month d yyyy", "February 1, 2018", "2018-02-01", "day"),
        ("mm/yyyy", "07/2005", "2005-07-01", "month"),
        ("mm.yyyy", "07.2005", "2005-07-01", "month"),
        ("yyyy-mm", "2005-07", "2005-07-01", "month"),
        ("month yyyy", "Dezember 2010", "2010-12-01", "month"),
        ("mon-yy", "Okt-10", "2010-10-01", "month"),
        ("yyyy", "2009", "2009-01-01", "year"),
        ("excel", "42005", "2015-01-01", "day"),
        ("excel", "42429.75", "2016-02-29", "day"),
    ] {
        let read = parse_date(text, spellings(&[pattern]))
            .unwrap_or_else(|e| panic!("{text:?}: {e}"))
            .unwrap();
        assert_eq!(
            (read.days, read.precision.as_str()),
            (days(iso), precision),
            "{text:?} as {pattern}"
        );
        assert_eq!(read.implausible, iso.starts_with("02"), "{text:?}");
    }
}

#[test]
fn every_excel_serial_is_the_day_it_counts_to() {
    let excel = spellings(&["excel"]);
    let epoch = days("1899-12-30");
    for serial in 20_000..80_000 {
        assert_eq!(
            parse_date(&serial.to_string(), excel)
                .unwrap()
                .unwrap()
                .days,
            epoch + serial
        );
    }
}

#[test]
fn ends_of_months_and_years() {
    for (pattern, text, iso) in [
        ("mm/yyyy", "02/2016", "2016-02-29"),
        ("yyyy", "2013", "2013-12-31"),
        ("dd.mm.yyyy", "01.02.2016", "2016-02-01"),
    ] {
        assert_eq!(
            parse_date_end(text, spellings(&[pattern]))
                .unwrap()
                .unwrap()
                .days,
            days(iso),
            "{text}"
        );
    }
}

#[test]
fn what_does_not_fit_is_not_guessed() {
    let german = spellings(&["dd.mm.yyyy"]);
    for text in [
        "17.03.16",
        "12/17/2015",
        "2015",
        "17.03.2016 bis",
        "laufend",
        "17..2016",
        "17.03.20166",
        "1.2.3.2016",
        "17.03.2016x",
    ] {
        assert_eq!(
            parse_date(text, german),
            Err(ValueError::NotDate { convention: german }),
            "{text}"
        );
    }
    for text in ["31.04.2015", "29.02.2015", "00.01.2015", "01.13.2015"] {
        assert_eq!(
            parse_date(text, german),
            Err(ValueError::NoSuchDay),
            "{text}"
        );
    }
    assert_eq!(parse_date("", german), Ok(None));
}

#[test]
fn typed_cells() {
    for (text, iso) in [
        ("2016-03-17", "2016-03-17"),
        ("2016-03-17T10:00:00", "2016-03-17"),
        ("42005", "2015-01-01"),
        ("42005.0", "2015-01-01"),
        ("2014", "2014-01-01"),
        ("2014.0", "2014-01-01"),
    ] {
        assert_eq!(
            parse_native_date(text, Edge::First).unwrap().unwrap().days,
            days(iso),
            "{text}"
        );
    }
    assert!(parse_native_date("17", Edge::First).is_err());
}

fn inferred(values: &[&str]) -> Inference<DateConvention> {
    infer_dates(values.iter().copied()).outcome
}

#[test]
fn spellings_are_inferred_from_all_values() {
    for (values, patterns) in [
        (&["17.03.2016", "", "01.02.2016"][..], &["dd.mm.yyyy"][..]),
        (&["05.02.16", "01-01-2014"], &["dd.mm.yy", "dd-mm-yyyy"]),
        (&["01/02/2016", "12/17/2015"], &["mm/dd/yyyy"]),
        (&["01/02/2016", "17/12/15"], &["dd/mm/yyyy", "dd/mm/yy"]),
        (&["01/01/2016", "02/02/2016"], &["dd/mm/yyyy"]),
        (&["31-Dez-09"], &["dd-mon-yy"]),
        (&["2009", "2010"], &["yyyy"]),
        (&["42005", "2015-01-01"], &["excel", "yyyy-mm-dd"]),
    ] {
        assert_eq!(
            inferred(values),
            Inference::Certain(spellings(patterns)),
            "{values:?}"
        );
    }
}

#[test]
fn undecided_and_contradicting_slashes() {
    assert_eq!(
        inferred(&["01/02/2016", "03/04/2016"]),
        Inference::Ambiguous(vec![spellings(&["dd/mm/yyyy"]), spellings(&["mm/dd/yyyy"])])
    );
    assert_eq!(
        inferred(&["17/12/2016", "12/17/2016"]),
        Inference::None {
            index: 1,
            text: "12/17/2016".into()
        }
    );
    assert_eq!(inferred(&[]), Inference::Empty);
    let typo = infer_dates(["31.04.2015", "30.04.2015"].into_iter());
    assert_eq!(
        (typo.outcome, typo.unreadable),
        (Inference::Certain(spellings(&["dd.mm.yyyy"])), 1)
    );
}

#[test]
fn periods_in_one_cell() {
    for (patterns, text, start, end) in [
        (
            &["yyyy-mm-dd"][..],
            "2021-02-01 - 2022-12-31",
            "2021-02-01",
            "2022-12-31",
        ),
        (
            &["yyyy-mm-dd"],
            "2023-09-04 – 2026-09-03",
            "2023-09-04",
            "2026-09-03",
        ),
        (
            &["yyyy-mm-dd"],
            "2021-02-01-2022-12-31",
            "2021-02-01",
            "2022-12-31",
        ),
        (
            &["yyyy-mm-dd"],
            "från 2021-02-01 till och med 2022-12-31",
            "2021-02-01",
            "2022-12-31",
        ),
        (
            &["mm/yyyy"],
            "07/2005 – 03/2008",
            "2005-07-01",
            "2008-03-31",
        ),
        (
            &["d month yyyy"],
            "1. Februar 2018 bis zum 31. Dezember 2019",
            "2018-02-01",
            "2019-12-31",
        ),
        (
            &["d month yyyy"],
            "vom 1. Februar bis 31. Dezember 2019",
            "2019-02-01",
            "2019-12-31",
        ),
        (
            &["d month yyyy"],
            "1 februari 2018 till 31 mars 2019",
            "2018-02-01",
            "2019-03-31",
        ),
        (
            &["dd.mm.yyyy"],
            "01.01.2015-31.12.2016",
            "2015-01-01",
            "2016-12-31",
        ),
        (
            &["dd.mm.yyyy"],
            "01.01.–31.12.2016",
            "2016-01-01",
            "2016-12-31",
        ),
        (
            &["dd.mm.yyyy"],
            "01.01.2015 BIS 31.12.2016",
            "2015-01-01",
            "2016-12-31",
        ),
        (
            &["dd-mm-yyyy"],
            "01-01-2015-31-12-2016",
            "2015-01-01",
            "2016-12-31",
        ),
        (
            &["dd.mm.yyyy"],
            "01.01.-31.12.2016",
            "2016-01-01",
            "2016-12-31",
        ),
        (
            &["dd.mm.yyyy"],
            "01.01.2015\n31.12.2016",
            "2015-01-01",
            "2016-12-31",
        ),
        (
            &["yyyy-mm-dd"],
            "2015-01-01/2016-12-31",
            "2015-01-01",
            "2016-12-31",
        ),
        (&["yyyy"], "2015/2016", "2015-01-01", "2016-12-31"),
        (&["yyyy"], "2014-2020", "2014-01-01", "2020-12-31"),
        (&["yyyy"], "2014 to 2020", "2014-01-01", "2020-12-31"),
    ] {
        let read = parse_period(text, spellings(patterns))
            .unwrap_or_else(|e| panic!("{text:?}: {e}"))
            .unwrap();
        assert_eq!(
            (read.start.days, read.end.map(|e| e.days)),
            (days(start), Some(days(end))),
            "{text:?}"
        );
    }
    let open = parse_period("ab 01.01.2015", spellings(&["dd.mm.yyyy"]))
        .unwrap()
        .unwrap();
    assert_eq!((open.start.days, open.end), (days("2015-01-01"), None));
    for text in [
        "laufend",
        "01.01.2015 bis auf Weiteres",
        "- 01.01.2015",
        "–",
    ] {
        assert!(
            parse_period(text, spellings(&["dd.mm.yyyy"])).is_err(),
            "{text}"
        );
    }
    assert_eq!(parse_period(" ", DateConvention::ISO), Ok(None));
}

#[test]
fn behind_the_time_of_a_first_date_stands_a_second_one() {
    for text in [
        "2021-02-01 00:00 - 2022-12-31 00:00",
        "2021-02-01 00:00:00 - 2022-12-31 00:00:00",
        "2021-02-01T00:00 – 2022-12-31T23:59:59.000Z",
    ] {
        let iso = DateConvention::ISO;
        assert!(parse_date(text, iso).is_err(), "{text}");
        let read = parse_period(text, iso).unwrap().unwrap();
        assert_eq!(
            (read.start.days, read.end.map(|end| end.days)),
            (days("2021-02-01"), Some(days("2022-12-31"))),
            "{text}"
        );
    }
    for (time, is_one) in [
        (" 9:05", true),
        ("T10:00:00+01:00", true),
        ("T10:00:00.000Z", true),
        (" 12:30 PM", true),
        (" 12:30 PM -0500", true),
        (" 10:00 18.03.2016", false),
        (" 10:00.", false),
        (" 10:00 +1", false),
        (" 10:00:", false),
        (" 10:00 ZZ", false),
    ] {
        let read = parse_date(&format!("2016-03-17{time}"), DateConvention::ISO);
        assert_eq!(read.is_ok(), is_one, "{time}");
    }
}

#[test]
fn a_month_is_no_fraction_of_a_serial() {
    assert!(parse_date("42446.5", spellings(&["excel"])).is_ok());
    assert!(parse_date("42446.mai", spellings(&["excel"])).is_err());
}
