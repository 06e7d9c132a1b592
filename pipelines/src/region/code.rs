//! A NUTS code as a value: two letters of the country and up to three signs, held in place so that candidate sets are
//! copied and compared without allocation. Owns the form only; whether a code exists is for the gazetteer to say.

use std::fmt;

/// A code of the form of NUTS level 0 to 3, e.g. `DE`, `DEA`, `DEA1`, `DEA16`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NutsCode {
    signs: [u8; 5],
    len: u8,
}

impl NutsCode {
    /// Reads a code; blanks around it and small letters are allowed. `None` if the text has another form.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().as_bytes();
        if !(2..=5).contains(&text.len()) {
            return None;
        }
        let mut signs = [0; 5];
        for (i, byte) in text.iter().enumerate() {
            let byte = byte.to_ascii_uppercase();
            let fits = if i < 2 {
                byte.is_ascii_uppercase()
            } else {
                byte.is_ascii_alphanumeric()
            };
            if !fits {
                return None;
            }
            signs[i] = byte;
        }
        Some(Self {
            signs,
            len: text.len() as u8,
        })
    }

    /// The code as text.
    pub fn as_str(&self) -> &str {
        // Only ASCII is ever stored, see `parse`.
        std::str::from_utf8(&self.signs[..usize::from(self.len)]).unwrap_or_default()
    }

    /// NUTS level: 0 for a country, 3 for a Kreis or län.
    pub fn level(self) -> u8 {
        self.len - 2
    }

    /// Whether `self` lies in `outer` or is it.
    pub fn within(self, outer: Self) -> bool {
        self.as_str().starts_with(outer.as_str())
    }

    /// The code of the region of `level` that holds this one; the code itself if it is not finer than that.
    #[must_use]
    pub fn at_level(self, level: u8) -> Self {
        let len = self.len.min(level + 2);
        let mut signs = [0; 5];
        signs[..usize::from(len)].copy_from_slice(&self.signs[..usize::from(len)]);
        Self { signs, len }
    }
}

impl fmt::Display for NutsCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for NutsCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::NutsCode;

    #[test]
    fn reads_the_four_levels_and_nothing_else() {
        let code = NutsCode::parse(" dea16 ").unwrap();
        assert_eq!((code.as_str(), code.level()), ("DEA16", 3));
        assert_eq!(code.at_level(1).as_str(), "DEA");
        assert!(code.within(code.at_level(0)));
        for text in ["", "D", "DEA167", "D3A", "DE 3", "DEä"] {
            assert_eq!(NutsCode::parse(text), None, "{text}");
        }
    }
}
