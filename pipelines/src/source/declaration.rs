//! What `source.toml` and `mapping.toml` may say, as types.
//!
//! Unknown keys are errors: a misspelt key that is silently ignored would change numbers without anybody noticing.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::fetch::Fetch;
use crate::read::Format;

/// What a source publishes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SourceKind {
    /// A list of operations: one row per funded operation.
    Operations,
    /// A page that may describe an operation or an instrument in running text.
    Page,
    /// A table that other sources are read with: postcodes, regions, municipalities.
    Reference,
    /// A table of figures: statistics of regions, exchange rates, counts of participants.
    Statistics,
}

/// How a newer vintage of a list relates to the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum Vintage {
    /// The newer vintage is the whole list; what it no longer holds is gone.
    #[default]
    Replace,
    /// The newer vintage adds to the older ones and overrides what it repeats.
    Extend,
}

/// Where the date of publication of a file stands.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PublishedDate {
    /// The date itself, ISO.
    pub value: Option<String>,
    /// A regular expression with one group, looked for in the text outside the table.
    pub pattern: Option<String>,
    /// A regular expression with one group, matched against the file name.
    pub file_name: Option<String>,
}

/// How far a new file may differ from the one that it takes the place of, and from a sound file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Control {
    /// Least and most rows, as multiples of those before.
    pub rows: [f64; 2],
    /// Least and most of each total, as multiples of that before.
    pub totals: [f64; 2],
    /// By how much the share of operations with a region may fall, and that of those in the region that the source declares; most of
    /// those before that may be in another region now, as a share.
    pub region_coverage: f64,
    /// By how much the share of rows with an amount may fall, below that of the file before or towards the end of the file, and the
    /// share of figures with a value.
    pub amount_coverage: f64,
    /// By how much the share of operations with a start, and with an end, may fall, below that of the file before or towards the end
    /// of the file.
    pub date_coverage: f64,
    /// Most of its rows that may not be loadable, as a share.
    pub quarantined: f64,
    /// Most unknown codes and values for each row.
    pub unknown_values: f64,
    /// Most rows that may say the same as other rows of the file, as a share. Lists of vouchers have some, a list that is in its
    /// file twice has little else.
    pub repeated_rows: f64,
    /// Most different rows that may come again one behind the other in the same order.
    pub repeated_run: u64,
    /// Least share of operations that must be the same as before, of the shorter of both lists.
    pub identities: f64,
    /// Most operations, or figures, that may be gone, as a share of those before.
    pub gone: f64,
    /// Most amounts of a kind, and most rates, that may be exactly ten, a hundred … times what the same operations had before, or that part of it.
    pub tenfold: u64,
    /// Least and most that figures may be at the median, as multiples of what they were.
    pub values: [f64; 2],
    /// Totals that the publisher states elsewhere.
    pub stated: Vec<StatedTotals>,
}

/// Totals of a file that its publisher states elsewhere, such as on the page beside it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StatedTotals {
    /// Day of publication of the file, ISO. Absent: every file of the source, as is right for a list that is closed.
    #[serde(default)]
    pub published: Option<String>,
    /// Kind of amount, and currency where the list has several (`granted SEK`), to a number such as `1234567.80`.
    totals: BTreeMap<String, String>,
}

impl StatedTotals {
    /// Kind, currency if one is named, and total as declared.
    pub fn totals(&self) -> impl Iterator<Item = (&str, Option<&str>, &str)> {
        self.totals.iter().map(|(key, total)| {
            let (kind, currency) = match key.split_once(' ') {
                Some((kind, currency)) => (kind, Some(currency)),
                None => (key.as_str(), None),
            };
            (kind, currency, total.as_str())
        })
    }
}

impl Default for Control {
    fn default() -> Self {
        Self {
            rows: [0.5, 2.0],
            totals: [0.5, 2.0],
            region_coverage: 0.2,
            amount_coverage: 0.2,
            date_coverage: 0.2,
            quarantined: 0.2,
            unknown_values: 0.5,
            repeated_rows: 0.5,
            repeated_run: 4,
            identities: 0.2,
            gone: 0.2,
            tenfold: 2,
            values: [0.5, 2.0],
            stated: Vec::new(),
        }
    }
}

/// `source.toml`: one rendition of one list, a kind of page, or a reference table.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SourceToml {
    /// Title for people.
    pub title: String,
    /// Body that publishes it.
    pub publisher: String,
    /// Terms of use as stated by the publisher.
    #[serde(default)]
    pub licence: Option<String>,
    /// Address at which the publisher has it.
    #[serde(default)]
    pub url: Option<String>,
    /// Prose for users: quirks and limits of the source.
    #[serde(default)]
    pub description: Option<String>,
    /// What it publishes.
    pub kind: SourceKind,
    /// Tries files of unknown publishers with the vocabulary alone: what it does not understand is a finding, not an
    /// error.
    #[serde(default)]
    pub generic: bool,
    /// For references: what the table is for, such as `postcode_nuts`.
    #[serde(default)]
    pub role: Option<String>,
    /// Globs on the file name.
    #[serde(default)]
    pub files: Vec<String>,
    /// The published list, whatever its formats and vintages.
    #[serde(default)]
    pub list_id: Option<String>,
    /// 1 is the better rendition of its list.
    #[serde(default = "one")]
    pub rendition_rank: u32,
    /// ISO 3166 code of the country.
    #[serde(default)]
    pub country: Option<String>,
    /// The region that the whole list is about, if it is one.
    #[serde(default)]
    pub nuts_code: Option<String>,
    /// NUTS version of `nuts_code` or of a reference table.
    #[serde(default)]
    pub nuts_version: Option<String>,
    /// Programming period, such as `2014-2020`.
    #[serde(default)]
    pub period: Option<String>,
    /// Fund of the whole list, if it is one.
    #[serde(default)]
    pub fund: Option<String>,
    /// CCI or own code of the programme of the whole list.
    #[serde(default)]
    pub programme_id: Option<String>,
    /// Language of titles and summaries, ISO 639-1.
    #[serde(default)]
    pub language: Option<String>,
    /// How often the publisher renews it, prose.
    #[serde(default)]
    pub cadence: Option<String>,
    /// How vintages relate.
    #[serde(default)]
    pub vintage: Vintage,
    /// Least and most rows a sound file has.
    #[serde(default)]
    pub expected_rows: Option<[u64; 2]>,
    /// Rows that may be quarantined before the run says exit 4.
    #[serde(default)]
    pub expected_quarantine: u64,
    /// Amounts of loaded rows that may be unreadable before the run says exit 4.
    #[serde(default)]
    pub expected_unreadable_amounts: u64,
    /// How far a new file may differ from the one before.
    #[serde(default)]
    pub control: Control,
    /// Every page was published (or scraped) twice: half of each group of identical rows, rounded up, is kept.
    #[serde(default)]
    pub pages_published_twice: bool,
    /// Fields that identify an operation where no natural id does; never an amount.
    #[serde(default)]
    pub identity: Vec<String>,
    /// Where its file is fetched every night; absent: it comes from mirrors only.
    #[serde(default)]
    pub fetch: Option<Fetch>,
    /// How the bytes are to be read; absent: found out from the bytes.
    #[serde(default)]
    pub format: Option<Format>,
    /// Where the date of publication stands.
    #[serde(default)]
    pub published_date: PublishedDate,
    /// Which of two contradicting witnesses of a location this publisher is right in.
    #[serde(default)]
    pub location_decides: LocationDecides,
}

/// Which of postcode and place is right where they contradict each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum LocationDecides {
    /// Neither: such a row has no region.
    #[default]
    Neither,
    /// The place.
    Place,
    /// The postcode.
    Postcode,
}

fn one() -> u32 {
    1
}

/// What a published column means: a field, with restrictions where the vocabulary cannot know them.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "ColumnToml")]
pub struct ColumnMapping {
    /// Canonical field.
    pub field: String,
    /// ISO 4217 code that holds for this column.
    pub currency: Option<String>,
    /// Published zeros say "no figure", not "nothing".
    pub zero_is_filler: bool,
    /// Who pays the amount.
    pub financing_source: Option<String>,
    /// Calculated by the publisher from other columns, not a fact of its own.
    pub derived: bool,
}

impl ColumnMapping {
    /// A column that is just its field.
    pub fn plain(field: &str) -> Self {
        Self {
            field: field.into(),
            currency: None,
            zero_is_filler: false,
            financing_source: None,
            derived: false,
        }
    }
}

#[derive(Deserialize)]
#[serde(untagged)]
enum ColumnToml {
    Field(String),
    Full(FullColumn),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FullColumn {
    field: String,
    #[serde(default)]
    currency: Option<String>,
    #[serde(default)]
    zero: Option<ZeroMeaning>,
    #[serde(default)]
    financing_source: Option<String>,
    #[serde(default)]
    derived: bool,
}

#[derive(Deserialize, PartialEq)]
#[serde(rename_all = "snake_case")]
enum ZeroMeaning {
    Filler,
    Amount,
}

impl From<ColumnToml> for ColumnMapping {
    fn from(toml: ColumnToml) -> Self {
        match toml {
            ColumnToml::Field(field) => Self::plain(&field),
            ColumnToml::Full(full) => Self {
                field: full.field,
                currency: full.currency,
                zero_is_filler: full.zero == Some(ZeroMeaning::Filler),
                financing_source: full.financing_source,
                derived: full.derived,
            },
        }
    }
}

/// Conventions of a file: how its numbers and dates are written. Absent ones are inferred from all its values together.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Conventions {
    /// By example, such as `1.234,56`.
    pub numbers: Option<String>,
    /// Spellings that occur together, such as `dd.mm.yyyy`.
    pub dates: Vec<String>,
    /// ISO 4217 code where nothing in the file states one.
    pub currency: Option<String>,
    /// Texts that mean "not known".
    pub null_words: Vec<String>,
    /// How rates are written: `percent` or `fraction`.
    pub rates: Option<String>,
}

/// Rows that stand for many operations.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Aggregate {
    /// Regular expression on the beneficiary.
    pub pattern: Option<String>,
    /// Natural ids that are none, such as `diverse`.
    pub not_ids: Vec<String>,
}

/// `mapping.toml`: what this source adds to, restricts in or overrides of the shared vocabulary.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MappingToml {
    /// How values are written.
    pub conventions: Conventions,
    /// Published label to field.
    pub columns: BTreeMap<String, ColumnMapping>,
    /// Published label to the reason why it is not kept.
    pub ignore: BTreeMap<String, String>,
    /// Field to value, for what the file itself does not say.
    pub constants: BTreeMap<String, String>,
    /// Field to regular expression with one group, searched above and below the table.
    pub preamble: BTreeMap<String, String>,
    /// Field to regular expression with one group, matched against the file name.
    pub file_name: BTreeMap<String, String>,
    /// Field to published value (or its beginning) to value.
    pub lookups: BTreeMap<String, BTreeMap<String, String>>,
    /// Rows that stand for many operations.
    pub aggregate: Aggregate,
}
