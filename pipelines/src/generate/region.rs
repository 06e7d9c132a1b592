//! The regions of the synthetic data: the real NUTS 2024 codes of Germany and Sweden, with made-up properties.

use std::sync::LazyLock;

use super::random::{Poisson, Purpose, Random};

/// Version of the codes.
pub(super) const VERSION: &str = "2024";

/// NUTS 2 codes with the last letters of their NUTS 3 codes.
const CODES: &str = include_str!("region.csv");

/// Share of operations in Germany.
const GERMAN_SHARE: f64 = 0.7;

/// All NUTS 3 codes, German ones first.
pub(super) fn codes() -> &'static [String] {
    static ALL: LazyLock<Vec<String>> = LazyLock::new(|| {
        let of = |line: &str| -> Vec<String> {
            let (parent, letters) = line.split_once(',').unwrap_or_default();
            letters
                .chars()
                .map(|last| format!("{parent}{last}"))
                .collect()
        };
        CODES.lines().skip(1).flat_map(of).collect()
    });
    &ALL
}

/// Whether a region is Swedish.
pub(super) fn is_swedish(region: u16) -> bool {
    codes()[usize::from(region)].starts_with("SE")
}

/// What a seed makes of the regions.
#[derive(Debug)]
pub(super) struct Regions {
    /// Where the share of operations of each region ends.
    ends: Vec<f64>,
    /// Unemployed persons around which the years vary.
    pub(super) unemployed: Vec<f64>,
    /// Persons of a cell who are employed after six months.
    pub(super) employed: Vec<Poisson>,
}

impl Regions {
    pub(super) fn new(seed: u64) -> Self {
        let mut random = Random::new(seed, Purpose::Region as u64, 0);
        let n = codes().len();
        let german = codes().iter().filter(|code| code.starts_with("DE")).count();
        // A gamma number of shape 2 is the sum of two exponential ones; normalised they are Dirichlet shares.
        let mut gamma = || -(1.0 - random.unit()).ln() - (1.0 - random.unit()).ln();
        let mut shares: Vec<f64> = (0..n).map(|_| gamma()).collect();
        let (germany, sweden) = shares.split_at_mut(german);
        for (part, whole) in [(germany, GERMAN_SHARE), (sweden, 1.0 - GERMAN_SHARE)] {
            let sum: f64 = part.iter().sum();
            for share in part {
                *share *= whole / sum;
            }
        }
        let mut upto = 0.0;
        let mut end = |share: f64| {
            upto += share;
            upto
        };
        Self {
            ends: shares.into_iter().map(&mut end).collect(),
            unemployed: (0..n).map(|_| random.lognormal(8.5, 0.7)).collect(),
            employed: (0..n)
                .map(|_| Poisson::new(random.between(0.2, 0.6) * 1.25 * 4.0))
                .collect(),
        }
    }

    /// The region that a number of [0, 1) chooses.
    pub(super) fn pick(&self, unit: f64) -> u16 {
        let region = self.ends.partition_point(|end| *end <= unit);
        region.min(self.ends.len() - 1) as u16
    }
}
