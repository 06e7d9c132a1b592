//! Whether the codes that a source declares exist: a misspelt fund or kind of amount would be published as it stands.

use esf_schemas::code_list;

use jiff::civil::Date;

use super::{MappingToml, SourceError, SourceToml, StatedTotals, nearest};
use crate::value::{NumberConvention, parse_amount};

/// Who pays an amount.
const PAYERS: [&str; 7] = [
    "eu",
    "state",
    "land",
    "municipal",
    "private",
    "mixed",
    "unknown",
];

/// Fails on the first value that is no code of its list.
pub(super) fn check_codes(
    source_id: &str,
    source: &SourceToml,
    mapping: &MappingToml,
) -> Result<(), SourceError> {
    let check = |key: &str, value: &str, known: &[&str]| {
        if known.contains(&value) {
            return Ok(());
        }
        let hint = nearest(value, known.iter().copied())
            .map(|n| format!(" (did you mean {n:?}?)"))
            .unwrap_or_default();
        Err(SourceError::UnknownCode {
            source_id: source_id.into(),
            key: key.into(),
            value: value.into(),
            expected: format!("one of {}{hint}", known.join(", ")),
        })
    };
    let form = |key: &str, value: &str, fits: bool, expected: &str| {
        if fits {
            return Ok(());
        }
        Err(SourceError::UnknownCode {
            source_id: source_id.into(),
            key: key.into(),
            value: value.into(),
            expected: expected.into(),
        })
    };
    let funds = codes("fund");
    let kinds = codes("amount_kind");
    if let Some(fund) = &source.fund {
        check("fund", fund, &funds)?;
    }
    if let Some(period) = &source.period {
        form(
            "period",
            period,
            is_period(period),
            "first and last year, such as 2014-2020",
        )?;
    }
    if let Some(country) = &source.country {
        let fits = country.len() == 2 && country.bytes().all(|b| b.is_ascii_uppercase());
        form(
            "country",
            country,
            fits,
            "a code of ISO 3166, such as DE or SE",
        )?;
    }
    if let Some(code) = &source.nuts_code {
        let of_country = source
            .country
            .as_ref()
            .is_none_or(|c| code.starts_with(c.as_str()));
        let fits = (2..=5).contains(&code.len())
            && code.bytes().take(2).all(|b| b.is_ascii_uppercase())
            && code
                .bytes()
                .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
        form(
            "nuts_code",
            code,
            fits && of_country,
            "a NUTS code of the source's country, such as DEA or SE11",
        )?;
    }
    for (section, of) in [
        ("[lookups.fund]", "fund"),
        ("[lookups.amount_kind]", "amount_kind"),
    ] {
        let known = if of == "fund" { &funds } else { &kinds };
        for value in mapping.lookups.get(of).into_iter().flat_map(|l| l.values()) {
            check(section, value, known)?;
        }
    }
    if let Some(kind) = mapping.constants.get("amount_kind") {
        check("[constants].amount_kind", kind, &kinds)?;
    }
    let payers = mapping
        .columns
        .values()
        .filter_map(|c| c.financing_source.as_ref());
    for payer in payers.chain(mapping.constants.get("financing_source")) {
        check("financing_source", payer, &PAYERS)?;
    }
    for stated in &source.control.stated {
        if let Some(day) = &stated.published {
            let fits = day.len() == 10 && day.parse::<Date>().is_ok();
            form(
                "[control.stated].published",
                day,
                fits,
                "a day such as 2016-06-30",
            )?;
        }
        for (kind, _, total) in stated.totals() {
            let key = "[control.stated].totals";
            check(key, kind, &kinds)?;
            form(key, total, is_total(total), "a number such as 1234567.80")?;
        }
    }
    let currencies = mapping.columns.values().filter_map(|c| c.currency.as_ref());
    let currencies = currencies.map(String::as_str);
    let more = [
        mapping.conventions.currency.as_deref(),
        mapping.constants.get("currency").map(String::as_str),
    ];
    let of_totals = source.control.stated.iter().flat_map(StatedTotals::totals);
    let of_totals = of_totals.filter_map(|(_, currency, _)| currency);
    for currency in currencies
        .chain(more.into_iter().flatten())
        .chain(of_totals)
    {
        let fits = currency.len() == 3 && currency.bytes().all(|b| b.is_ascii_uppercase());
        form(
            "currency",
            currency,
            fits,
            "a code of ISO 4217, such as EUR or SEK",
        )?;
    }
    Ok(())
}

fn codes(list: &str) -> Vec<&'static str> {
    let entries = code_list(list).map_or(&[][..], |list| &list.entries);
    entries.iter().map(|entry| entry.code.as_str()).collect()
}

/// Whether a text is a plain number of money.
fn is_total(text: &str) -> bool {
    let is_plain = text
        .bytes()
        .all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-'));
    let read = parse_amount(text, NumberConvention::PLAIN);
    is_plain && matches!(read, Ok(Some(amount)) if !amount.rounded)
}

/// Two years, the second not before the first.
fn is_period(text: &str) -> bool {
    let year = |text: &str| {
        (text.len() == 4)
            .then(|| text.parse::<u16>().ok())
            .flatten()
    };
    let years = text.split_once('-');
    years.is_some_and(|(first, last)| {
        matches!((year(first), year(last)), (Some(first), Some(last)) if first <= last)
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::Source;

    fn parsed(source: &str, mapping: &str) -> Result<Source, String> {
        let head = "title = \"Made\"\npublisher = \"Made\"\nkind = \"operations\"\nfiles = []\n";
        let texts = BTreeMap::from([
            ("source.toml".to_owned(), format!("{head}{source}")),
            ("mapping.toml".to_owned(), mapping.to_owned()),
        ]);
        Source::parse("made", texts).map_err(|e| e.to_string())
    }

    #[test]
    fn known_codes_are_taken() {
        let source =
            "fund = \"ESF+\"\nperiod = \"2021-2027\"\ncountry = \"DE\"\nnuts_code = \"DEA\"\n";
        let mapping = "[lookups.amount_kind]\n\"Gesamt*\" = \"total_cost\"\n";
        parsed(source, mapping).unwrap();
    }

    #[test]
    fn misspelt_keys_and_kinds_name_the_nearest() {
        for (source, mapping, meant) in [
            ("publsher = \"Made\"", "", "publisher"),
            ("[format]\nkind = \"xslx\"", "", "xlsx"),
            ("[fetch]\npge = \"https://example.org/\"", "", "page"),
            ("", "[colums]\n\"A\" = \"title\"", "columns"),
        ] {
            let error = parsed(source, mapping).unwrap_err();
            let hint = format!("; did you mean {meant:?}?");
            assert!(error.ends_with(&hint), "{error}");
        }
        let error = parsed("zzz = 1", "").unwrap_err();
        assert!(!error.contains("did you mean"), "{error}");
    }

    #[test]
    fn misspelt_codes_name_what_was_expected() {
        for (source, mapping, expected) in [
            ("fund = \"ESF plus\"", "", "did you mean \"ESF\""),
            ("period = \"2021-27\"", "", "such as 2014-2020"),
            (
                "country = \"DE\"\nnuts_code = \"SE11\"",
                "",
                "of the source's country",
            ),
            (
                "",
                "[lookups.amount_kind]\n\"Gesamt\" = \"totalcost\"",
                "did you mean \"total_cost\"",
            ),
            (
                "",
                "[constants]\nfinancing_source = \"Land\"",
                "did you mean \"land\"",
            ),
            ("", "[conventions]\ncurrency = \"Euro\"", "such as EUR"),
            (
                "[[control.stated]]\ntotals = { grantet = \"1.00\" }",
                "",
                "did you mean \"granted\"",
            ),
            (
                "[[control.stated]]\ntotals = { granted = \"1.000,00\" }",
                "",
                "such as 1234567.80",
            ),
            (
                "[[control.stated]]\ntotals = { \"granted euro\" = \"1.00\" }",
                "",
                "such as EUR",
            ),
            (
                "[[control.stated]]\npublished = \"30.06.2016\"\ntotals = {}",
                "",
                "such as 2016-06-30",
            ),
        ] {
            let error = parsed(source, mapping).unwrap_err();
            assert!(error.contains(expected), "{error}");
        }
    }
}
