//! Texts of metrics in the languages of the warehouse.

use serde::Deserialize;

use crate::chart::Language;

/// A text in the three languages of the warehouse.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Text {
    /// English.
    pub en: String,
    /// German.
    pub de: String,
    /// Swedish.
    pub sv: String,
}

impl Text {
    /// The text in a language.
    pub fn of(&self, language: Language) -> &str {
        match language {
            Language::De => &self.de,
            Language::Sv => &self.sv,
            Language::En => &self.en,
        }
    }
}

/// What to know before using a metric, or why it may not be compared: in the three languages, or in English alone.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(
    untagged,
    expecting = "a caveat or a reason is a text, or a table with en, de and sv"
)]
pub enum Caveat {
    /// In each language.
    Translated(Text),
    /// In English alone.
    English(String),
}

impl Caveat {
    /// The text in a language; `None` where it is there in English alone and another is asked for.
    pub fn of(&self, language: Language) -> Option<&str> {
        match self {
            Self::Translated(text) => Some(text.of(language)),
            Self::English(text) => (language == Language::En).then_some(text.as_str()),
        }
    }

    /// The text in English.
    pub fn english(&self) -> &str {
        match self {
            Self::Translated(text) => &text.en,
            Self::English(text) => text,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    struct Declared {
        caveats: Vec<Caveat>,
    }

    #[test]
    fn a_caveat_is_in_each_language_or_in_english_alone() {
        let text = "caveats = [\"Ours.\", { en = \"Gross.\", de = \"Brutto.\", sv = \"Brutto.\" }]";
        let declared: Declared = toml::from_str(text).unwrap();
        let [english, translated] = declared.caveats.as_slice() else {
            panic!("{:?}", declared.caveats);
        };
        assert_eq!(english.of(Language::Sv), None);
        assert_eq!(english.of(Language::En), Some("Ours."));
        assert_eq!(translated.of(Language::De), Some("Brutto."));
        assert_eq!(
            [english.english(), translated.english()],
            ["Ours.", "Gross."]
        );
        // A language that is forgotten is not English alone.
        let without = "caveats = [{ en = \"Gross.\", de = \"Brutto.\" }]";
        let wrong = toml::from_str::<Declared>(without)
            .err()
            .unwrap()
            .to_string();
        assert!(wrong.contains("a table with en, de and sv"), "{wrong}");
    }
}
