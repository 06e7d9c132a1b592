//! The published label of a column: one text to understand it by, another to show.
//!
//! Publishers write names and phone numbers into headers too. Only matching reads what is published; findings, plans,
//! reports and messages get the label with contacts cut out, and nobody takes the one for the other by mistake.

use std::borrow::Cow;

use crate::personal::{names_contact, scrub};

/// A published label, all header rows joined by line breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label(String);

impl Label {
    /// A label as published.
    pub fn new(published: String) -> Self {
        Self(published)
    }

    /// As published: to look it up, never to be shown.
    pub fn published(&self) -> &str {
        &self.0
    }

    /// Whether the column has no label.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// With contacts cut out. The rows of a header are read as one line: a label above another one is no person.
    pub fn shown(&self) -> Cow<'_, str> {
        let line = self.0.split_whitespace().collect::<Vec<_>>().join(" ");
        match scrub(&line) {
            Cow::Borrowed(_) => Cow::Borrowed(&self.0),
            Cow::Owned(cut) => Cow::Owned(cut),
        }
    }

    /// [`Label::shown`] on one line.
    pub fn line(&self) -> String {
        let shown = self.shown();
        shown.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// Whether the column is about people to talk to, by the words of its label.
    pub fn names_contact(&self) -> bool {
        names_contact(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_is_shown_without_the_person_in_it() {
        let label = Label::new("Ansprechpartner\nFrau Gudrun Beispiel\nTel 0511 123456".into());
        assert_eq!(label.shown(), "Ansprechpartner Frau […] Tel […]");
        assert!(label.published().contains("Gudrun") && label.names_contact());
        for plain in [
            "Projektleitung\nGesamtkosten Projekt",
            "Kontakt\nStrasse Ort",
            "Ansprechpartner: Name",
            "Ansprechpartner: Vorname Nachname",
            "Name des Begünstigten",
        ] {
            assert_eq!(Label::new(plain.into()).shown(), plain);
        }
    }

    #[test]
    fn labels_of_contacts_are_told_by_their_words() {
        for (label, contact) in [
            ("Bearbeiterin", true),
            ("E-Mail des Trägers", true),
            ("Tel.", true),
            ("Kontaktdaten", true),
            ("Handläggare", true),
            ("Bezeichnung des Vorhabens", false),
            ("Telematik", false),
            ("Anzahl Teilnehmer", false),
            ("Bildungsträger", false),
        ] {
            assert_eq!(Label::new(label.into()).names_contact(), contact, "{label}");
        }
    }
}
