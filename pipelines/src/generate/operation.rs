//! Synthetic operations: a block of them from its number, as often as it is needed.

use std::sync::LazyLock;

use jiff::civil::{Date, date};

use super::Recipe;
use super::random::{Choice, Purpose, Random};
use super::region::{Regions, is_swedish};

/// Operations that share a stream of random numbers.
pub(super) const BLOCK: u64 = 4096;

/// Operations for each organisation, on average.
const PER_ORGANISATION: u64 = 12;

/// The funding periods, with first and last day of a start.
pub(super) const PERIODS: [(&str, Date, Date); 3] = [
    ("2007-2013", date(2007, 1, 1), date(2013, 12, 31)),
    ("2014-2020", date(2014, 1, 1), date(2020, 12, 31)),
    ("2021-2027", date(2021, 1, 1), date(2026, 12, 31)),
];

/// The last day of an operation.
const LAST_DAY: Date = date(2027, 12, 31);

/// The funds.
pub(super) const FUNDS: [&str; 4] = ["ESF", "ESF+", "JTF", "ERDF"];

/// Words that titles are made of.
const WORDS: [&str; 24] = [
    "Qualifizierung",
    "Integration",
    "Ausbildung",
    "Jugend",
    "Coaching",
    "Netzwerk",
    "Region",
    "Beratung",
    "Weiterbildung",
    "Teilhabe",
    "Sprachförderung",
    "Gründung",
    "Bildungsscheck",
    "Fachkräfte",
    "Kompetens",
    "Arbetsmarknad",
    "Inkludering",
    "Etablering",
    "Unga",
    "Språk",
    "Projekt",
    "Zukunft",
    "Werkstatt",
    "Perspektive",
];

/// An operation with its amounts.
#[derive(Debug, Clone)]
pub(super) struct Operation {
    /// Number, from 1.
    pub(super) number: u64,
    /// Position of its region.
    pub(super) region: u16,
    /// Position of its period.
    pub(super) period: usize,
    /// Position of its fund.
    pub(super) fund: usize,
    /// First day, since 1970-01-01.
    pub(super) start: i32,
    /// Last day, since 1970-01-01.
    pub(super) end: i32,
    /// Number of its beneficiary, from 1.
    pub(super) organisation: u64,
    /// Union rate, in hundredths of a percent.
    pub(super) rate: i64,
    /// Intervention code.
    pub(super) intervention: u64,
    /// Which of the postcodes of its region.
    pub(super) postcode: u64,
    /// Random bits for its title.
    words: u64,
    /// Whether the title names the long-term unemployed.
    names_target: bool,
    /// Total eligible costs in hundredths of its currency.
    pub(super) total: i64,
    /// What was granted.
    pub(super) granted: i64,
    /// The share of the Union.
    pub(super) union: i64,
}

impl Operation {
    /// Its id: short enough to be compared in one step, in the order of the numbers.
    pub(super) fn id(&self) -> String {
        format!("s{:011}", self.number)
    }

    /// Its title, which says that it is none of a real operation.
    pub(super) fn title(&self) -> String {
        let mut title = String::from("Synthetisch:");
        for place in 0..5 {
            title.push(' ');
            title.push_str(WORDS[(self.words >> (12 * place) & 0xfff) as usize % WORDS.len()]);
        }
        let target = if self.names_target {
            " für Langzeitarbeitslose"
        } else {
            ""
        };
        format!("{title}{target} {}", self.number)
    }
}

/// Id of an organisation.
pub(super) fn organisation_id(number: u64) -> String {
    format!("o{number:011}")
}

/// How many organisations a recipe has.
pub(super) fn organisations(recipe: &Recipe) -> u64 {
    (recipe.operations / PER_ORGANISATION).max(10)
}

/// A day as a number since 1970-01-01.
pub(super) fn day_number(day: Date) -> i32 {
    day.since(date(1970, 1, 1))
        .map_or(0, |span| span.get_days())
}

/// The operations of a block.
pub(super) fn block(recipe: &Recipe, regions: &Regions, block: u64) -> Vec<Operation> {
    static DAYS: LazyLock<([(i32, i32); 3], i32)> = LazyLock::new(|| {
        let days = PERIODS.map(|(_, first, last)| (day_number(first), day_number(last)));
        (days, day_number(LAST_DAY))
    });
    let (days, last_day) = *DAYS;
    let mut random = Random::new(recipe.seed, Purpose::Operation as u64, block);
    let (of_period, of_fund) = (Choice::new(&[0.3, 0.4, 0.3]), Choice::new(&[0.8, 0.1, 0.1]));
    let organisations = organisations(recipe);
    let numbers = (block * BLOCK + 1)..=((block + 1) * BLOCK).min(recipe.operations);
    numbers
        .map(|number| {
            let region = regions.pick(random.unit());
            let choices = random.bits();
            let period = of_period.pick(choices);
            let fund = match (period, of_fund.pick(choices >> 16)) {
                // Until 2020 one operation in five is of the ERDF, afterwards one in ten of it and one of the JTF.
                (2, fund) => fund + 1,
                (_, 0) => 0,
                _ => 3,
            };
            let (first, last) = days[period];
            let start = first + random.below((last - first) as u64) as i32;
            let length = random.lognormal(5.9, 0.6).clamp(5.0, 1800.0) as i32;
            let rank = random.zipf(organisations, 0.9);
            let rate = [4000, 5000, 6000, 8000][random.below(4) as usize];
            let factor = if is_swedish(region) { 10 } else { 1 };
            let total = (random.lognormal(10.5, 1.3) * 100.0) as i64 * factor;
            let granted = (total as f64 * random.between(0.5, 1.0)) as i64;
            Operation {
                number,
                region,
                period,
                fund,
                start,
                end: (start + length).min(last_day),
                organisation: shuffled(rank, organisations),
                rate,
                intervention: 102 + random.below(22),
                postcode: random.below(20),
                words: random.bits(),
                names_target: random.below(100) == 0,
                total,
                granted,
                union: granted * rate / 10_000,
            }
        })
        .collect()
}

/// Another number of 1 to `n` for each of them, so that large organisations do not stand together.
fn shuffled(rank: u64, n: u64) -> u64 {
    // A prime larger than any number of organisations has no factor in common with it.
    const PRIME: u64 = 1_000_000_000_039;
    (u128::from(rank) * u128::from(PRIME) % u128::from(n)) as u64 + 1
}
