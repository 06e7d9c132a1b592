//! What is said about a comparison: words chosen by language, units and flags by name, sentences filled in. Plain text
//! in and out; escaping belongs to the outputs. Unknown units and flags are printed as they came, never dropped.

use std::fmt::Write as _;

use crate::chart::{
    comparison::{Comparison, Condition, Language, Row, Seen},
    format::Format,
    words::{DE, EN, SV, Words},
};

/// Units with a name in each language: as declared, German, Swedish, English.
const UNITS: [[&str; 4]; 12] = [
    ["share", "Anteil", "andel", "share"],
    [
        "EUR per person and year",
        "EUR pro Person und Jahr",
        "EUR per person och år",
        "EUR per person and year",
    ],
    [
        "EUR per person",
        "EUR pro Person",
        "EUR per person",
        "EUR per person",
    ],
    [
        "SEK per person",
        "SEK pro Person",
        "SEK per person",
        "SEK per person",
    ],
    [
        "EUR per planned participant",
        "EUR pro geplanter teilnehmender Person",
        "EUR per planerad deltagare",
        "EUR per planned participant",
    ],
    [
        "international dollars",
        "internationale Dollar",
        "internationella dollar",
        "international dollars",
    ],
    ["persons", "Personen", "personer", "persons"],
    ["operations", "Vorhaben", "projekt", "operations"],
    ["days", "Tage", "dagar", "days"],
    ["jobs", "Arbeitsplätze", "arbetstillfällen", "jobs"],
    ["index", "Index", "index", "index"],
    ["count", "Anzahl", "antal", "count"],
];

/// What rows may be, in each language.
const DIMENSIONS: [[&str; 4]; 11] = [
    ["region", "Region", "region", "region"],
    ["country", "Staat", "land", "country"],
    ["programme", "Programm", "program", "programme"],
    [
        "intervention",
        "Interventionsbereich",
        "insatsområde",
        "intervention field",
    ],
    ["instrument", "Instrument", "instrument", "instrument"],
    [
        "beneficiary",
        "Begünstigter",
        "stödmottagare",
        "beneficiary",
    ],
    ["period", "Förderperiode", "programperiod", "period"],
    ["fund", "Fonds", "fond", "fund"],
    ["list", "Liste", "lista", "list"],
    ["year", "Jahr", "år", "year"],
    [
        "first_year",
        "Jahr des ersten Tages",
        "första dagens år",
        "year of the first day",
    ],
];

/// Flags by code, in each language.
const FLAGS: [[&str; 4]; 12] = [
    [
        "small_n",
        "kleine Fallzahl",
        "få fall",
        "small number of cases",
    ],
    [
        "not_comparable",
        "zwischen den Staaten nicht vergleichbar",
        "inte jämförbart mellan länderna",
        "not comparable between the countries",
    ],
    [
        "definition_break",
        "Bruch in der Definition",
        "brott i definitionen",
        "break in the definition",
    ],
    [
        "low_coverage",
        "geringe Abdeckung",
        "låg täckning",
        "low coverage",
    ],
    [
        "several_periods",
        "mehrere Förderperioden",
        "flera programperioder",
        "several funding periods",
    ],
    [
        "several_funds",
        "mehrere Fonds",
        "flera fonder",
        "several funds",
    ],
    [
        "no_own_list",
        "keine Liste dieser Region mit dieser Zahl geladen: nur was Listen anderer Regionen hier nennen",
        "ingen lista för regionen med detta tal är inläst: bara vad andra regioners listor har här",
        "no list of this region with this number is loaded: only what lists of other regions have here",
    ],
    [
        "partly_suppressed",
        "einzelne Zellen aus Datenschutzgründen nicht enthalten",
        "enstaka celler ingår inte av sekretesskäl",
        "some cells are left out by disclosure control",
    ],
    ["estimated", "geschätzt", "uppskattat", "estimated"],
    [
        "statistic_break",
        "Bruch in der Reihe der Statistik, hier oder in einem Teil der Region",
        "brott i statistikens serie, här eller i en del av regionen",
        "break in the series of the statistic, here or in a part of the region",
    ],
    [
        "some_regions",
        "Zahlen nur eines Teils der Regionen, geteilt durch die Menschen aller",
        "tal för bara en del av regionerna, delade med allas människor",
        "numbers of some regions only, divided by the people of all",
    ],
    [
        "some_years",
        "zählt nicht alle Jahre, die andere Zeilen zählen",
        "räknar inte alla år som andra rader räknar",
        "does not count all years that other rows count",
    ],
];

impl Language {
    /// Its words.
    pub(crate) fn words(self) -> &'static Words {
        match self {
            Self::De => &DE,
            Self::Sv => &SV,
            Self::En => &EN,
        }
    }

    fn named(self, list: &[[&'static str; 4]], code: &str) -> Option<&'static str> {
        let column = match self {
            Self::De => 1,
            Self::Sv => 2,
            Self::En => 3,
        };
        list.iter()
            .find(|entry| entry[0] == code)
            .map(|entry| entry[column])
    }

    /// The name of a unit.
    pub(crate) fn unit(self, unit: &str) -> String {
        self.named(&UNITS, unit).unwrap_or(unit).to_owned()
    }

    /// The name of what rows are.
    pub(crate) fn dimension(self, by: &str) -> String {
        self.named(&DIMENSIONS, by).unwrap_or(by).to_owned()
    }

    /// The state of the data in words: a release and its day, and the first and last day that its files are dated.
    pub fn state(self, release: u64, made: &str, dated: Option<(&str, &str)>) -> String {
        let words = self.words();
        let release = fill(words.release, &[&release.to_string(), made]);
        match dated {
            None => release,
            Some((first, last)) if first == last => {
                format!("{release}; {}", fill(words.dated, &[first]))
            }
            Some((first, last)) => {
                format!("{release}; {}", fill(words.dated_between, &[first, last]))
            }
        }
    }

    /// A flag in words.
    pub(crate) fn flag(self, flag: &str) -> String {
        self.named(&FLAGS, flag).unwrap_or(flag).to_owned()
    }
}

/// What has to be seen before any number: that the data are made up, and what the question leaves out.
pub(crate) fn limits(comparison: &Comparison) -> Vec<String> {
    let words = comparison.language.words();
    let made_up = comparison.demonstration.then_some(words.demonstration);
    let mut limits: Vec<String> = made_up.into_iter().map(str::to_owned).collect();
    let named = |dimension: &str, text: &str| {
        format!("{} {text}", comparison.language.dimension(dimension))
    };
    let conditions = comparison.conditions.iter();
    let conditions: Vec<String> = conditions
        .map(|condition| match condition {
            Condition::Country(country) => named("country", country),
            Condition::Period(period) => named("period", period),
            Condition::Where(condition) => fill(words.only_where, &[condition]),
            Condition::AsOf(time) => fill(words.only_as_of, &[time]),
        })
        .collect();
    if !conditions.is_empty() {
        limits.push(format!("{} {}", words.only, conditions.join(" · ")));
    }
    limits
}

/// A name as it stands at the head of a column.
pub(crate) fn capital(text: &str) -> String {
    let mut rest = text.chars();
    rest.next()
        .map(|first| first.to_uppercase().chain(rest).collect())
        .unwrap_or_default()
}

/// Puts the parts in the places `{}` of a text, in order.
pub(crate) fn fill(text: &str, parts: &[&str]) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut pieces = text.split("{}");
    filled.push_str(pieces.next().unwrap_or_default());
    for (i, piece) in pieces.enumerate() {
        filled.push_str(parts.get(i).copied().unwrap_or_default());
        filled.push_str(piece);
    }
    filled
}

/// What keeps a row from having a number, in words; empty for a row that has one.
pub(crate) fn absence(row: &Row, words: &Words) -> String {
    match row.seen() {
        Seen::Value(..) => String::new(),
        Seen::Suppressed => words.suppressed.to_owned(),
        Seen::Missing("") => words.missing.to_owned(),
        Seen::Missing(reason) => format!("{}: {reason}", words.missing),
    }
}

/// Everything known of a row on one line, for tooltips.
pub(crate) fn describe(row: &Row, format: &Format) -> String {
    let words = format.words();
    let mut text = if row.key.is_empty() || row.key == row.label {
        format!("{}: ", row.label)
    } else {
        format!("{} ({}): ", row.label, row.key)
    };
    match row.seen() {
        Seen::Value(value, interval) => {
            text.push_str(&format.with_unit(value));
            if let Some(bounds) = interval {
                text.push(' ');
                text.push_str(&format.interval(bounds));
            }
        }
        _ => text.push_str(&absence(row, words)),
    }
    if let Some(n) = row.cases() {
        let _ = write!(text, ", n = {}", format.count(n));
    }
    if let Some(coverage) = row.covered() {
        let _ = write!(text, ", {} {}", words.coverage, format.share(coverage));
    }
    for flag in &row.flags {
        let _ = write!(text, "; {}", format.language().flag(flag));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::testing::ALL;

    #[test]
    fn what_the_question_leaves_out_is_said_in_every_language() {
        let mut comparison = Comparison {
            conditions: vec![
                Condition::Country("DE".to_owned()),
                Condition::Period("2014-2020".to_owned()),
                Condition::Where("fund = 'ESF'".to_owned()),
                Condition::AsOf("3".to_owned()),
            ],
            ..Comparison::default()
        };
        let english = "Only: country DE · period 2014-2020 · where fund = 'ESF' · as of 3";
        assert_eq!(limits(&comparison), [english]);
        comparison.demonstration = true;
        for language in ALL {
            comparison.language = language;
            let limits = limits(&comparison);
            assert!(limits[0].starts_with("Demonstration: ") && limits.len() == 2);
            for part in ["DE", "2014-2020", "fund = 'ESF'", "3"] {
                assert!(limits[1].contains(part), "{limits:?}");
            }
        }
        assert_eq!(limits(&Comparison::default()), [""; 0]);
    }

    #[test]
    fn the_state_of_the_data_is_a_release_with_the_dates_of_its_files() {
        let state = |dated| Language::En.state(4, "2026-11-27", dated);
        assert_eq!(state(None), "release 4 of 2026-11-27");
        assert_eq!(
            state(Some(("2016-06-01", "2016-08-25"))),
            "release 4 of 2026-11-27; files dated 2016-06-01 to 2016-08-25"
        );
        assert!(state(Some(("2016-06-01", "2016-06-01"))).ends_with("; files dated 2016-06-01"));
        for language in ALL {
            let state = language.state(4, "2026-11-27", Some(("2016-06-01", "2016-08-25")));
            assert!(
                state.contains('4') && state.contains("2016-08-25"),
                "{state}"
            );
        }
    }

    #[test]
    fn every_list_is_complete_and_unknown_names_stay() {
        for language in ALL {
            for entry in UNITS.iter().chain(&DIMENSIONS).chain(&FLAGS) {
                assert!(entry.iter().all(|text| !text.is_empty()));
            }
            assert_eq!(language.unit("EUR per hectare"), "EUR per hectare");
            assert_eq!(language.flag("odd"), "odd");
        }
        assert_eq!(Language::Sv.dimension("programme"), "program");
        // A Land is a region: what pays is a Staat.
        assert_eq!(Language::De.dimension("country"), "Staat");
    }

    #[test]
    fn the_same_places_are_filled_in_every_language() {
        let places = |text: &str| text.matches("{}").count();
        for language in ALL {
            let words = language.words();
            assert_eq!(
                (
                    places(words.rows_count),
                    places(words.between),
                    places(words.unallocated),
                    places(words.unallocated_cases),
                    places(words.unallocated_counts),
                    places(words.unallocated_figures),
                    places(words.decomposed),
                    places(words.first_rows),
                ),
                (3, 2, 1, 1, 1, 1, 3, 2)
            );
        }
        assert_eq!(fill("{} to {}", &["a", "{}"]), "a to {}");
        assert_eq!(fill("{} to {}", &["a"]), "a to ");
        assert_eq!(
            (capital("öar"), capital("")),
            ("Öar".to_owned(), String::new())
        );
    }

    #[test]
    fn a_suppressed_row_is_described_without_its_numbers() {
        let row = Row {
            value: Some(77.0),
            n: Some(3),
            ..Row::suppressed("DEC", "Saarland")
        };
        let format = Format::of(&Comparison {
            unit: "EUR".to_owned(),
            ..Comparison::default()
        });
        assert_eq!(describe(&row, &format), "Saarland (DEC): suppressed");
    }
}
