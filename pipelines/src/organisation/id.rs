//! Ids: 80 bits of SHA-256 over labelled parts, written as 16 letters and digits; and Swedish organisation numbers.
//!
//! Parts are joined by the unit separator (0x1f), which no published cell holds after whitespace is tidied, so that
//! `("a", "bc")` and `("ab", "c")` differ. Operations use the same function with a label of their own.

use sha2::{Digest, Sha256};

/// RFC 4648 base 32 in lower case: no padding is needed, since 80 bits are 16 digits exactly.
const BASE32: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";

/// The first 80 bits of SHA-256 over `parts` joined by 0x1f, as 16 characters of lower-case base 32.
pub fn short_id(parts: &[&[u8]]) -> [u8; 16] {
    let mut hash = Sha256::new();
    for (position, part) in parts.iter().enumerate() {
        if position > 0 {
            hash.update([0x1f]);
        }
        hash.update(part);
    }
    let digest = hash.finalize();
    let mut id = [0; 16];
    for (group, bytes) in digest[..10].chunks_exact(5).enumerate() {
        let bits = bytes
            .iter()
            .fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
        for digit in 0..8 {
            id[group * 8 + digit] = BASE32[(bits >> (35 - 5 * digit) & 31) as usize];
        }
    }
    id
}

/// An id as text. Ids are ASCII by construction; anything else gives an empty text.
pub fn id_text(id: &[u8; 16]) -> &str {
    std::str::from_utf8(id).unwrap_or_default()
}

/// The id of a body known by name: from its country and its [`normal_form`](super::normal_form).
pub fn organisation_id(country: &str, normal_form: &str) -> [u8; 16] {
    short_id(&[b"organisation", country.as_bytes(), normal_form.as_bytes()])
}

/// The id of a body known by a national number, which is stronger than any spelling of its name.
pub fn organisation_id_of_number(country: &str, number: &str) -> [u8; 16] {
    short_id(&[
        b"organisation",
        country.as_bytes(),
        b"number",
        number.as_bytes(),
    ])
}

/// What a national number stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NationalId {
    /// A body, with its number in one spelling: `212000-3005`.
    Body(String),
    /// A sole trader: the number is a personal number and is not kept.
    NaturalPerson,
}

/// Reads a Swedish organisation number: `212000-3005`, `2120003005`, `16212000-3005` or the VAT number
/// `SE212000300501`. `None` if the text is none, also if its check digit (Luhn) is wrong.
///
/// Bodies have a third digit of 2 or more; below that the number is a personal number (it is the month of birth),
/// also with its century (`19…`, `20…`).
pub fn national_id(text: &str) -> Option<NationalId> {
    let text = text.trim();
    let vat = text
        .get(..2)
        .is_some_and(|country| country.eq_ignore_ascii_case("se"));
    let number = if vat { text[2..].trim_start() } else { text };
    if !number
        .bytes()
        .all(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b'+' | b' '))
        || number.len() > 16
    {
        return None;
    }
    let digits: Vec<u8> = number
        .bytes()
        .filter(u8::is_ascii_digit)
        .map(|byte| byte - b'0')
        .collect();
    let ten = match (digits.len(), vat) {
        (10, _) => &digits[..],
        (12, true) if digits[10..] == [0, 1] => &digits[..10],
        (12, false) if matches!(digits[..2], [1, 6 | 8 | 9] | [2, 0]) => &digits[2..],
        _ => return None,
    };
    if !luhn(ten) {
        return None;
    }
    // A century prefix other than 16 exists for personal numbers only.
    if ten[2] < 2 {
        return Some(NationalId::NaturalPerson);
    }
    if digits.len() == 12 && !vat && digits[..2] != [1, 6] {
        return None;
    }
    let text: String = ten.iter().map(|digit| char::from(b'0' + digit)).collect();
    Some(NationalId::Body(format!("{}-{}", &text[..6], &text[6..])))
}

/// Luhn check: every second digit doubled, from the left for an even length; the digit sums add up to a multiple of 10.
pub(crate) fn luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .enumerate()
        .map(|(position, digit)| {
            let weighted = u32::from(*digit) * if position % 2 == 0 { 2 } else { 1 };
            weighted / 10 + weighted % 10
        })
        .sum();
    sum.is_multiple_of(10)
}
