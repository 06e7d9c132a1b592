//! Random numbers that are the same on every machine and for any number of threads: each block of rows draws from a
//! stream of its own, which seed, purpose and number of the block alone decide.
//!
//! The generator is xoshiro256++ (Blackman and Vigna, public domain), seeded by SplitMix64.

/// A stream of random numbers.
#[derive(Debug, Clone)]
pub(crate) struct Random {
    state: [u64; 4],
}

/// What a stream is drawn for, so that no two kinds of numbers share one.
#[derive(Debug, Clone, Copy)]
pub(super) enum Purpose {
    /// Properties of the regions.
    Region = 1,
    /// Properties of operations.
    Operation,
    /// How many participation cells an operation has.
    Weight,
    /// Cells of one indicator; its number is added.
    Cell = 16,
}

impl Random {
    /// The stream of a block.
    pub(crate) fn new(seed: u64, purpose: u64, block: u64) -> Self {
        let mut from = seed;
        let mut key = mix(&mut from);
        key ^= purpose.wrapping_mul(0xD1B5_4A32_D192_ED03);
        key = mix(&mut key).wrapping_add(block.wrapping_mul(0x8CB9_2BA7_2F3D_8DD7));
        Self {
            state: std::array::from_fn(|_| mix(&mut key)),
        }
    }

    /// 64 random bits.
    pub(crate) fn bits(&mut self) -> u64 {
        let [a, b, c, d] = &mut self.state;
        let result = a.wrapping_add(*d).rotate_left(23).wrapping_add(*a);
        let shifted = *b << 17;
        *c ^= *a;
        *d ^= *b;
        *b ^= *c;
        *a ^= *d;
        *c ^= shifted;
        *d = d.rotate_left(45);
        result
    }

    /// A number of [0, 1).
    pub(super) fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 * (1.0 / (1_u64 << 53) as f64)
    }

    /// A number of [from, to).
    pub(super) fn between(&mut self, from: f64, to: f64) -> f64 {
        from + self.unit() * (to - from)
    }

    /// A whole number below `n`.
    pub(crate) fn below(&mut self, n: u64) -> u64 {
        ((u128::from(self.bits()) * u128::from(n)) >> 64) as u64
    }

    /// A normally distributed number (Box and Muller; the second one is not kept).
    fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.unit()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.unit()).cos()
    }

    /// A number whose logarithm is normally distributed.
    pub(super) fn lognormal(&mut self, mean: f64, deviation: f64) -> f64 {
        (mean + deviation * self.normal()).exp()
    }

    /// A rank of 1 to `n` in a Zipf distribution with this exponent, by inversion of its continuous form.
    pub(super) fn zipf(&mut self, n: u64, exponent: f64) -> u64 {
        let power = 1.0 - exponent;
        let top = (n as f64 + 0.5).powf(power);
        let bottom = 0.5_f64.powf(power);
        let rank = (bottom + self.unit() * (top - bottom)).powf(1.0 / power);
        (rank.round() as u64).clamp(1, n)
    }
}

/// One step of SplitMix64.
fn mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut bits = *state;
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    bits ^ (bits >> 31)
}

/// Chooses among a few values with given shares, by a few bits of a draw.
#[derive(Debug, Clone)]
pub(super) struct Choice {
    /// Where the share of each value but the last ends, of 2^16.
    ends: Vec<u16>,
}

impl Choice {
    pub(super) fn new(shares: &[f64]) -> Self {
        let mut upto = 0.0;
        let ends = shares[..shares.len() - 1].iter().map(|share| {
            upto += share;
            (upto * 65536.0) as u16
        });
        Self {
            ends: ends.collect(),
        }
    }

    /// The position of the value that 16 bits choose.
    pub(super) fn pick(&self, bits: u64) -> usize {
        let bits = bits as u16;
        self.ends.iter().filter(|end| bits >= **end).count()
    }
}

/// Poisson numbers of one small mean, by a table of their distribution.
#[derive(Debug, Clone)]
pub(super) struct Poisson {
    /// Where the share of each number ends, of 2^32.
    ends: Vec<u32>,
}

impl Poisson {
    pub(super) fn new(mean: f64) -> Self {
        let (mut share, mut upto) = ((-mean).exp(), 0.0);
        let ends = (1..32).map(|n| {
            upto += share;
            share *= mean / f64::from(n);
            (upto.min(1.0) * f64::from(u32::MAX)) as u32
        });
        Self {
            ends: ends.collect(),
        }
    }

    /// The number that 32 bits choose.
    pub(super) fn pick(&self, bits: u64) -> i64 {
        let bits = bits as u32;
        let ends = self.ends.iter();
        ends.take_while(|end| bits >= **end).count() as i64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_are_equal_only_where_seed_purpose_and_block_are() {
        let first = |seed, purpose, block| Random::new(seed, purpose, block).bits();
        assert_eq!(first(7, 1, 3), first(7, 1, 3));
        let others = [
            first(8, 1, 3),
            first(7, 2, 3),
            first(7, 1, 4),
            first(3, 1, 7),
        ];
        assert!(others.iter().all(|other| *other != first(7, 1, 3)));
    }

    #[test]
    fn distributions_have_their_means() {
        let mut random = Random::new(1, 1, 1);
        let n = 100_000;
        let mut mean = |draw: &mut dyn FnMut(&mut Random) -> f64| {
            (0..n).map(|_| draw(&mut random)).sum::<f64>() / f64::from(n)
        };
        assert!((mean(&mut Random::unit) - 0.5).abs() < 0.01);
        assert!((mean(&mut |r| r.lognormal(0.0, 1.0)) - 1.6487).abs() < 0.05);
        let poisson = Poisson::new(4.0);
        assert!((mean(&mut |r| poisson.pick(r.bits()) as f64) - 4.0).abs() < 0.05);
        let choice = Choice::new(&[0.25, 0.75]);
        assert!((mean(&mut |r| choice.pick(r.bits()) as f64) - 0.75).abs() < 0.01);
        assert!(mean(&mut |r| r.zipf(1_000, 0.9) as f64) < 250.0);
    }
}
