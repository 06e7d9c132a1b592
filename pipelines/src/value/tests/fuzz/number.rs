//! Amounts, decimals and rates against an arithmetic of written digits that has no width it could overflow.

use super::*;

#[test]
fn fuzz_number() {
    Target {
        name: "number",
        runs: 1_500,
        words: &[
            "1.234,56",
            "1,234.56",
            "1 234,5",
            "1\u{A0}234",
            "1\u{202F}234",
            "1'234",
            "1’234",
            "1.234",
            "0,005",
            ",50",
            ".5",
            "-",
            "−",
            "–",
            "+",
            "(",
            ")",
            "€",
            " EUR",
            "kr",
            " tkr",
            "Mio.",
            " Tsd. €",
            "Mrd",
            "MSEK",
            " Cent",
            "öre",
            "%",
            " v. H.",
            ",-",
            ":-",
            "e3",
            "e-7",
            "000000",
            "999999999",
            "\n",
            "$",
        ],
        check,
    }
    .run();
}

fn check(input: &[u8]) -> Checked {
    let cells = cells(input);
    for cell in &cells {
        for convention in NumberConvention::ALL {
            amount(cell, convention)?;
        }
        plain(cell)?;
        rate(cell)?;
    }
    inferred(&cells)
}

/// The digits of a number as they stand there.
struct Written {
    whole: String,
    decimals: String,
}

impl Written {
    /// By the decimal mark alone; every other mark divides nothing.
    fn of(core: &str, mark: Option<char>) -> Self {
        let digits = |part: &str| part.chars().filter(char::is_ascii_digit).collect();
        let (whole, decimals) = mark
            .and_then(|mark| core.split_once(mark))
            .unwrap_or((core, ""));
        Self {
            whole: digits(whole),
            decimals: digits(decimals),
        }
    }

    /// What stands behind so many decimals.
    fn behind(&self, decimals: usize) -> &str {
        self.decimals.get(decimals..).unwrap_or("")
    }

    /// The number times 10^`scale`, half to even.
    fn at(&self, scale: usize) -> Option<i128> {
        let kept: String = self
            .decimals
            .chars()
            .chain(std::iter::repeat('0'))
            .take(scale)
            .collect();
        let value: i128 = format!("0{}{kept}", self.whole).parse().ok()?;
        let mut rest = self.behind(scale).bytes();
        let up = match rest.next() {
            Some(b'5') if rest.all(|digit| digit == b'0') => value % 2 == 1,
            Some(digit) => digit >= b'5',
            None => false,
        };
        Some(value + i128::from(up))
    }
}

/// A cell with an amount, taken apart by eye: what stands before the number, the number, what stands behind.
fn apart(cell: &str, mark: Option<char>) -> Option<(&str, &str, &str)> {
    let cell = cell.trim();
    let first = cell.find(|c: char| c.is_ascii_digit())?;
    let end = cell.rfind(|c: char| c.is_ascii_digit())? + 1;
    let before = &cell[..first];
    // The stop in "kr.500" belongs to the word.
    let marked = mark.and_then(|mark| before.strip_suffix(mark));
    let start = match marked {
        Some(before) if !before.ends_with(char::is_alphabetic) => before.len(),
        _ => first,
    };
    Some((&cell[..start], &cell[start..end], &cell[end..]))
}

fn amount(cell: &str, convention: NumberConvention) -> Checked {
    let Ok(Some(read)) = parse_amount(cell, convention) else {
        return Ok(());
    };
    let Some((before, core, behind)) = apart(cell, convention.decimal()) else {
        prop_assert!(false, "{cell:?} has no digit and is {read:?}");
        return Ok(());
    };
    let written = Written::of(core, convention.decimal());
    prop_assert!([-2, 0, 3, 6, 9].contains(&read.scale));
    let scale = (read.scale + 2) as usize;
    prop_assert_eq!(
        Some(read.value.abs()),
        written.at(scale),
        "{:?} as {}: another number",
        cell,
        convention
    );
    prop_assert!(read.value.abs() < 1_000_000_000_000_000_000);
    let lost = written.behind(scale).bytes().any(|digit| digit != b'0');
    prop_assert_eq!(read.rounded, lost, "{:?} as {}", cell, convention);
    signed(cell, before, behind, read.value)?;

    let stated = before.chars().chain(behind.chars());
    let word = stated.clone().any(|c| c.is_alphabetic() || c == '€');
    prop_assert!(
        word || (read.currency.is_none() && read.scale == 0),
        "{cell:?}"
    );
    let half = (read.scale > 0)
        .then(|| scale.checked_sub(written.decimals.len()))
        .flatten()
        .filter(|power| *power > 0)
        .map(|power| 10_i128.pow(power as u32) / 2);
    prop_assert_eq!(read.precision_abs, half, "{:?} as {}", cell, convention);
    again(read.value, convention)?;
    if let Some(value) = parse_decimal(cell, convention, 2)
        && read.scale == 0
    {
        prop_assert_eq!(value, read.value, "{:?} as decimal", cell);
    }
    Ok(())
}

/// One sign at most, and the value has it.
fn signed(cell: &str, before: &str, behind: &str, value: i128) -> Checked {
    // The dash of "1.000,-" stands for no cents.
    let dashes = behind.strip_prefix([',', '.', ':']).unwrap_or("");
    let no_cents = dashes.trim_start_matches(['-', '–', '—']);
    let behind = if no_cents.len() < dashes.len() {
        no_cents
    } else {
        behind
    };
    let minus = before.matches(['-', '\u{2212}', '–', '(']).count()
        + behind.matches(['-', '\u{2212}']).count();
    let plus = before.matches('+').count();
    prop_assert!(
        minus + plus <= 1,
        "{cell:?} has several signs and is {value}"
    );
    prop_assert!(
        if minus == 1 { value <= 0 } else { value >= 0 },
        "{cell:?} is {value}"
    );
    Ok(())
}

/// What was read, written in the same convention with and without groups, is read as the same.
fn again(value: i128, convention: NumberConvention) -> Checked {
    let Ok(cents) = i64::try_from(value) else {
        return Ok(());
    };
    if convention.decimal().is_none() && cents % 100 != 0 {
        return Ok(());
    }
    for grouped in [false, true] {
        let text = write_cents(cents, convention, grouped);
        let read = parse_amount(&text, convention);
        let value = read.map(|amount| amount.map(|amount| amount.value));
        prop_assert_eq!(value, Ok(Some(i128::from(cents))), "{:?}", text);
    }
    Ok(())
}

/// A typed number and a plain one are the same number; so is one read as decimal of any scale.
fn plain(cell: &str) -> Checked {
    if let (Ok(Some(typed)), Ok(Some(text))) = (
        parse_native_amount(cell),
        parse_amount(cell, NumberConvention::PLAIN),
    ) {
        prop_assert_eq!(
            (typed.value, typed.currency, typed.scale),
            (text.value, text.currency, text.scale),
            "{:?} as typed number and as text",
            cell
        );
    }
    for convention in NumberConvention::ALL {
        for scale in [0, 1, 6] {
            if let Some(value) = parse_decimal(cell, convention, scale) {
                let bare = cell.trim().trim_start_matches(['-', '\u{2212}']);
                let written = Written::of(bare, convention.decimal());
                prop_assert_eq!(
                    Some(value.abs()),
                    written.at(scale as usize),
                    "{:?} as {} with {} decimals",
                    cell,
                    convention,
                    scale
                );
            }
        }
    }
    Ok(())
}

/// A rate lies in its bounds and is the number that stands there, half to even; one that is read whatever bare numbers mean is
/// read alike in every case.
fn rate(cell: &str) -> Checked {
    for convention in [RateConvention::Percent, RateConvention::Fraction] {
        let Ok(Some(rate)) = parse_rate(cell, convention) else {
            continue;
        };
        prop_assert!((0..=WHOLE_RATE).contains(&rate), "{cell:?} is {rate}");
        let mark = if cell.contains(',') { ',' } else { '.' };
        let Some((_, core, behind)) = apart(cell, Some(mark)) else {
            prop_assert!(false, "{cell:?} has no digit and is {rate}");
            continue;
        };
        let percent = convention == RateConvention::Percent || !behind.trim().is_empty();
        let scale = if percent { 4 } else { 6 };
        let exact = Written::of(core, Some(mark)).at(scale);
        prop_assert_eq!(exact, Some(rate), "{:?} as {}", cell, convention);
        if let Ok(open) = parse_rate(cell, RateConvention::Open) {
            prop_assert_eq!(open, Some(rate), "{:?} as {}", cell, convention);
        }
        let again = format!("{}.{:06}", rate / WHOLE_RATE, rate % WHOLE_RATE);
        prop_assert_eq!(parse_rate(&again, RateConvention::Fraction), Ok(Some(rate)));
    }
    Ok(())
}

/// What is certain has one reading, what is ambiguous has two, and every cell is counted.
fn inferred(cells: &[String]) -> Checked {
    let inferred = infer_numbers(cells.iter().map(String::as_str));
    let reads = |cell: &str, convention| {
        matches!(
            parse_amount(cell, convention),
            Ok(Some(_)) | Err(ValueError::TooLarge | ValueError::PartOfCent)
        )
    };
    let readable: Vec<&String> = cells
        .iter()
        .filter(|cell| NumberConvention::ALL.iter().any(|&c| reads(cell, c)))
        .collect();
    let fit = |convention: NumberConvention| readable.iter().all(|cell| reads(cell, convention));
    match inferred.outcome {
        Inference::Certain(certain) => {
            prop_assert_eq!(inferred.readable, readable.len());
            prop_assert!(fit(certain), "{certain} does not fit {readable:?}");
            for other in NumberConvention::ALL.into_iter().filter(|c| fit(*c)) {
                for cell in &readable {
                    prop_assert_eq!(
                        parse_amount(cell, certain),
                        parse_amount(cell, other),
                        "{:?} as {} and as {}",
                        cell,
                        certain,
                        other
                    );
                }
            }
        }
        Inference::Ambiguous(left) => {
            prop_assert!(left.len() > 1 && left.iter().all(|c| fit(*c)), "{left:?}");
            let differ = readable.iter().any(|cell| {
                let first = parse_amount(cell, left[0]);
                left.iter().any(|c| parse_amount(cell, *c) != first)
            });
            prop_assert!(differ, "{left:?} read {readable:?} alike");
        }
        Inference::None { index, text } => {
            prop_assert_eq!(cells[index].trim(), text);
        }
        Inference::Empty => prop_assert!(readable.is_empty(), "{readable:?}"),
    }
    Ok(())
}
