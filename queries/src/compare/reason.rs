//! Why a row has no value, in the language of the question. The reasons stand in pictures, pages and tables.

use crate::chart::Language;
use crate::dimension::Dimension;
use crate::metric::{Metric, Rows, Value};

/// Nothing in the row has what the metric needs.
pub(super) fn none(metric: &Metric, language: Language) -> String {
    let what = match (language, metric.definition.rows) {
        (Language::De, Rows::Operation) => "kein Vorhaben",
        (Language::De, Rows::Cell) => "kein Vorhaben oder Programm",
        (Language::De, Rows::Own) => "keine Zahl",
        (Language::Sv, Rows::Operation) => "inget projekt",
        (Language::Sv, Rows::Cell) => "inget projekt eller program",
        (Language::Sv, Rows::Own) => "ingen siffra",
        (Language::En, Rows::Operation) => "no operation",
        (Language::En, Rows::Cell) => "no operation or programme",
        (Language::En, Rows::Own) => "no figure",
    };
    let needed = match (language, metric.definition.value) {
        _ if metric.definition.rows == Rows::Operation && over_statistic(metric) => {
            of_years(language)
        }
        (Language::De, Value::Sum) => "mit diesem Betrag",
        (Language::De, Value::Ratio) => "mit beiden Teilen des Verhältnisses",
        (Language::De, _) => "mit Einheit und Betrag",
        (Language::Sv, Value::Sum) => "med detta belopp",
        (Language::Sv, Value::Ratio) => "med båda delarna av kvoten",
        (Language::Sv, _) => "med enhet och belopp",
        (Language::En, Value::Sum) => "with this amount",
        (Language::En, Value::Ratio) => "with both parts of the ratio",
        (Language::En, _) => "with a unit and an amount",
    };
    format!("{what} {needed}")
}

/// Whether the denominator is a statistic.
fn over_statistic(metric: &Metric) -> bool {
    !metric.definition.statistics.is_empty()
}

/// What an operation needs that is set against a statistic of certain years.
fn of_years(language: Language) -> &'static str {
    match language {
        Language::De => "mit Betrag und Tagen in den Jahren der Statistik",
        Language::Sv => "med belopp och dagar i statistikens år",
        Language::En => "with an amount and days in the years of the statistic",
    }
}

/// There are numbers, and they give no value.
pub(super) fn nothing(metric: &Metric, language: Language) -> &'static str {
    match (language, metric.definition.value) {
        (Language::De, Value::Ratio) if over_statistic(metric) => {
            "nichts, wodurch geteilt werden könnte: der Statistik fehlt hier ein Bestand für eines ihrer Jahre, oder er ist 0"
        }
        (Language::Sv, Value::Ratio) if over_statistic(metric) => {
            "inget att dela med: statistiken saknar här ett antal för något av sina år, eller har 0"
        }
        (Language::En, Value::Ratio) if over_statistic(metric) => {
            "nothing to divide by: the statistic lacks a stock here for one of its years, or has 0"
        }
        (Language::De, Value::Ratio) => "nichts, wodurch geteilt werden könnte",
        (Language::De, Value::Sum) => "keine Summe",
        (Language::De, Value::Hhi) => "keine Einheit mit einem Betrag über null",
        (Language::De, _) => "weniger als zwei Einheiten",
        (Language::Sv, Value::Ratio) => "inget att dela med",
        (Language::Sv, Value::Sum) => "ingen summa",
        (Language::Sv, Value::Hhi) => "ingen enhet med ett belopp över noll",
        (Language::Sv, _) => "färre än två enheter",
        (Language::En, Value::Ratio) => "nothing to divide by",
        (Language::En, Value::Sum) => "no sum",
        (Language::En, Value::Hhi) => "no unit with an amount above zero",
        (Language::En, _) => "fewer than two units",
    }
}

/// There are operations or counts in the region, or may be, and none that the question asks for.
pub(super) fn unchosen(metric: &Metric, language: Language) -> &'static str {
    let of_people = metric.definition.rows == Rows::Cell;
    match (language, of_people) {
        (Language::De, false) => {
            "kein Vorhaben hier gehört zu Periode, Staat und Bedingung der Frage"
        }
        (Language::Sv, false) => "inget projekt här hör till frågans period, land och villkor",
        (Language::En, false) => {
            "no operation here is of the period, country and condition asked for"
        }
        (Language::De, true) => {
            "keine Zählung hier gehört zu Periode, Staat und Bedingung der Frage"
        }
        (Language::Sv, true) => "ingen räkning här hör till frågans period, land och villkor",
        (Language::En, true) => "no count here is of the period, country and condition asked for",
    }
}

/// The statistic that is the denominator has nothing of the country.
pub(super) fn no_statistic(language: Language) -> &'static str {
    match language {
        Language::De => "die Statistik hat keine Bestände dieses Staates",
        Language::Sv => "statistiken har inga antal för detta land",
        Language::En => "the statistic has no stocks of this country",
    }
}

/// Why numbers of some regions do not make a value over the people of all.
pub(super) fn uncovered(
    regions: usize,
    without: usize,
    by: Dimension,
    language: Language,
) -> String {
    let is_country = by == Dimension::Country;
    let consequence = match (language, is_country) {
        (Language::De, false) => "darum gibt es keinen Gesamtwert",
        (Language::De, true) => "der Wert eines Staates teilt so",
        (Language::Sv, false) => "därför finns inget värde för helheten",
        (Language::Sv, true) => "ett lands värde delar så",
        (Language::En, false) => "so there is no overall value",
        (Language::En, true) => "the value of a country divides so",
    };
    match language {
        Language::De => format!(
            "{without} von {regions} Regionen haben keine eigene Liste oder Zählung mit dieser Zahl. Für alle zusammen würden Zahlen einiger durch die Menschen aller geteilt: {consequence}."
        ),
        Language::Sv => format!(
            "{without} av {regions} regioner har ingen egen lista eller räkning med detta tal. För alla tillsammans skulle några regioners tal delas med allas människor: {consequence}."
        ),
        Language::En => format!(
            "{without} of {regions} regions have no list or count of their own with this number. For all together, numbers of some would be divided by the people of all: {consequence}."
        ),
    }
}

/// Why counts of people have no value of all rows together.
pub(super) fn exceeded(language: Language) -> &'static str {
    match language {
        Language::De => {
            "Die Zeilen zählen mehr Menschen als das, was für das Ganze steht: Die Zählung der größeren Region oder des Programms enthält nicht alle, die in ihren Teilen gezählt sind. Darum gibt es keinen Gesamtwert."
        }
        Language::Sv => {
            "Raderna räknar fler personer än det som gäller för helheten: räkningen för den större regionen eller programmet omfattar inte alla som räknas i dess delar. Därför finns inget värde för helheten."
        }
        Language::En => {
            "The rows count more people than what answers for the whole: the count of the larger region or programme does not hold all who are counted in its parts, so there is no overall value."
        }
    }
}

/// The release has nothing of this region.
pub(super) fn unlisted(metric: &Metric, language: Language) -> &'static str {
    let of_people = metric.definition.rows == Rows::Cell;
    match (language, of_people) {
        (Language::De, false) => "keine geladene Liste nennt hier Vorhaben",
        (Language::Sv, false) => "ingen inläst lista har projekt här",
        (Language::En, false) => "no loaded list has operations here",
        (Language::De, true) => "keine geladene Datei zählt hier Teilnehmende",
        (Language::Sv, true) => "ingen inläst fil räknar deltagare här",
        (Language::En, true) => "no loaded file counts participants here",
    }
}
