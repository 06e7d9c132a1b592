//! Numbers as people of a language write them: `1.234,5` in German, `1 234,5` (no-break spaces) in Swedish, `1,234.5` in
//! English; shares in per cent. All numbers of a comparison get the same number of decimals, about three significant
//! digits for the middle one, so that columns line up; a number that would then read as zero keeps digits of its own.

use crate::chart::{
    comparison::{Comparison, Language},
    words::Words,
};

/// A space that does not break.
const NBSP: char = '\u{a0}';

/// How the numbers of one comparison are written.
#[derive(Debug, Clone)]
pub(crate) struct Format {
    language: Language,
    unit: String,
    share: bool,
    decimals: usize,
}

impl Format {
    /// The format that suits the numbers of a comparison.
    pub(crate) fn of(comparison: &Comparison) -> Self {
        let share = comparison.is_share();
        let scale = if share { 100.0 } else { 1.0 };
        let mut sizes: Vec<f64> = comparison
            .numbers()
            .iter()
            .map(|v| (v * scale).abs())
            .collect();
        sizes.retain(|v| *v > 0.0);
        sizes.sort_by(f64::total_cmp);
        let decimals = match sizes.get(sizes.len() / 2) {
            None => 0,
            Some(_) if !share && sizes.iter().all(|v| v.fract() == 0.0) => 0,
            Some(&middle) => decimals_for(middle, usize::from(share)),
        };
        Self {
            language: comparison.language,
            unit: comparison.language.unit(&comparison.unit),
            share,
            decimals,
        }
    }

    /// The language.
    pub(crate) fn language(&self) -> Language {
        self.language
    }

    /// The words of the language.
    pub(crate) fn words(&self) -> &'static Words {
        self.language.words()
    }

    /// A value with the comparison's decimals.
    pub(crate) fn value(&self, value: f64) -> String {
        let scaled = self.scaled(value);
        let least = 0.5 / 10_f64.powi(self.decimals as i32);
        let decimals = if scaled != 0.0 && scaled.abs() < least {
            decimals_for(scaled.abs(), 0).saturating_sub(1)
        } else {
            self.decimals
        };
        self.percent(decimal(scaled, decimals, self.language))
    }

    /// A sum and its two parts, with as many decimals as make what is written of the parts add up to what is written of it,
    /// as far as a few more can.
    pub(crate) fn sum(&self, (a, b): (f64, f64)) -> [String; 3] {
        const MORE: usize = 3;
        let numbers = [self.scaled(a + b), self.scaled(a), self.scaled(b)];
        let adds_up = |decimals: &usize| {
            let shift = 10_f64.powi(*decimals as i32);
            let [sum, a, b] = numbers.map(|number| (number * shift).round());
            (sum - a - b).abs() < 0.5
        };
        let decimals = (self.decimals..=self.decimals + MORE).find(adds_up);
        let decimals = decimals.unwrap_or(self.decimals + MORE);
        numbers.map(|number| self.percent(decimal(number, decimals, self.language)))
    }

    /// A value with its unit, unless that is per cent.
    pub(crate) fn with_unit(&self, value: f64) -> String {
        let number = self.value(value);
        if self.share || self.unit.is_empty() {
            number
        } else {
            format!("{number} {}", self.unit)
        }
    }

    /// A value in little room: from a million on in millions, with three digits.
    pub(crate) fn compact(&self, value: f64) -> String {
        match Magnitude::of(value) {
            Some(magnitude) if !self.share => {
                let lead = value / magnitude.size;
                let text = decimal(lead, decimals_for(lead.abs(), 0), self.language);
                magnitude.write(&text, self.language)
            }
            _ => self.value(value),
        }
    }

    /// A round number such as a class bound or a tick: all its digits and no more. `largest` of its neighbours says
    /// whether they are written in millions.
    pub(crate) fn round(&self, value: f64, largest: f64) -> String {
        let magnitude = Magnitude::of(largest).filter(|_| !self.share);
        let number = magnitude
            .as_ref()
            .map_or_else(|| self.scaled(value), |m| value / m.size);
        let decimals = (0..12).find(|&d| {
            let shift = 10_f64.powi(d);
            ((number * shift).round() / shift - number).abs() <= number.abs() * 1e-12
        });
        let text = match decimals {
            _ if number.abs() >= 1e15 => decimal(number, 0, self.language),
            Some(decimals) => decimal(number, decimals as usize, self.language),
            None => decimal(number, decimals_for(number.abs(), 0), self.language),
        };
        match magnitude {
            Some(magnitude) if value != 0.0 => magnitude.write(&text, self.language),
            _ => self.percent(text),
        }
    }

    /// An interval.
    pub(crate) fn interval(&self, (low, high): (f64, f64)) -> String {
        let separator = if self.language == Language::En {
            ", "
        } else {
            "; "
        };
        format!("[{}{separator}{}]", self.value(low), self.value(high))
    }

    /// A count.
    pub(crate) fn count(&self, n: i64) -> String {
        let digits = group(&n.unsigned_abs().to_string(), self.language);
        if n < 0 {
            format!("−{digits}")
        } else {
            digits
        }
    }

    /// A share of something else, such as the coverage, in whole per cent; never rounded up to all or down to none.
    pub(crate) fn share(&self, share: f64) -> String {
        let percent = share * 100.0;
        let decimals =
            usize::from((99.0..100.0).contains(&percent) || (percent > 0.0 && percent < 1.0));
        let percent = if percent < 100.0 {
            percent.min(99.9)
        } else {
            percent
        };
        with_percent(decimal(percent, decimals, self.language), self.language)
    }

    fn scaled(&self, value: f64) -> f64 {
        if self.share { value * 100.0 } else { value }
    }

    fn percent(&self, number: String) -> String {
        if self.share {
            with_percent(number, self.language)
        } else {
            number
        }
    }
}

fn with_percent(number: String, language: Language) -> String {
    match language {
        Language::En => number + "%",
        _ => format!("{number}{NBSP}%"),
    }
}

/// Decimals that show three significant digits, at least so many.
fn decimals_for(size: f64, least: usize) -> usize {
    if size == 0.0 || !size.is_finite() {
        return least;
    }
    let exponent = size.log10().floor() as i32;
    usize::try_from(2 - exponent).unwrap_or(0).max(least)
}

/// A number with so many decimals; what is too large or too small for digits in powers of ten.
pub(crate) fn decimal(value: f64, decimals: usize, language: Language) -> String {
    if !value.is_finite() {
        return language.words().none.to_owned();
    }
    let size = value.abs();
    if size >= 1e15 || decimals > 8 {
        return power(value, language);
    }
    let text = format!("{size:.decimals$}");
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let negative = value < 0.0 && text.bytes().any(|b| (b'1'..=b'9').contains(&b));
    let mut written = if negative {
        "−".to_owned()
    } else {
        String::new()
    };
    written.push_str(&group(whole, language));
    if !fraction.is_empty() {
        written.push(if language == Language::En { '.' } else { ',' });
        written.push_str(fraction);
    }
    written
}

fn power(value: f64, language: Language) -> String {
    let text = format!("{:.2e}", value.abs());
    let (lead, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let lead = if language == Language::En {
        lead.to_owned()
    } else {
        lead.replace('.', ",")
    };
    let sign = if value < 0.0 { "−" } else { "" };
    format!("{sign}{lead}·10{}", superscript(exponent))
}

/// Digits raised, as in powers and footnote marks.
pub(crate) fn superscript(digits: &str) -> String {
    const RAISED: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    digits
        .chars()
        .filter_map(|c| match c {
            '-' => Some('⁻'),
            _ => c.to_digit(10).map(|d| RAISED[d as usize]),
        })
        .collect()
}

fn group(digits: &str, language: Language) -> String {
    let mark = match language {
        Language::De => '.',
        Language::Sv => NBSP,
        Language::En => ',',
    };
    let mut grouped = String::with_capacity(digits.len() * 4 / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            grouped.push(mark);
        }
        grouped.push(digit);
    }
    grouped
}

/// Millions and more, by name.
struct Magnitude {
    size: f64,
    names: [&'static str; 3],
}

const MAGNITUDES: [Magnitude; 3] = [
    Magnitude {
        size: 1e12,
        names: ["Bio.", "bilj.", "tn"],
    },
    Magnitude {
        size: 1e9,
        names: ["Mrd.", "md", "bn"],
    },
    Magnitude {
        size: 1e6,
        names: ["Mio.", "mn", "m"],
    },
];

impl Magnitude {
    fn of(value: f64) -> Option<&'static Self> {
        MAGNITUDES
            .iter()
            .find(|m| value.abs() >= m.size && value.abs() < 1e15)
    }

    fn write(&self, number: &str, language: Language) -> String {
        match language {
            Language::De => format!("{number}{NBSP}{}", self.names[0]),
            Language::Sv => format!("{number}{NBSP}{}", self.names[1]),
            Language::En => format!("{number}{}", self.names[2]),
        }
    }
}

#[cfg(test)]
#[path = "format_tests.rs"]
mod tests;
