//! What a workbook's number format says of a number: that it is a date, a percentage, or an amount in some unit.
//!
//! Workbooks store bare numbers; "12,5 Tsd. €" and "80 %" exist only in the format (ECMA-376 part 1, 18.8.30 and 31). A
//! reader sees the number with what its format says of it, so cells are given as they are shown: the exact number, shifted
//! where the format shifts it, and its unit behind it. Words that name no unit ("Personen") are left out.

use std::sync::Arc;

use crate::value::unit_of;

/// What a number format makes of a number.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) enum NumberFormat {
    /// A number.
    #[default]
    Bare,
    /// A date.
    Date,
    /// A number with a unit.
    Marked(Arc<[Section]>),
}

/// Bytes of the longest format code that is read; programs write at most 255 characters.
const LONGEST_CODE: usize = 1024;

/// Commas beyond the third would scale by more than milliards, for which there is no word.
const MOST_COMMAS: i32 = 3;

/// For positive numbers, negative ones, zero, and text.
const MOST_SECTIONS: usize = 4;

/// One of the up to four parts of a format code: for positive numbers, negative ones and zero, or by conditions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Section {
    condition: Option<Condition>,
    /// By how many places the decimal point is moved to the right: 2 for percent, -3 for each comma of scaling.
    shift: i32,
    /// `%`, `€`, `Tsd. €`; empty for none.
    unit: String,
}

/// `[>=1000]`.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Condition {
    operator: String,
    /// As written: parsed again where it is asked for, so that formats can be compared.
    bound: String,
}

impl Condition {
    fn holds(&self, number: f64) -> bool {
        let bound = self.bound.parse::<f64>().ok();
        let Some(order) = bound.and_then(|bound| number.partial_cmp(&bound)) else {
            return false;
        };
        match self.operator.as_str() {
            ">" => order.is_gt(),
            ">=" => order.is_ge(),
            "<" => order.is_lt(),
            "<=" => order.is_le(),
            "<>" => order.is_ne(),
            _ => order.is_eq(),
        }
    }
}

impl NumberFormat {
    /// The built-in format of a number; what a currency it shows is depends on who looks, so it is none.
    pub(super) fn builtin(id: u32) -> Self {
        match id {
            // 45 to 47 and 18 to 21 show times of day only.
            14..=17 | 22 | 27..=31 | 34..=36 | 50..=54 | 57 | 58 => Self::Date,
            9 | 10 => Self::percent(),
            _ => Self::Bare,
        }
    }

    /// The format that shows 0.8 as 80 %.
    pub(super) fn percent() -> Self {
        Self::Marked(Arc::new([Section {
            condition: None,
            shift: 2,
            unit: "%".to_owned(),
        }]))
    }

    /// Reads a format code. Codes are stored in their English form, but `j` and `t` of German programs occur as well.
    ///
    /// A code that no program would write is none: its words would be put behind every number of a sheet.
    pub(super) fn parse(code: &str) -> Self {
        if code.len() > LONGEST_CODE {
            return Self::Bare;
        }
        if is_date(code) {
            return Self::Date;
        }
        let sections = split_sections(code).take(MOST_SECTIONS);
        let sections: Arc<[Section]> = sections.map(Section::parse).collect();
        if sections.iter().all(|s| s.shift == 0 && s.unit.is_empty()) {
            Self::Bare
        } else {
            Self::Marked(sections)
        }
    }

    /// The format behind a number whose showing is known: `text` as a person sees it, in a workbook that divides by ten
    /// to the `scaled`.
    pub(super) fn of_shown(text: &str, percent: bool, currency: &str, scaled: u32) -> Self {
        let words: String = text
            .chars()
            .map(|c| if is_mark(c) { ' ' } else { c })
            .collect();
        let currency = if words.chars().any(is_currency_sign) {
            ""
        } else {
            currency
        };
        let unit = unit(&format!("{words} {currency}"), !currency.is_empty());
        let shift = if percent { 2 } else { -(scaled as i32) };
        Self::Marked(Arc::new([Section::of(None, shift, unit)]))
    }
}

/// Appends a number as the sections of its format show it.
pub(super) fn append_marked(sections: &[Section], number: f64, out: &mut String) {
    let Some(section) = choose_section(sections, number) else {
        return super::serial::append_number(number, out);
    };
    append_shifted(number, section.shift, out);
    if !section.unit.is_empty() {
        if section.unit != "%" {
            out.push(' ');
        }
        out.push_str(&section.unit);
    }
}

fn choose_section(sections: &[Section], number: f64) -> Option<&Section> {
    if sections.iter().any(|s| s.condition.is_some()) {
        let met = |s: &&Section| s.condition.as_ref().is_none_or(|c| c.holds(number));
        return sections.iter().take(3).find(met);
    }
    let index = match number {
        n if n < 0.0 => 1,
        n if n > 0.0 => 0,
        _ => 2,
    };
    sections
        .get(index)
        .filter(|_| index < 3)
        .or_else(|| sections.first())
}

/// Appends the shortest decimal of a number with its point moved `shift` places to the right: exact, unlike a product.
fn append_shifted(number: f64, shift: i32, out: &mut String) {
    let start = out.len();
    super::serial::append_number(number, out);
    if shift == 0 || number == 0.0 || !number.is_finite() {
        return;
    }
    let shown = out.split_off(start);
    let (sign, digits) = shown
        .strip_prefix('-')
        .map_or(("", shown.as_str()), |rest| ("-", rest));
    let (whole, decimals) = digits.split_once('.').unwrap_or((digits, ""));
    let all = format!("{whole}{decimals}");
    let point = whole.len() as i32 + shift;
    out.push_str(sign);
    let (whole, decimals) = if point <= 0 {
        let zeros = "0".repeat(point.unsigned_abs() as usize);
        ("0".to_owned(), format!("{zeros}{all}"))
    } else {
        let mut all = all;
        while all.len() < point as usize {
            all.push('0');
        }
        let decimals = all.split_off(point as usize);
        (all, decimals)
    };
    let whole = whole.trim_start_matches('0');
    out.push_str(if whole.is_empty() { "0" } else { whole });
    let decimals = decimals.trim_end_matches('0');
    if !decimals.is_empty() {
        out.push('.');
        out.push_str(decimals);
    }
}

/// Sections stand between semicolons that are not quoted.
fn split_sections(code: &str) -> impl Iterator<Item = &str> {
    let (mut quoted, mut bracket, mut escaped) = (false, false, false);
    code.split(move |c| {
        if std::mem::take(&mut escaped) {
            return false;
        }
        match c {
            '"' => quoted = !quoted,
            '\\' | '_' | '*' if !quoted => escaped = true,
            '[' if !quoted => bracket = true,
            ']' => bracket = false,
            _ => {}
        }
        c == ';' && !quoted && !bracket
    })
}

impl Section {
    fn parse(code: &str) -> Self {
        let mut condition = None;
        let (mut words, mut named) = (String::new(), false);
        let (mut percent, mut commas) = (false, 0);
        let mut chars = code.chars();
        while let Some(c) = chars.next() {
            match c {
                '"' => words.extend(chars.by_ref().take_while(|c| *c != '"')),
                '\\' => words.extend(chars.next()),
                '_' | '*' => {
                    chars.next();
                    words.push(' ');
                }
                '[' => {
                    let inside: String = chars.by_ref().take_while(|c| *c != ']').collect();
                    if let Some(currency) = inside.strip_prefix('$') {
                        let symbol = currency.rsplit_once('-').map_or(currency, |(s, _)| s);
                        named |= !symbol.trim().is_empty();
                        words.push(' ');
                        words.push_str(symbol);
                        words.push(' ');
                    } else if inside.starts_with(['<', '>', '=']) {
                        let at = inside
                            .find(|c: char| !matches!(c, '<' | '>' | '='))
                            .unwrap_or(inside.len());
                        condition = Some(Condition {
                            operator: inside[..at].to_owned(),
                            bound: inside[at..].trim().to_owned(),
                        });
                    }
                }
                '0' | '#' | '?' => {
                    commas = 0;
                    words.push('\u{0}'); // where the digits stand
                }
                ',' => commas += 1,
                '%' => {
                    percent = true;
                    words.push_str(" % ");
                }
                '.' | '/' | '-' | '+' | '(' | ')' | ' ' | '@' => words.push(' '),
                c if is_currency_sign(c) => words.push(c),
                _ => {}
            }
        }
        let shift = if percent {
            2
        } else {
            -3 * commas.min(MOST_COMMAS)
        };
        Self::of(condition, shift, unit(&words, named))
    }

    /// What the commas of `#,##0, "Tsd. €"` take away its word gives back: the number is meant as it is stored. Commas
    /// without a word are said in one.
    fn of(condition: Option<Condition>, shift: i32, unit: String) -> Self {
        let (shift, unit) = match (shift, scale(&unit)) {
            (shift, 0) if shift < 0 => (shift, with_scale(shift.unsigned_abs(), &unit)),
            (shift, scale) if shift < 0 && shift.unsigned_abs() == scale => {
                (0, without_scale(&unit))
            }
            _ => (shift, unit),
        };
        Self {
            condition,
            shift,
            unit,
        }
    }
}

/// The words of a format that say in which unit a number is, in published order; empty if they say something else.
fn unit(words: &str, named: bool) -> String {
    let words: Vec<&str> = words
        .split(|c: char| c.is_whitespace() || c == '\u{0}' || matches!(c, '.' | '(' | ')' | ','))
        .filter(|word| {
            word.chars()
                .any(|c| c.is_alphabetic() || c == '%' || is_currency_sign(c))
        })
        .collect();
    let names_unit = named || words.iter().any(|word| *word == "%" || is_unit(word));
    if names_unit {
        words.join(" ")
    } else {
        String::new()
    }
}

/// A word that a person would take for a unit of money, known to us or not: `Tsd`, `€`, `$`, `DM`, `CHF`.
fn is_unit(word: &str) -> bool {
    let foreign = (2..=3).contains(&word.len()) && word.chars().all(|c| c.is_ascii_uppercase());
    foreign || unit_of(word).is_some() || word.chars().any(is_currency_sign)
}

/// What stands in and around a number without being a word.
fn is_mark(c: char) -> bool {
    c.is_ascii_digit() || matches!(c, '-' | '\u{2212}' | '+' | '\'' | '\u{2019}')
}

fn is_currency_sign(c: char) -> bool {
    matches!(c, '$' | '\u{a2}'..='\u{a5}' | '\u{20a0}'..='\u{20cf}')
}

/// The power of ten that the words say.
fn scale(unit: &str) -> u32 {
    let scales = unit.split(' ').filter_map(unit_of).map(|unit| unit.scale);
    let scale = scales.max().and_then(|scale| u32::try_from(scale).ok());
    scale.unwrap_or(0)
}

fn without_scale(unit: &str) -> String {
    let plain = unit.split(' ').filter_map(|word| match unit_of(word) {
        Some(known) if known.scale > 0 => known.currency.map(crate::value::Currency::code),
        _ => Some(word),
    });
    plain.collect::<Vec<_>>().join(" ")
}

/// Scaling by commas alone, said in a word.
fn with_scale(scale: u32, unit: &str) -> String {
    let word = match scale {
        3 => "Tsd",
        6 => "Mio",
        _ => "Mrd",
    };
    format!("{word} {unit}").trim_end().to_owned()
}

/// Whether a format code shows a day, month or year.
fn is_date(code: &str) -> bool {
    let (mut day, mut month, mut clock, mut digits) = (false, false, false, false);
    let mut chars = code.chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => {
                chars.find(|c| *c == '"');
            }
            '\\' | '_' | '*' => {
                chars.next();
            }
            // [Red], [$-407], [>100]; [h] is a duration, which is a number
            '[' => {
                let inside: String = chars.by_ref().take_while(|c| *c != ']').collect();
                if inside
                    .chars()
                    .all(|c| matches!(c, 'h' | 'H' | 'm' | 'M' | 's' | 'S'))
                    && !inside.is_empty()
                {
                    return false;
                }
            }
            ';' => break, // the first section is the one for positive numbers
            'y' | 'Y' | 'd' | 'D' | 'j' | 'J' | 't' | 'T' => day = true,
            'm' | 'M' => month = true,
            'h' | 'H' | 's' | 'S' => clock = true,
            '0' | '#' | '?' => digits = true,
            // "General", "Standard", "@" and the like hold letters of dates but are none
            'G' | 'g' | 'n' | '@' => return false,
            _ => {}
        }
    }
    // seconds may have decimals (ss.000); otherwise a digit placeholder means a number
    if digits && !clock {
        return false;
    }
    day || (month && !clock)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_of_days_are_dates() {
        for code in [
            "dd.mm.yyyy",
            "[$-407]d. mmmm yyyy;@",
            "yyyy\\-mm\\-dd hh:mm:ss.000",
            "mmm\\-yy",
            "TT.MM.JJJJ",
            "m/d/yy",
            "mmmm",
        ] {
            assert!(is_date(code), "{code}");
        }
    }

    #[test]
    fn other_formats_are_not() {
        for code in [
            "General",
            "Standard",
            "0.00",
            "#,##0.00\\ \"Tsd. DM\"",
            "[Red]-0.00",
            "h:mm",
            "[h]:mm:ss",
            "mm:ss.0",
            "@",
            "0.00E+00",
            "_-* #,##0.00 _d_m",
            "0%",
            "#,##0 [$€-407]",
        ] {
            assert!(!is_date(code), "{code}");
        }
    }

    /// A number as a format shows it to our readers.
    fn shown(code: &str, number: f64) -> String {
        let mut out = String::new();
        match NumberFormat::parse(code) {
            NumberFormat::Marked(sections) => append_marked(&sections, number, &mut out),
            NumberFormat::Bare => super::super::serial::append_number(number, &mut out),
            NumberFormat::Date => out.push_str("date"),
        }
        out
    }

    #[test]
    fn numbers_carry_what_their_format_says() {
        for (code, number, expected) in [
            ("General", 1234.5, "1234.5"),
            ("#,##0.00", 1234.5, "1234.5"),
            ("#,##0.00 \"€\"", 1234.5, "1234.5 €"),
            ("#,##0.00\\ [$€-407]", -1234.5, "-1234.5 €"),
            ("[$€-2] #,##0", 12.0, "12 €"),
            ("#,##0\\ [$kr-41D]", 12.0, "12 kr"),
            ("[$-407]0.00", 12.0, "12"),
            ("0.00\" Tsd. €\"", 12.5, "12.5 Tsd €"),
            ("#,##0.0,\" Tsd. €\"", 12_500.0, "12500 €"),
            ("#,##0,", 12_345_678.0, "12345.678 Tsd"),
            ("0.0,,\"Mio. €\"", 4_300_000.0, "4300000 €"),
            ("0,,", 4_300_000.0, "4.3 Mio"),
            ("#,##0\\ \"TEUR\"", 7.0, "7 TEUR"),
            ("0\" DM\"", 7.0, "7 DM"),
            ("$#,##0", 7.0, "7 $"),
            ("0%", 0.8, "80%"),
            ("0.00%", 0.123_45, "12.345%"),
            ("0.00%", 0.07, "7%"),
            ("0\"%\"", 80.0, "80%"),
            ("0\" Personen\"", 80.0, "80"),
            ("\"P-\"0000", 12.0, "12"),
            (
                "_-* #,##0.00\\ \"€\"_-;\\-* #,##0.00\\ \"€\"_-;_-* \"-\"??\\ \"€\"_-;_-@_-",
                0.0,
                "0 €",
            ),
            (
                "[>=1000000]0.0,,\" Mio. €\";[>=1000]0,\" Tsd. €\";0\" €\"",
                2_500_000.0,
                "2500000 €",
            ),
            ("#,##0 \"€\";[Red]-#,##0 \"€\"", -5.0, "-5 €"),
            ("0;0;", 0.0, "0"),
        ] {
            assert_eq!(shown(code, number), expected, "{code}");
        }
    }

    #[test]
    fn codes_made_to_cost_much_cost_nothing() {
        let words = format!("0\"{} €\"", "x".repeat(100_000));
        assert_eq!(shown(&words, 7.0), "7");
        let commas = format!("0{}", ",".repeat(100_000));
        assert_eq!(shown(&commas, 7.0), "7");
        assert_eq!(shown(&format!("0{}", ",".repeat(900)), 7e9), "7 Mrd");
    }

    #[test]
    fn every_shown_amount_is_read_back_exactly() {
        for (code, number, cents) in [
            ("0.00\" Tsd. €\"", 12.5, 1_250_000),
            ("#,##0.0,\" Tsd. €\"", 12_500.01, 1_250_001),
            ("#,##0,", 12_345_678.91, 1_234_567_891),
            ("#,##0.00 \"€\"", 0.1 + 0.2, 30),
        ] {
            let amount = crate::value::parse_native_amount(&shown(code, number));
            let amount = amount.expect("an amount").expect("not empty");
            assert_eq!(amount.value, cents, "{code}");
        }
    }

    #[test]
    fn percentages_and_foreign_money_are_no_amounts() {
        for (code, number) in [("0%", 0.8), ("0\" DM\"", 7.0), ("$#,##0", 7.0)] {
            let read = crate::value::parse_native_amount(&shown(code, number));
            assert!(read.is_err(), "{code}: {read:?}");
        }
    }
}
