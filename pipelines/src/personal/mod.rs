//! Personal data: who among the beneficiaries is a natural person, and contact persons in any text.
//!
//! Owns two decisions and nothing else: [`is_natural_person`] for the cell of a beneficiary (with [`conceal_all`] for
//! what title and summary say of that person, and [`conceal`] for the other cells of the row), and [`scrub`] for every
//! text that leaves the raw layer (cells, titles, summaries, quarantined values, messages, labels), with
//! `without_contact` for what is left of a body's name and [`names_contact`] for columns that hold nothing else. Both
//! lean towards hiding: a firm shown as a natural person costs a name, a leaked sole trader cannot be called back.
//! Words are declared in `words.toml`, given names in `given_names.txt`.
//!
//! What is published for a natural person is [`NATURAL_PERSON_LABEL`]; the id derives from the operation, which is the
//! caller's work.

mod cell;
mod conceal;
mod lexicon;
mod natural;
mod parts;
mod person_name;
mod rest;
mod scrub;

pub(crate) use conceal::without_words_of;
pub use conceal::{conceal, conceal_all};
pub(crate) use natural::is_natural_person_of_form;
pub use natural::{Reason, is_natural_person};
pub(crate) use person_name::person_name;
pub(crate) use rest::without_contact;
pub use scrub::names_contact;
pub use scrub::{Removed, ScrubResult, scrub, scrub_column, scrub_detailed, traced_rows};

/// What is published in place of the name of a natural person.
pub const NATURAL_PERSON_LABEL: &str = "natural person";

/// What stands in a text where personal data was cut out.
pub const MARK: &str = "[…]";

#[cfg(test)]
mod tests;
