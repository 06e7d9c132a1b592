//! Bodies that carry out operations: one organisation per body within and across lists.
//!
//! Owns the key under which published spellings meet ([`normal_form`]), the ids made from it ([`organisation_id`]) or
//! from a national number ([`national_id`]), the kind of a body ([`kind`]) and the memoised pass over a column of
//! names ([`Normaliser`]). It knows no table and no source; legal forms and words are declared in `forms.toml` and
//! `kinds.toml` beside this file. Who is a natural person is decided in `personal`.
//!
//! Invariant: an id never derives from the name of a natural person; such rows get no id here, the caller takes one
//! from the operation.

mod column;
mod ends;
mod form;
mod id;
mod kind;
mod normal;
mod token;

pub use column::{Normalised, Normaliser, normalise_column};
pub(crate) use ends::Ends;
pub use form::{Bearer, Form, legal_form};
pub(crate) use id::luhn;
pub use id::{
    NationalId, id_text, national_id, organisation_id, organisation_id_of_number, short_id,
};
pub use kind::{Kind, kind};
pub use normal::normal_form;

#[cfg(test)]
mod tests;
