//! What a page says, ready to become rows: the published values with their places, and the same as typed values named
//! like the columns of the tables operation, operation_fund, operation_amount, operation_target,
//! operation_organisation, operation_region, instrument_label and finding.

use super::block::Block;
use super::text::Place;
use super::typed::PageDate;
use crate::map::UNREAD;

/// Rule of the finding of a value that stands under its label and cannot be read.
pub(super) const UNREADABLE: &str = "unreadable_value";
/// Rule of the finding of a second amount of a kind that has one already.
pub(super) const TWO_AMOUNTS: &str = "two_amounts";

/// Whether a value was published or follows from something published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Certainty {
    /// It stands on the page.
    Stated,
    /// It follows from what stands there.
    Inferred,
}

impl Certainty {
    /// The name it has in the tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Stated => "stated",
            Self::Inferred => "inferred",
        }
    }
}

/// What a page, or one record of it, is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PageKind {
    /// A funded operation.
    Operation,
    /// A change of the name of an instrument.
    InstrumentLabel,
    /// Neither: a call, a programme, an article, anything else.
    Nothing,
}

/// A published value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageValue {
    /// The field: a canonical one, or a role of an organisation or region.
    pub field: String,
    /// As published, in the normal form, personal data removed.
    pub text: String,
    /// Where.
    pub place: Place,
    /// The label form or the id of the pattern that found it.
    pub rule: String,
    /// Role of an organisation or region.
    pub role: Option<String>,
    /// Stated or inferred.
    pub certainty: Certainty,
}

/// An amount (table operation_amount).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageAmount {
    /// total_eligible, total_cost, total_budget, granted, paid, eu or cofinancing.
    pub kind: String,
    /// eu, state, land, municipal, private, mixed or unknown.
    pub financing_source: String,
    /// Hundredths of the currency unit.
    pub cents: i128,
    /// ISO 4217 code.
    pub currency: Option<String>,
    /// Whether the currency stands there.
    pub currency_certainty: Certainty,
    /// Half of the last published digit in hundredths, for amounts published in thousands or millions.
    pub precision_abs_cents: Option<i128>,
    /// As published.
    pub text: String,
    /// Where.
    pub place: Place,
}

/// A planned quantity (table operation_target).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageTarget {
    /// planned_participants or planned_jobs.
    pub measure: String,
    /// How many.
    pub value: i64,
    /// The group by its common name, else as published.
    pub target_group: Option<String>,
    /// The group as published.
    pub target_group_text: Option<String>,
    /// Stated or inferred.
    pub certainty: Certainty,
    /// Where.
    pub place: Place,
}

/// An organisation in a role (tables organisation, organisation_name, operation_organisation).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageOrganisation {
    /// Its name; none for a natural person.
    pub name: Option<String>,
    /// The spellings on the page.
    pub published: Vec<String>,
    /// beneficiary, partner, subcontractor, funder or implementer.
    pub role: String,
    /// public, ministry, land, jobcenter, company, association, … where the name says so.
    pub kind: Option<String>,
    /// True if the name was a person's and was removed.
    pub natural_person: bool,
    /// Number in the national register, for the beneficiary.
    pub registered_id: Option<String>,
    /// Stated or inferred.
    pub certainty: Certainty,
    /// Where.
    pub place: Place,
}

/// A region in a role (table operation_region).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageRegion {
    /// implementation, seat or benefit_area.
    pub role: String,
    /// The place or postcode as published.
    pub text: String,
    /// Its code, if the name or postcode has exactly one.
    pub nuts_code: Option<String>,
    /// How the code was found: postcode, place, nuts, country, programme_region.
    pub method: String,
    /// Stated or inferred.
    pub certainty: Certainty,
    /// Where.
    pub place: Place,
}

/// A fund of the operation (table operation_fund).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageFund {
    /// ESF, ESF+, EQUAL, ERDF, CF, JTF, LAND or NATIONAL.
    pub fund: String,
    /// Stated or inferred.
    pub certainty: Certainty,
    /// Where.
    pub place: Place,
}

/// The operation of a page (table operation and those that hang on it).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PageOperation {
    /// The published identifier.
    pub natural_id: Option<String>,
    /// The name, without an acronym in brackets.
    pub title: Option<String>,
    /// The acronym in brackets behind the name.
    pub acronym: Option<String>,
    /// Other names that the page gives.
    pub aliases: Vec<String>,
    /// Running text about the project.
    pub summary: Option<String>,
    /// de or sv.
    pub language: Option<String>,
    /// DE or SE.
    pub country: Option<String>,
    /// The EU fund if there is one, else LAND or NATIONAL.
    pub fund: Option<String>,
    /// All funds.
    pub funds: Vec<PageFund>,
    /// Funding period.
    pub period: Option<String>,
    /// CCI or own id.
    pub programme_id: Option<String>,
    /// The programme as named on the page.
    pub programme_name: Option<String>,
    /// Start.
    pub start: Option<PageDate>,
    /// End.
    pub end: Option<PageDate>,
    /// Union rate in millionths.
    pub union_rate_millionths: Option<i64>,
    /// Code of the intervention field.
    pub intervention_code: Option<String>,
    /// Priority axis.
    pub priority_axis: Option<String>,
    /// Specific objective.
    pub objective_code: Option<String>,
    /// Support scheme as published.
    pub support_scheme: Option<String>,
    /// Instrument, inferred from the text.
    pub instrument_id: Option<String>,
    /// True if the page names a contact (who is not kept).
    pub contact_present: bool,
    /// Amounts.
    pub amounts: Vec<PageAmount>,
    /// Planned quantities.
    pub targets: Vec<PageTarget>,
    /// Organisations.
    pub organisations: Vec<PageOrganisation>,
    /// Regions.
    pub regions: Vec<PageRegion>,
}

impl PageOperation {
    /// What it says, wherever on the page that stands.
    pub(crate) fn without_places(&self) -> Self {
        let mut said = self.clone();
        let amounts = said.amounts.iter_mut().map(|one| &mut one.place);
        let targets = said.targets.iter_mut().map(|one| &mut one.place);
        let bodies = said.organisations.iter_mut().map(|one| &mut one.place);
        let regions = said.regions.iter_mut().map(|one| &mut one.place);
        let funds = said.funds.iter_mut().map(|one| &mut one.place);
        let places = amounts.chain(targets).chain(bodies).chain(regions);
        for place in places.chain(funds) {
            *place = Place::default();
        }
        said
    }
}

/// A name of an instrument in a place and time (table instrument_label).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageInstrumentLabel {
    /// Key of the instrument.
    pub instrument_id: String,
    /// The name, singular.
    pub label: String,
    /// Where it is called so.
    pub nuts_code: Option<String>,
    /// First day.
    pub valid_from: Option<PageDate>,
    /// Last day.
    pub valid_to: Option<PageDate>,
    /// Where it was published.
    pub place: Place,
    /// The pattern.
    pub rule: String,
}

/// One operation, or one name of an instrument.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageRecord {
    /// Which.
    pub kind: PageKind,
    /// The published values behind it.
    pub values: Vec<PageValue>,
    /// The operation, if it is one.
    pub operation: Option<PageOperation>,
    /// The name, if it is one.
    pub instrument_label: Option<PageInstrumentLabel>,
    /// The table that lists several things and in a row of which it stands, if it does.
    pub table: Option<u32>,
}

/// A doubt about a page that was read (table finding).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageFinding {
    /// Short name of the rule.
    pub rule: String,
    /// info or warning.
    pub severity: String,
    /// The field it is about.
    pub field: Option<String>,
    /// The published value, personal data removed.
    pub value: Option<String>,
    /// What is doubtful.
    pub message: String,
    /// Where.
    pub place: Place,
}

impl PageFinding {
    /// Whether it tells of an amount that stands on the page and is none of its operation's.
    pub fn is_amount_unread(&self) -> bool {
        let of_amount = self.field.as_deref().is_some_and(super::label::is_amount);
        self.rule == UNREAD
            || (of_amount && [UNREADABLE, TWO_AMOUNTS].contains(&self.rule.as_str()))
    }
}

/// Everything read from a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageReading {
    /// What the page is.
    pub kind: PageKind,
    /// Why it was taken for that, for a person to read.
    pub evidence: Vec<String>,
    /// The lines of the page, chrome marked, personal data removed.
    pub blocks: Vec<Block>,
    /// de or sv.
    pub language: Option<String>,
    /// When the page was published or last changed.
    pub published: Option<(PageDate, Place)>,
    /// True if the page names a contact.
    pub contact_present: bool,
    /// The records.
    pub records: Vec<PageRecord>,
    /// The doubts.
    pub findings: Vec<PageFinding>,
}

impl PageReading {
    /// The operations of the page.
    pub fn operations(&self) -> impl Iterator<Item = &PageOperation> {
        self.records
            .iter()
            .filter_map(|record| record.operation.as_ref())
    }

    /// The names of instruments on the page.
    pub fn instrument_labels(&self) -> impl Iterator<Item = &PageInstrumentLabel> {
        self.records
            .iter()
            .filter_map(|record| record.instrument_label.as_ref())
    }
}
