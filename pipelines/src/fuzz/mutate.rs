//! New inputs of old ones: bits, bytes, pieces, words and digits are changed, repeated, left out and put together.
//! Half of what is done leaves text text, so that not every input ends at its encoding.

use std::ops::Range;

use super::Seed;
use crate::generate::random::Random;

/// Longest input, in bytes.
pub(super) const LONGEST: usize = 4 << 10;

/// Most changes of one input.
const MOST_CHANGES: u64 = 6;

/// Bytes that readers treat in a way of their own.
const ODD: &[u8] =
    b"\0\t\n\r \"&'(),-./0:;<>?@[\\]{|}\x1A\x1F\x7F\x80\x81\xA0\xAD\xC2\xC3\xE2\xE4\xEF\xFE\xFF";

/// Marks of numbers, dates and fields, any of which may stand in place of another.
const MARKS: &[u8] = b".,;:-/ '\"|\t\n()+%<>";

/// An input made of the seeds.
pub(super) fn mutate(random: &mut Random, seeds: &[Seed], words: &[&str]) -> Vec<u8> {
    let mut input = one_of(random, seeds).bytes.clone();
    for _ in 0..=random.below(MOST_CHANGES) {
        change(random, &mut input, seeds, words);
        input.truncate(LONGEST);
    }
    input
}

fn change(random: &mut Random, input: &mut Vec<u8>, seeds: &[Seed], words: &[&str]) {
    let piece = piece(random, input.len());
    match random.below(12) {
        0 => {
            if let Some(byte) = any_byte(random, input) {
                *byte ^= 1 << random.below(8);
            }
        }
        1 => {
            let odd = *one_of(random, ODD);
            if let Some(byte) = any_byte(random, input) {
                *byte = odd;
            }
        }
        2 => drop(input.drain(piece)),
        3 => {
            let times = 1 << random.below(6);
            let again = input[piece.clone()].repeat(times);
            input.splice(piece.end..piece.end, again);
        }
        4 | 5 => {
            let word = word(random, words);
            input.splice(piece.start..piece.start, word);
        }
        6 => {
            let word = word(random, words);
            input.splice(piece, word);
        }
        7 => {
            let other = &one_of(random, seeds).bytes;
            let from = random.below(other.len() as u64 + 1) as usize;
            input.truncate(piece.start);
            input.extend_from_slice(&other[from..]);
        }
        8 => input.truncate(piece.start),
        9 | 10 => {
            let digit = b'0' + random.below(10) as u8;
            replace(random, input, u8::is_ascii_digit, digit);
        }
        _ => {
            let mark = *one_of(random, MARKS);
            replace(random, input, |byte| MARKS.contains(byte), mark);
        }
    }
}

/// A piece of so many bytes; short ones are frequent.
fn piece(random: &mut Random, len: usize) -> Range<usize> {
    let start = random.below(len as u64 + 1) as usize;
    let most = (len - start).min(1 << random.below(9));
    start..start + random.below(most as u64 + 1) as usize
}

fn one_of<'a, T>(random: &mut Random, all: &'a [T]) -> &'a T {
    &all[random.below(all.len() as u64) as usize]
}

fn word(random: &mut Random, words: &[&str]) -> Vec<u8> {
    if words.is_empty() {
        return Vec::new();
    }
    one_of(random, words).as_bytes().to_vec()
}

fn any_byte<'a>(random: &mut Random, input: &'a mut [u8]) -> Option<&'a mut u8> {
    let at = random.below(input.len() as u64) as usize;
    input.get_mut(at)
}

/// Puts a byte in the place of one of a kind.
fn replace(random: &mut Random, input: &mut [u8], of: impl Fn(&u8) -> bool, new: u8) {
    let places: Vec<usize> = (0..input.len()).filter(|at| of(&input[*at])).collect();
    if !places.is_empty() {
        input[*one_of(random, &places)] = new;
    }
}
