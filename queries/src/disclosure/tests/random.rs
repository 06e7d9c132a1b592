//! Seeded random tables for the attack: a region hierarchy and up to three more dimensions, skewed small counts,
//! many zeros, sometimes cells missing, and a second release in which some leaves were revised.

use std::collections::BTreeMap;

use crate::disclosure::{Cell, CellKey, Contributions, Count, Dimension, Table};

/// SplitMix64 (Steele, Lea and Flood 2014).
pub(crate) struct Seed(pub(crate) u64);

impl Seed {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }

    fn count(&mut self) -> i64 {
        match self.below(10) {
            0..=2 => 0,
            3..=5 => 1 + self.below(6) as i64,
            6..=8 => 3 + self.below(40) as i64,
            _ => self.below(900) as i64,
        }
    }
}

/// The name, the pairs code → parent and whether it is sensitive.
pub(crate) type Tree = (String, Vec<(String, String)>, bool);

pub(crate) struct Model {
    pub(crate) trees: Vec<Tree>,
    pub(crate) leaves: BTreeMap<Vec<String>, (i64, [i64; 3])>,
    pub(crate) magnitude: bool,
}

impl Model {
    pub(crate) fn random(
        seed: &mut Seed,
        regions: u64,
        classes: &[u64],
        sensitive: bool,
        magnitude: bool,
    ) -> Self {
        let mut trees: Vec<Tree> = Vec::new();
        let mut pairs = Vec::new();
        for region in 0..regions {
            let group = region / 4;
            pairs.push((format!("R{group:02}{region:03}"), format!("R{group:02}")));
            if region % 4 == 0 {
                pairs.push((format!("R{group:02}"), "R".to_owned()));
            }
        }
        trees.push(("region".into(), pairs, false));
        for (at, size) in classes.iter().enumerate() {
            let pairs = (0..*size)
                .map(|class| (format!("c{class}"), "T".to_owned()))
                .collect();
            trees.push((format!("d{at}"), pairs, sensitive && at == 0));
        }
        let mut keys: Vec<Vec<String>> = vec![Vec::new()];
        for (_, pairs, _) in &trees {
            let leaves: Vec<&String> = pairs
                .iter()
                .map(|(code, _)| code)
                .filter(|code| !pairs.iter().any(|(_, parent)| parent == *code))
                .collect();
            keys = keys
                .iter()
                .flat_map(|key| {
                    leaves
                        .iter()
                        .map(move |leaf| [key.as_slice(), &[(*leaf).clone()]].concat())
                })
                .collect();
        }
        let leaves = keys
            .into_iter()
            .map(|key| {
                let count = seed.count();
                let cost = [0; 3].map(|_: i32| {
                    if count > 0 {
                        seed.below(50_000) as i64
                    } else {
                        0
                    }
                });
                (key, (count, cost))
            })
            .collect();
        Self {
            trees,
            leaves,
            magnitude,
        }
    }

    /// Changes a few leaves, as a later release does.
    pub(crate) fn revise(&mut self, seed: &mut Seed) {
        for (count, _) in self.leaves.values_mut() {
            if seed.below(12) == 0 {
                *count += seed.below(8) as i64;
            }
        }
    }

    /// The table with all totals; `drop` leaves out one cell in so many at random, totals never.
    pub(crate) fn table(&self, seed: &mut Seed, drop: u64) -> Table {
        let dimensions = self.trees.iter().map(|(name, pairs, sensitive)| {
            let one = Dimension::flat(name.clone())
                .hierarchy(pairs.clone())
                .expect("a tree");
            if *sensitive { one.sensitive() } else { one }
        });
        let mut table = Table::new(dimensions.collect());
        let mut sums: BTreeMap<Vec<String>, (i64, Vec<i64>)> = BTreeMap::new();
        for (leaf, (count, money)) in &self.leaves {
            let mut keys: Vec<Vec<String>> = vec![Vec::new()];
            for (code, (_, pairs, _)) in leaf.iter().zip(&self.trees) {
                let mut codes = vec![code.clone()];
                while let Some((_, parent)) =
                    pairs.iter().find(|(code, _)| Some(code) == codes.last())
                {
                    codes.push(parent.clone());
                }
                keys = keys
                    .iter()
                    .flat_map(|key| {
                        codes
                            .iter()
                            .map(move |code| [key.as_slice(), std::slice::from_ref(code)].concat())
                    })
                    .collect();
            }
            for key in keys {
                let sum = sums.entry(key).or_default();
                sum.0 += count;
                sum.1.extend(money);
            }
        }
        for (key, (count, mut money)) in sums {
            if drop > 0 && self.leaves.contains_key(&key) && seed.below(drop) == 0 {
                continue;
            }
            let mut cell = Cell::counted(Count::new(count).expect("a count"));
            if self.magnitude {
                money.sort_unstable_by(|a, b| b.cmp(a));
                let of = |value: i64| Count::new(value).expect("money");
                let units = money.iter().filter(|one| **one > 0).count() as u32;
                let contributions =
                    Contributions::new(units, of(money.iter().sum()), of(money[0]), of(money[1]));
                cell.contributions = Some(contributions.expect("contributions"));
            }
            table.insert(CellKey::new(key), cell).expect("a new cell");
        }
        table
    }
}
