//! The sentences of refusals, in each language, with places for what they are about.
//!
//! Names that are typed (metrics, dimensions, options, tables) stand in every language as they are typed. Adding a language is one
//! more constant here, and the compiler names every sentence it lacks.

use crate::chart::Language;

/// All sentences in one language. `{…}` is a place that is filled: the same sentence has the same places in each language.
pub(super) struct Sentences {
    pub(super) dimension: &'static str,
    pub(super) lacks: &'static str,
    pub(super) lacks_rows: &'static str,
    pub(super) lacks_values: &'static str,
    pub(super) lacks_statistic: &'static str,
    pub(super) lacks_numbers: &'static str,
    pub(super) incomparable: &'static str,
    pub(super) country: &'static str,
    pub(super) no_country: &'static str,
    pub(super) nothing: &'static str,
    pub(super) no_row: &'static str,
    pub(super) no_number: &'static str,
    pub(super) of_country: &'static str,
    pub(super) of_period: &'static str,
    pub(super) of_condition: &'static str,
    pub(super) of_row: &'static str,
    pub(super) this_level: &'static str,
    pub(super) there_are: &'static str,
    pub(super) in_countries: &'static str,
    pub(super) in_periods: &'static str,
    pub(super) in_funds: &'static str,
    pub(super) names_none: &'static str,
    pub(super) condition: &'static str,
    pub(super) and: &'static str,
    pub(super) or: &'static str,
}

/// English.
pub(super) const EN: Sentences = Sentences {
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
pub(super) const DE: Sentences = Sentences {
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
pub(super) const SV: Sentences = Sentences {
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
    /// Those of a language.
    pub(super) fn of(language: Language) -> &'static Self {
        match language {
            Language::De => &DE,
            Language::Sv => &SV,
            Language::En => &EN,
        }
    }
}

/// Puts texts in the places `{name}` of a sentence. What is put there has no places of its own.
pub(super) fn fill(sentence: &str, texts: &[(&str, &str)]) -> String {
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
