//! Names of a column at once: ids, published spellings, kinds and natural persons, each distinct spelling read once.
//!
//! Lists repeat their beneficiaries, so the rules run on distinct spellings only; a row costs one look into a hash map,
//! or none if it repeats the row before. The memory of spellings is bounded and simply begins anew when full.

use arrow::array::{Array, BooleanArray, BooleanBuilder, StringArray, StringBuilder};
use datafusion::common::HashMap;

use super::{
    form::form_of,
    id::{NationalId, id_text, national_id, organisation_id, organisation_id_of_number},
    kind::{Kind, kind, kind_with},
    normal::{normal_form, normal_form_of},
    token::{compose, tokens},
};
use crate::personal::{
    MARK, NATURAL_PERSON_LABEL, is_natural_person_of_form, scrub, without_contact,
};

/// Distinct spellings kept at a time: some 20 MB at most for names of usual length.
const KEPT: usize = 65_536;

/// Longer cells are no names; they are read each time instead of being kept.
const LONGEST_KEPT: usize = 512;

/// What one column of names becomes; all columns have its length.
#[derive(Debug, Clone)]
pub struct Normalised {
    /// Organisation id; null without a name and for natural persons, whose id derives from the operation.
    pub ids: StringArray,
    /// The published spelling with blanks tidied and contacts cut out; the label of natural persons for them.
    pub names: StringArray,
    /// Code of the kind of body; null without a name.
    pub kinds: StringArray,
    /// Whether the body is a natural person; null without a name.
    pub natural_person: BooleanArray,
    /// Whether a contact person, phone number or address was cut out of the cell.
    pub contact_removed: BooleanArray,
}

/// What is known of one spelling.
struct Body {
    /// Without one: a natural person, or no name at all.
    id: Option<[u8; 16]>,
    name: Option<Box<str>>,
    kind: Kind,
    contact: bool,
}

/// Reads columns of names of one country and remembers spellings from batch to batch.
pub struct Normaliser {
    country: String,
    known: HashMap<Box<str>, u32>,
    bodies: Vec<Body>,
}

impl Normaliser {
    /// A reader for names of bodies in `country` (ISO code; it is part of ids).
    pub fn new(country: impl Into<String>) -> Self {
        Self {
            country: country.into(),
            known: HashMap::new(),
            bodies: Vec::new(),
        }
    }

    /// Reads a column of names; where `numbers` holds a valid national number, the id comes from that.
    pub fn column(&mut self, names: &StringArray, numbers: Option<&StringArray>) -> Normalised {
        let rows = names.len();
        let mut built = Builders::new(rows);
        let mut last: Option<(&str, usize)> = None;
        for row in 0..rows {
            let number = numbers
                .filter(|numbers| row < numbers.len() && numbers.is_valid(row))
                .and_then(|numbers| national_id(numbers.value(row)));
            if names.is_null(row) {
                built.nothing();
                continue;
            }
            let name = names.value(row);
            let at = match last {
                Some((before, at)) if before == name => at,
                _ => self.body(name),
            };
            last = Some((name, at));
            built.body(&self.bodies[at], number.as_ref(), &self.country);
        }
        built.finish()
    }

    /// The place of a spelling among the known bodies.
    fn body(&mut self, name: &str) -> usize {
        if let Some(at) = self.known.get(name) {
            return *at as usize;
        }
        if self.bodies.len() >= KEPT {
            self.known.clear();
            self.bodies.clear();
        }
        let at = self.bodies.len();
        self.bodies.push(Body::read(name, &self.country));
        if name.len() <= LONGEST_KEPT {
            self.known.insert(name.into(), at as u32);
        }
        at
    }
}

/// Reads one column without a memory for further batches.
pub fn normalise_column(names: &StringArray, country: &str) -> Normalised {
    Normaliser::new(country).column(names, None)
}

impl Body {
    fn read(name: &str, country: &str) -> Self {
        let tidy = without_layout(name);
        if tidy.is_empty() {
            return Self {
                id: None,
                name: None,
                kind: Kind::Unknown,
                contact: false,
            };
        }
        let composed = compose(&tidy);
        let words = tokens(&composed);
        let form = form_of(&words);
        if is_natural_person_of_form(&tidy, form).is_some() {
            return Self::person();
        }
        // The line breaks of the cell part a contact block into lines, so it is scrubbed before blanks are tidied.
        // The mapping may have cut the contact already.
        let scrubbed = scrub(name);
        let contact = scrubbed.contains(MARK);
        let (named, kind, key) = if contact {
            let named = without_layout(&without_contact(&scrubbed));
            // Nothing but a contact: whoever it was is the beneficiary.
            if named.is_empty() {
                return Self::person();
            }
            let (kind, key) = (kind(&named), normal_form(&named));
            (named, kind, key)
        } else {
            let kind = kind_with(&composed, form);
            let key = normal_form_of(&composed, Some(&words));
            (tidy, kind, key)
        };
        let id = (!key.is_empty()).then(|| organisation_id(country, &key));
        Self {
            id,
            name: Some(named.into()),
            kind,
            contact,
        }
    }

    fn person() -> Self {
        Self {
            id: None,
            name: Some(NATURAL_PERSON_LABEL.into()),
            kind: Kind::Person,
            contact: false,
        }
    }
}

/// One blank between words, none at the ends.
fn without_layout(name: &str) -> String {
    let mut tidy = String::with_capacity(name.len());
    for word in name.split_whitespace() {
        if !tidy.is_empty() {
            tidy.push(' ');
        }
        tidy.push_str(word);
    }
    tidy
}

struct Builders {
    ids: StringBuilder,
    names: StringBuilder,
    kinds: StringBuilder,
    natural_person: BooleanBuilder,
    contact_removed: BooleanBuilder,
}

impl Builders {
    fn new(rows: usize) -> Self {
        Self {
            ids: StringBuilder::with_capacity(rows, rows * 16),
            names: StringBuilder::with_capacity(rows, rows * 32),
            kinds: StringBuilder::with_capacity(rows, rows * 10),
            natural_person: BooleanBuilder::with_capacity(rows),
            contact_removed: BooleanBuilder::with_capacity(rows),
        }
    }

    fn nothing(&mut self) {
        self.ids.append_null();
        self.names.append_null();
        self.kinds.append_null();
        self.natural_person.append_null();
        self.contact_removed.append_value(false);
    }

    fn body(&mut self, body: &Body, number: Option<&NationalId>, country: &str) {
        let Some(name) = &body.name else {
            return self.nothing();
        };
        let person = body.kind == Kind::Person || number == Some(&NationalId::NaturalPerson);
        match (person, number) {
            (true, _) => self.ids.append_null(),
            (false, Some(NationalId::Body(number))) => self
                .ids
                .append_value(id_text(&organisation_id_of_number(country, number))),
            (false, _) => self.ids.append_option(body.id.as_ref().map(id_text)),
        }
        self.names
            .append_value(if person { NATURAL_PERSON_LABEL } else { name });
        self.kinds.append_value(if person {
            Kind::Person.code()
        } else {
            body.kind.code()
        });
        self.natural_person.append_value(person);
        self.contact_removed.append_value(body.contact);
    }

    fn finish(mut self) -> Normalised {
        Normalised {
            ids: self.ids.finish(),
            names: self.names.finish(),
            kinds: self.kinds.finish(),
            natural_person: self.natural_person.finish(),
            contact_removed: self.contact_removed.finish(),
        }
    }
}
