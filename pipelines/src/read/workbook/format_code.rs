//! Whether a number format shows a number as a date. Workbooks store dates as numbers; only the format tells.

/// Built-in formats (ECMA-376 part 1, 18.8.30) that show a day. 45 to 47 and 18 to 21 show times of day only.
pub(super) fn builtin_is_date(id: u32) -> bool {
    matches!(id, 14..=17 | 22 | 27..=31 | 34..=36 | 50..=54 | 57 | 58)
}

/// Whether a format code shows a day, month or year. Codes are stored in their English form, but `j` and `t` of German
/// programs occur as well.
pub(super) fn is_date(code: &str) -> bool {
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
}
