//! Every refusal in every language: its sentences have the same places, and tell all that it knows.

use std::collections::BTreeSet;

use super::sentence::{DE, EN, SV};
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
