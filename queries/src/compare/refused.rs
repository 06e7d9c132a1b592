//! What a refusal says, in the language of the question: why, and what can be asked instead.
//!
//! Names that are typed (metrics, dimensions, options, tables) stand in every language as they are typed. Adding a language is one
//! more constant here, and the compiler names every sentence it lacks.

use crate::chart::Language;
use crate::dimension::Dimension;
use crate::wording::{Caveat, Text};

/// Why a question is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// The metric is not defined over this dimension.
    Dimension {
        /// The metric.
        metric: String,
        /// What was asked.
        by: Dimension,
        /// What there is.
        known: Vec<String>,
    },
    /// The data that it needs are published by nobody.
    Lacks {
        /// The metric.
        metric: String,
        /// What is missing.
        lacks: Lacking,
    },
    /// What is asked for cannot be put side by side.
    Incomparable {
        /// The metric.
        metric: String,
        /// The countries.
        countries: Vec<String>,
        /// Why.
        reason: Option<Caveat>,
    },
    /// The country that is asked for has nothing.
    Country {
        /// The metric.
        metric: String,
        /// What was asked.
        country: String,
        /// What there is.
        known: Vec<String>,
    },
    /// Nothing of what is asked for has a number.
    Nothing {
        /// The metric.
        metric: String,
        /// What there is nothing of.
        asked: Asked,
        /// What there is.
        known: Known,
    },
    /// The condition is on what operations and rows of the metric both have, and the two differ.
    Condition {
        /// The metric.
        metric: String,
        /// The column.
        column: String,
    },
}

/// What a release lacks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lacking {
    /// Rows.
    Rows {
        /// The table.
        table: String,
    },
    /// Values.
    Values {
        /// The column.
        column: String,
        /// Its table.
        table: String,
    },
    /// A statistic.
    Statistic {
        /// Its code.
        statistic: String,
    },
    /// Numbers of what the metric is about.
    Numbers {
        /// What the release has none of.
        none: Text,
    },
}

/// What a question asks for that nothing is of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// What the rows are.
    pub by: Dimension,
    /// Its country.
    pub country: Option<String>,
    /// Its funding period.
    pub period: Option<String>,
    /// Its condition.
    pub filter: Option<String>,
    /// Whether there are numbers of all this, which name nothing of the rows.
    pub has_others: bool,
}

/// What there are numbers of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Known {
    /// Countries.
    pub countries: Vec<String>,
    /// Funding periods.
    pub periods: Vec<String>,
    /// Funds.
    pub funds: Vec<String>,
}

/// All sentences in one language. `{…}` is a place that is filled: the same sentence has the same places in each language.
struct Sentences {
    dimension: &'static str,
    lacks: &'static str,
    lacks_rows: &'static str,
    lacks_values: &'static str,
    lacks_statistic: &'static str,
    lacks_numbers: &'static str,
    incomparable: &'static str,
    country: &'static str,
    no_country: &'static str,
    nothing: &'static str,
    no_row: &'static str,
    no_number: &'static str,
    of_country: &'static str,
    of_period: &'static str,
    of_condition: &'static str,
    of_row: &'static str,
    this_level: &'static str,
    there_are: &'static str,
    in_countries: &'static str,
    in_periods: &'static str,
    in_funds: &'static str,
    names_none: &'static str,
    condition: &'static str,
    and: &'static str,
    or: &'static str,
}

/// English.
const EN: Sentences = Sentences {
    dimension: "{metric} cannot be compared by {by}: it is defined by {known}",
    lacks: "{metric} has no value in this release: it needs {lacks}",
    lacks_rows: "rows in the table {table}, and this release has none; load a source that publishes them",
    lacks_values: "values of {column} in the table {table}, and this release has none; load a source that publishes them",
    lacks_statistic: "the statistic {statistic} in region_statistic; load a table of official statistics that has it",
    lacks_numbers: "published numbers, and this release has {none}; load a source that publishes them",
    incomparable: "{metric} cannot be compared across {countries}: {reason}. Ask for one country: {instead}",
    country: "{metric} has nothing of the country {country}: this release has operations of {known}",
    no_country: "no country",
    nothing: "{metric} has nothing to show for this question: {lacks}; {known}",
    no_row: "what has a number has no {row}",
    no_number: "there is no number of {asked}",
    of_country: "the country {country}",
    of_period: "the period {period}",
    of_condition: "the condition {condition}",
    of_row: "a {row}",
    this_level: "region of this level",
    there_are: "there are numbers {parts}",
    in_countries: "of the countries {values}",
    in_periods: "of the periods {values}",
    in_funds: "of the funds {values}",
    names_none: "what there is names no country, period or fund",
    condition: "{metric} has a {column} of its own, and a condition on {column} would choose operations by theirs; leave it out, ask for --by {column} and take the rows that are meant",
    and: " and ",
    or: " or ",
};

/// German.
const DE: Sentences = Sentences {
    dimension: "{metric} lässt sich nicht nach {by} vergleichen, möglich ist: {known}",
    lacks: "{metric} hat in diesem Release keinen Wert: Nötig sind {lacks}",
    lacks_rows: "Zeilen in der Tabelle {table}, und dieses Release hat keine; bitte eine Quelle laden, die sie veröffentlicht",
    lacks_values: "Werte von {column} in der Tabelle {table}, und dieses Release hat keine; bitte eine Quelle laden, die sie veröffentlicht",
    lacks_statistic: "Zahlen der Statistik {statistic} in region_statistic; bitte eine Tabelle der amtlichen Statistik laden, die sie enthält",
    lacks_numbers: "veröffentlichte Zahlen, und dieses Release hat {none}; bitte eine Quelle laden, die sie veröffentlicht",
    incomparable: "{metric} lässt sich nicht zwischen {countries} vergleichen: {reason}. Möglich ist die Frage nach einem Staat: {instead}",
    country: "Für {metric} gibt es nichts aus dem Staat {country}: Dieses Release hat Vorhaben aus {known}",
    no_country: "keinem Staat",
    nothing: "{metric} hat zu dieser Frage nichts zu zeigen: {lacks}; {known}",
    no_row: "Bei allem, was eine Zahl hat, fehlt die Angabe „{row}“",
    no_number: "Es gibt keine Zahl {asked}",
    of_country: "aus dem Staat {country}",
    of_period: "aus der Förderperiode {period}",
    of_condition: "mit der Bedingung {condition}",
    of_row: "mit der Angabe „{row}“",
    this_level: "Region dieser Ebene",
    there_are: "es gibt Zahlen {parts}",
    in_countries: "aus den Staaten {values}",
    in_periods: "aus den Förderperioden {values}",
    in_funds: "aus den Fonds {values}",
    names_none: "was es gibt, nennt weder Staat noch Förderperiode noch Fonds",
    condition: "{metric} hat die Angabe {column} selbst, und eine Bedingung an {column} würde Vorhaben nach deren Angabe auswählen; bitte die Bedingung weglassen, mit --by {column} fragen und die Zeilen nehmen, die gemeint sind",
    and: " und ",
    or: " oder ",
};

/// Swedish.
const SV: Sentences = Sentences {
    dimension: "{metric} kan inte jämföras efter {by}, men efter: {known}",
    lacks: "{metric} har inget värde i denna release: det behövs {lacks}",
    lacks_rows: "rader i tabellen {table}, och denna release har inga; läs in en källa som redovisar dem",
    lacks_values: "värden för {column} i tabellen {table}, och denna release har inga; läs in en källa som redovisar dem",
    lacks_statistic: "tal ur statistiken {statistic} i region_statistic; läs in en tabell med officiell statistik som har dem",
    lacks_numbers: "redovisade tal, och denna release har {none}; läs in en källa som redovisar dem",
    incomparable: "{metric} kan inte jämföras mellan {countries}: {reason}. Fråga efter ett land: {instead}",
    country: "{metric} har inget från landet {country}: denna release har projekt från {known}",
    no_country: "inget land",
    nothing: "{metric} har inget att visa för denna fråga: {lacks}; {known}",
    no_row: "allt som har ett tal saknar uppgiften ”{row}”",
    no_number: "det finns inget tal {asked}",
    of_country: "från landet {country}",
    of_period: "från programperioden {period}",
    of_condition: "med villkoret {condition}",
    of_row: "med uppgiften ”{row}”",
    this_level: "region på denna nivå",
    there_are: "det finns tal {parts}",
    in_countries: "från länderna {values}",
    in_periods: "från programperioderna {values}",
    in_funds: "från fonderna {values}",
    names_none: "det som finns anger varken land, programperiod eller fond",
    condition: "{metric} har själv uppgiften {column}, och ett villkor på {column} skulle välja projekt efter deras uppgift; utelämna villkoret, fråga med --by {column} och ta de rader som avses",
    and: " och ",
    or: " eller ",
};

impl Sentences {
    fn of(language: Language) -> &'static Self {
        match language {
            Language::De => &DE,
            Language::Sv => &SV,
            Language::En => &EN,
        }
    }
}

impl Refusal {
    /// The codes of all refusals, under which `esf explain` says more.
    pub const CODES: [&'static str; 6] = [
        "compare-dimension",
        "compare-lacks",
        "compare-incomparable",
        "compare-country",
        "compare-nothing",
        "compare-condition",
    ];

    /// Its code.
    pub fn code(&self) -> &'static str {
        let [dimension, lacks, incomparable, country, nothing, condition] = Self::CODES;
        match self {
            Self::Dimension { .. } => dimension,
            Self::Lacks { .. } => lacks,
            Self::Incomparable { .. } => incomparable,
            Self::Country { .. } => country,
            Self::Nothing { .. } => nothing,
            Self::Condition { .. } => condition,
        }
    }

    /// Why, and what can be asked instead. What a metric of one's own says in English alone is said so.
    pub fn told(&self, language: Language) -> String {
        let says = Sentences::of(language);
        match self {
            Self::Dimension { metric, by, known } => fill(
                says.dimension,
                &[
                    ("metric", metric.as_str()),
                    ("by", by.name()),
                    ("known", known.join(", ").as_str()),
                ],
            ),
            Self::Lacks { metric, lacks } => fill(
                says.lacks,
                &[
                    ("metric", metric.as_str()),
                    ("lacks", lacks.told(says, language).as_str()),
                ],
            ),
            Self::Incomparable {
                metric,
                countries,
                reason,
            } => {
                let why = reason.as_ref();
                let why = why.map(|why| why.of(language).unwrap_or_else(|| why.english()));
                let options = countries.iter().map(|code| format!("--country {code}"));
                let options: Vec<String> = options.collect();
                fill(
                    says.incomparable,
                    &[
                        ("metric", metric.as_str()),
                        ("countries", countries.join(says.and).as_str()),
                        ("reason", why.unwrap_or_default()),
                        ("instead", options.join(says.or).as_str()),
                    ],
                )
            }
            Self::Country {
                metric,
                country,
                known,
            } => {
                let known = if known.is_empty() {
                    says.no_country.to_owned()
                } else {
                    known.join(", ")
                };
                fill(
                    says.country,
                    &[
                        ("metric", metric.as_str()),
                        ("country", country.as_str()),
                        ("known", known.as_str()),
                    ],
                )
            }
            Self::Nothing {
                metric,
                asked,
                known,
            } => fill(
                says.nothing,
                &[
                    ("metric", metric.as_str()),
                    ("lacks", asked.told(says, language).as_str()),
                    ("known", known.told(says).as_str()),
                ],
            ),
            Self::Condition { metric, column } => fill(
                says.condition,
                &[("metric", metric.as_str()), ("column", column.as_str())],
            ),
        }
    }
}

impl Lacking {
    fn told(&self, says: &Sentences, language: Language) -> String {
        match self {
            Self::Rows { table } => fill(says.lacks_rows, &[("table", table.as_str())]),
            Self::Values { column, table } => fill(
                says.lacks_values,
                &[("column", column.as_str()), ("table", table.as_str())],
            ),
            Self::Statistic { statistic } => {
                fill(says.lacks_statistic, &[("statistic", statistic.as_str())])
            }
            Self::Numbers { none } => fill(says.lacks_numbers, &[("none", none.of(language))]),
        }
    }
}

impl Asked {
    fn told(&self, says: &Sentences, language: Language) -> String {
        let row = match self.by {
            Dimension::Region => says.this_level.to_owned(),
            by => language.dimension(by.name()),
        };
        if self.has_others {
            return fill(says.no_row, &[("row", row.as_str())]);
        }
        let conditions = [
            (says.of_country, "country", &self.country),
            (says.of_period, "period", &self.period),
            (says.of_condition, "condition", &self.filter),
        ];
        let mut parts: Vec<String> = conditions
            .into_iter()
            .filter_map(|(sentence, place, text)| {
                Some(fill(sentence, &[(place, text.as_deref()?)]))
            })
            .collect();
        if parts.is_empty() {
            parts.push(fill(says.of_row, &[("row", row.as_str())]));
        }
        fill(says.no_number, &[("asked", parts.join(says.and).as_str())])
    }
}

impl Known {
    fn told(&self, says: &Sentences) -> String {
        let kinds = [
            (says.in_countries, &self.countries),
            (says.in_periods, &self.periods),
            (says.in_funds, &self.funds),
        ];
        let parts: Vec<String> = kinds
            .into_iter()
            .filter(|(_, values)| !values.is_empty())
            .map(|(sentence, values)| fill(sentence, &[("values", values.join(", ").as_str())]))
            .collect();
        if parts.is_empty() {
            return says.names_none.to_owned();
        }
        fill(says.there_are, &[("parts", parts.join(", ").as_str())])
    }
}

/// Puts texts in the places `{name}` of a sentence. What is put there has no places of its own.
fn fill(sentence: &str, texts: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(sentence.len());
    let mut pieces = sentence.split('{');
    filled.push_str(pieces.next().unwrap_or_default());
    for piece in pieces {
        let (name, rest) = piece.split_once('}').unwrap_or((piece, ""));
        let text = texts.iter().find(|(place, _)| *place == name);
        filled.push_str(text.map_or("", |(_, text)| text));
        filled.push_str(rest);
    }
    filled
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const ALL: [Language; 3] = [Language::De, Language::Sv, Language::En];

    /// Every sentence; the compiler names one that is forgotten here.
    fn all(says: &Sentences) -> [&'static str; 25] {
        let Sentences {
            dimension,
            lacks,
            lacks_rows,
            lacks_values,
            lacks_statistic,
            lacks_numbers,
            incomparable,
            country,
            no_country,
            nothing,
            no_row,
            no_number,
            of_country,
            of_period,
            of_condition,
            of_row,
            this_level,
            there_are,
            in_countries,
            in_periods,
            in_funds,
            names_none,
            condition,
            and,
            or,
        } = *says;
        [
            dimension,
            lacks,
            lacks_rows,
            lacks_values,
            lacks_statistic,
            lacks_numbers,
            incomparable,
            country,
            no_country,
            nothing,
            no_row,
            no_number,
            of_country,
            of_period,
            of_condition,
            of_row,
            this_level,
            there_are,
            in_countries,
            in_periods,
            in_funds,
            names_none,
            condition,
            and,
            or,
        ]
    }

    fn places(sentence: &str) -> BTreeSet<&str> {
        let pieces = sentence.split('{').skip(1);
        pieces
            .map(|piece| piece.split_once('}').expect("a place is closed").0)
            .collect()
    }

    #[test]
    fn every_sentence_is_in_every_language_with_the_same_places() {
        let english = all(&EN);
        for says in [&DE, &SV] {
            for (sentence, english) in all(says).into_iter().zip(english) {
                assert!(
                    !sentence.trim().is_empty() && sentence != english,
                    "{english}"
                );
                assert_eq!(places(sentence), places(english), "{sentence}");
                assert_eq!(
                    sentence.matches('{').count(),
                    sentence.matches('}').count(),
                    "{sentence}"
                );
            }
        }
    }

    /// One of each kind; every text in them ends with its own mark.
    fn refusals() -> Vec<Refusal> {
        let metric = || "metric°".to_owned();
        let codes = |codes: [&str; 2]| codes.map(str::to_owned).to_vec();
        let lacks = |lacks| Refusal::Lacks {
            metric: metric(),
            lacks,
        };
        let asked = Asked {
            by: Dimension::Region,
            country: Some("SE°".to_owned()),
            period: Some("2021-2027°".to_owned()),
            filter: Some("fund = 'ESF' -- {x}°".to_owned()),
            has_others: false,
        };
        let nothing = |asked, known| Refusal::Nothing {
            metric: metric(),
            asked,
            known,
        };
        let known = Known {
            countries: codes(["DE°", "FI°"]),
            periods: codes(["2007-2013°", "2014-2020°"]),
            funds: codes(["ESF°", "ERDF°"]),
        };
        let text = |text: &str| Text {
            en: format!("en {text}°"),
            de: format!("de {text}°"),
            sv: format!("sv {text}°"),
        };
        vec![
            Refusal::Dimension {
                metric: metric(),
                by: Dimension::Year,
                known: codes(["region°", "country°"]),
            },
            lacks(Lacking::Rows {
                table: "operation_target°".to_owned(),
            }),
            lacks(Lacking::Values {
                column: "instrument_id°".to_owned(),
                table: "operation°".to_owned(),
            }),
            lacks(Lacking::Statistic {
                statistic: "registered_unemployed°".to_owned(),
            }),
            lacks(Lacking::Numbers { none: text("none") }),
            Refusal::Incomparable {
                metric: metric(),
                countries: codes(["DE°", "SE°"]),
                reason: Some(Caveat::Translated(text("reason"))),
            },
            Refusal::Country {
                metric: metric(),
                country: "FR°".to_owned(),
                known: codes(["DE°", "SE°"]),
            },
            nothing(asked.clone(), known.clone()),
            nothing(
                Asked {
                    by: Dimension::Fund,
                    has_others: true,
                    ..asked.clone()
                },
                known,
            ),
            Refusal::Condition {
                metric: metric(),
                column: "year°".to_owned(),
            },
        ]
    }

    #[test]
    fn every_refusal_is_told_in_every_language_with_all_that_it_knows() {
        let told: BTreeSet<&str> = refusals().iter().map(Refusal::code).collect();
        assert_eq!(told, BTreeSet::from(Refusal::CODES));
        for refusal in refusals() {
            let texts = ALL.map(|language| refusal.told(language));
            let [german, swedish, english] = &texts;
            assert!(german != english && swedish != english && german != swedish);
            // Each text that was put in, wherever the language puts it.
            let marks = texts.each_ref().map(|text| text.matches('°').count());
            assert!(
                marks[2] > 0 && marks.iter().all(|n| *n == marks[2]),
                "{texts:?}"
            );
            // A place is left in what was put in, and nowhere else.
            for text in &texts {
                let braces = text.replace("{x}", "").matches(['{', '}']).count();
                assert_eq!(braces, 0, "{text}");
            }
        }
    }

    #[test]
    fn refusals_read_as_sentences() {
        let metric = || "operations".to_owned();
        let countries = || vec!["DE".to_owned(), "SE".to_owned()];
        let incomparable = Refusal::Incomparable {
            metric: metric(),
            countries: countries(),
            reason: Some(Caveat::Translated(Text {
                en: "made up".to_owned(),
                de: "Erfunden".to_owned(),
                sv: "påhittat".to_owned(),
            })),
        };
        assert_eq!(
            ALL.map(|language| incomparable.told(language)),
            [
                "operations lässt sich nicht zwischen DE und SE vergleichen: Erfunden. Möglich ist die Frage nach einem Staat: --country DE oder --country SE",
                "operations kan inte jämföras mellan DE och SE: påhittat. Fråga efter ett land: --country DE eller --country SE",
                "operations cannot be compared across DE and SE: made up. Ask for one country: --country DE or --country SE",
            ]
        );
        let nothing = Refusal::Nothing {
            metric: metric(),
            asked: Asked {
                by: Dimension::Region,
                country: None,
                period: None,
                filter: None,
                has_others: false,
            },
            known: Known {
                countries: countries(),
                ..Known::default()
            },
        };
        assert_eq!(
            ALL.map(|language| nothing.told(language)),
            [
                "operations hat zu dieser Frage nichts zu zeigen: Es gibt keine Zahl mit der Angabe „Region dieser Ebene“; es gibt Zahlen aus den Staaten DE, SE",
                "operations har inget att visa för denna fråga: det finns inget tal med uppgiften ”region på denna nivå”; det finns tal från länderna DE, SE",
                "operations has nothing to show for this question: there is no number of a region of this level; there are numbers of the countries DE, SE",
            ]
        );
    }

    #[test]
    fn a_reason_in_english_alone_is_told_in_english() {
        let refusal = Refusal::Incomparable {
            metric: "ours".to_owned(),
            countries: vec!["DE".to_owned(), "SE".to_owned()],
            reason: Some(Caveat::English("two things".to_owned())),
        };
        for language in ALL {
            let told = refusal.told(language);
            assert!(told.contains(": two things. "), "{told}");
        }
    }
}
