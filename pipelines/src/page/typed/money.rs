//! Money, counts and rates as pages write them.

use std::sync::LazyLock;

use regex::Regex;

use super::regex;
use crate::value::{Currency, RateConvention, infer_rates, parse_rate, rate_convention, unit_of};

/// A published amount of money.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) struct Money {
    /// Hundredths of the currency unit.
    pub(in super::super) cents: i128,
    /// The currency, if it stands there.
    pub(in super::super) currency: Option<&'static str>,
    /// Half of the last published digit, in hundredths, if the number was rounded to more than whole units.
    pub(in super::super) precision: Option<i128>,
    /// Whether thousands, millions, milliards or cents stand beside the number.
    pub(in super::super) in_units: bool,
}

/// Beyond this many hundredths an amount does not fit Decimal128(18,2).
const LIMIT: i128 = 1_000_000_000_000_000_000;

static MONEY: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?ix)^\s*(?:ca\.?|circa|rund|etwa|knapp|gut|über|insgesamt|bis\ zu|drygt|omkring|cirka|totalt|ungefär|närmare)?\s*
        (?P<before>€|EUR|SEK|Euro)?\s*
        (?P<number>[0-9](?:[0-9\ .,'’]*[0-9])?)\s*(?:[.,]\s?[-–—]{0,2})?\s*
        (?P<behind>(?:[\p{L}€]+\.?\s*)*)
        (?P<sign>:-)?
        (?:\s*\((?P<paren>[\p{L}€]+)\.?\))?[\s.]*$",
    )
});

/// Reads an amount: `4,3 Mio. Euro`, `250 000 kr`, `3.525.000 Euro`, `1.200,- €`, `€ 1570.00`, `rund 2 Millionen Euro`. A
/// unit or currency that is said twice holds once; two that differ leave the amount open.
pub(in super::super) fn money(text: &str) -> Option<Money> {
    let found = MONEY.captures(text)?;
    let (unscaled, decimals) = number(found.name("number")?.as_str())?;
    let group = |name: &str| found.name(name).map_or("", |m| m.as_str());
    let (mut scale, mut currency) = (None, None);
    let behind = group("behind").split(|c: char| c.is_whitespace() || c == '.');
    let words = behind.chain([group("before"), group("paren")]);
    for word in words.filter(|word| !word.is_empty() && !word.eq_ignore_ascii_case("svenska")) {
        let unit = unit_of(word)?;
        let differs =
            |old: Option<i32>| unit.scale != 0 && old.is_some_and(|old| old != unit.scale);
        if differs(scale)
            || (unit.currency.is_some() && currency.is_some() && currency != unit.currency)
        {
            return None;
        }
        scale = scale.or((unit.scale != 0).then_some(unit.scale));
        currency = currency.or(unit.currency);
    }
    if !group("sign").is_empty() {
        if currency.is_some_and(|known| known != Currency::Sek) {
            return None;
        }
        currency = Some(Currency::Sek);
    }
    let exponent = scale.unwrap_or(0);
    // Cents = unscaled * 10^(2 + exponent - decimals); what does not come out whole has more digits than money has.
    let power = 2 + exponent - decimals as i32;
    let factor = 10_i128.checked_pow(power.unsigned_abs())?;
    let cents = if power >= 0 {
        unscaled.checked_mul(factor)?
    } else if unscaled % factor == 0 {
        unscaled / factor
    } else {
        return None;
    };
    if cents >= LIMIT {
        return None;
    }
    let precision = (exponent > 0 && power > 0)
        .then_some(factor / 2)
        .filter(|half| *half >= 100);
    Some(Money {
        cents,
        currency: currency.map(Currency::code),
        precision,
        in_units: exponent != 0,
    })
}

/// A number as `digits` without its decimal mark, and how many of them are decimals. One separator with exactly three
/// digits behind it is a thousands mark if it is a dot or blank, and ambiguous (none) if it is a comma.
fn number(text: &str) -> Option<(i128, u32)> {
    let text = text.trim().trim_end_matches(['.', ',']).trim();
    let marks: Vec<(usize, char)> = text
        .char_indices()
        .filter(|(_, c)| !c.is_ascii_digit())
        .collect();
    let last = marks.last().copied();
    let decimal = match last {
        Some((at, c)) if matches!(c, '.' | ',') => {
            let behind = text.len() - at - 1;
            let same = marks.iter().filter(|(_, other)| *other == c).count();
            let others = marks.len() > same;
            match (c, behind, same) {
                (',', 3, 1) if !others => return None,
                (_, 3, 2..) => None,
                ('.', 3, 1) if !others => None,
                (_, _, 1) => Some(at),
                _ => return None,
            }
        }
        _ => None,
    };
    let whole = &text[..decimal.unwrap_or(text.len())];
    let groups: Vec<&str> = whole.split([' ', '.', ',', '\'', '’']).collect();
    let grouped = groups.len() > 1;
    let fits = groups[0].len() <= 3
        && !groups[0].is_empty()
        && groups[1..].iter().all(|group| group.len() == 3);
    if grouped && !fits {
        return None;
    }
    let decimals = decimal.map_or("", |at| &text[at + 1..]);
    if decimal.is_some() && (decimals.is_empty() || !decimals.bytes().all(|b| b.is_ascii_digit())) {
        return None;
    }
    let digits: String = groups.concat() + decimals;
    Some((digits.parse().ok()?, decimals.len() as u32))
}

/// A whole count: `260`, `1 200`, `1.200`, and the small numbers that are written as words.
pub(in super::super) fn count(text: &str) -> Option<i64> {
    const WORDS: &[(&str, i64)] = &[
        ("zwei", 2),
        ("drei", 3),
        ("vier", 4),
        ("fünf", 5),
        ("sechs", 6),
        ("sieben", 7),
        ("acht", 8),
        ("neun", 9),
        ("zehn", 10),
        ("elf", 11),
        ("zwölf", 12),
        ("zwanzig", 20),
        ("dreißig", 30),
        ("vierzig", 40),
        ("fünfzig", 50),
        ("hundert", 100),
        ("två", 2),
        ("tre", 3),
        ("fyra", 4),
        ("fem", 5),
        ("sex", 6),
        ("sju", 7),
        ("åtta", 8),
        ("nio", 9),
        ("tio", 10),
        ("tolv", 12),
        ("tjugo", 20),
        ("trettio", 30),
        ("femtio", 50),
        ("hundra", 100),
    ];
    let text = text.trim();
    if let Some((_, n)) = WORDS
        .iter()
        .find(|(word, _)| text.eq_ignore_ascii_case(word))
    {
        return Some(*n);
    }
    let digits: String = text
        .chars()
        .take_while(|c| c.is_ascii_digit() || matches!(c, ' ' | '.'))
        .collect();
    match number(&digits)? {
        (n, 0) => i64::try_from(n).ok(),
        _ => None,
    }
}

/// A rate in millionths: `50%`, `49,92 %`, `0,5`. None for a bare number with two readings: `1`, and under a label that says
/// per cent also `0,5`.
pub(in super::super) fn rate(text: &str, label_in_percent: bool) -> Option<i64> {
    let is_number = |c: char| c.is_ascii_digit() || matches!(c, ' ' | '.' | ',');
    let (digits, behind) = text.split_at(text.find(|c| !is_number(c)).unwrap_or(text.len()));
    let behind = behind.to_lowercase();
    let signed = ["%", "procent", "prozent", "percent", "v.h", "v. h"]
        .iter()
        .any(|sign| behind.starts_with(*sign));
    let digits = digits.trim().trim_end_matches(['.', ',']);
    let convention = if signed {
        RateConvention::Percent
    } else {
        let inferred = infer_rates(std::iter::once(digits));
        rate_convention(&inferred.outcome, label_in_percent)
    };
    let rate = parse_rate(digits, convention).ok()??;
    i64::try_from(rate).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cents(text: &str) -> Option<(i128, Option<&'static str>, Option<i128>)> {
        money(text).map(|m| (m.cents, m.currency, m.precision))
    }

    #[test]
    fn money_spellings() {
        assert_eq!(
            cents("4,3 Mio. Euro"),
            Some((430_000_000, Some("EUR"), Some(5_000_000)))
        );
        assert_eq!(
            cents("1,2 Millionen Euro"),
            Some((120_000_000, Some("EUR"), Some(5_000_000)))
        );
        assert_eq!(
            cents("13,5 miljoner kronor"),
            Some((1_350_000_000, Some("SEK"), Some(5_000_000)))
        );
        assert_eq!(cents("250 000 kr"), Some((25_000_000, Some("SEK"), None)));
        assert_eq!(
            cents("3.525.000 Euro"),
            Some((352_500_000, Some("EUR"), None))
        );
        assert_eq!(cents("22 399 883"), Some((2_239_988_300, None, None)));
        assert_eq!(cents("€ 1570.00"), Some((157_000, Some("EUR"), None)));
        assert_eq!(cents("91.100,16 €"), Some((9_110_016, Some("EUR"), None)));
        assert_eq!(cents("172.306 €"), Some((17_230_600, Some("EUR"), None)));
        assert_eq!(
            cents("850 tkr"),
            Some((85_000_000, Some("SEK"), Some(50_000)))
        );
        assert_eq!(
            cents("1 250 000 (SEK)"),
            Some((125_000_000, Some("SEK"), None))
        );
        assert_eq!(
            cents("9999999999999999,99 €"),
            Some((999_999_999_999_999_999, Some("EUR"), None))
        );
        assert_eq!(cents("10000000000000000 €"), None);
        assert_eq!(cents("99999999999999999999999999999999 €"), None);
        for text in [
            "1.200.000,- €",
            "1.200.000,-- Euro",
            "1,2 Mill. Euro",
            "1,2 M€",
            "1200 kEUR",
            "1.200 € TEUR",
            "1 200 (T€)",
        ] {
            let read = cents(text).map(|(cents, currency, _)| (cents, currency));
            assert_eq!(read, Some((120_000_000, Some("EUR"))), "{text}");
        }
        assert_eq!(
            cents("22,4 MSEK"),
            Some((2_240_000_000, Some("SEK"), Some(5_000_000)))
        );
        assert_eq!(cents("13 000:-"), Some((1_300_000, Some("SEK"), None)));
        for text in [
            "1.200 € (SEK)",
            "1,2 Mio. TEUR",
            "1.000 - 1.200 €",
            "1.200 -",
            "1.200 Euro netto",
            "1.200 US-Dollar",
            "1.200 DM",
        ] {
            assert_eq!(cents(text), None, "{text}");
        }
        assert_eq!(cents("1,234 Euro"), None);
        assert_eq!(cents("12 34 Euro"), None);
        assert_eq!(cents("Euro"), None);
    }

    #[test]
    fn rates_and_counts() {
        for (text, bare, in_percent) in [
            ("50%", Some(500_000), Some(500_000)),
            ("49,92 %", Some(499_200), Some(499_200)),
            ("49,92", Some(499_200), Some(499_200)),
            ("50 procent av kostnaderna", Some(500_000), Some(500_000)),
            ("40 v.H.", Some(400_000), Some(400_000)),
            ("99.9996 %", Some(999_996), Some(999_996)),
            ("100", Some(1_000_000), Some(1_000_000)),
            ("0", Some(0), Some(0)),
            ("1 %", Some(10_000), Some(10_000)),
            // With two readings, unless the label says which.
            ("1", None, Some(10_000)),
            ("1,0", None, Some(10_000)),
            ("0,5", Some(500_000), None),
            ("150 %", None, None),
            ("150", None, None),
            ("100,01 %", None, None),
            ("50 000", None, None),
            ("hälften", None, None),
        ] {
            assert_eq!(rate(text, false), bare, "{text}");
            assert_eq!(rate(text, true), in_percent, "{text} under a label with %");
        }
        assert_eq!(count("1.200"), Some(1200));
        assert_eq!(count("zwölf"), Some(12));
    }
}
