//! Colours. The five classes of the maps run from light yellow over green and blue to dark violet: each step is darker
//! than the one before, so that they stay apart for every kind of colour blindness and in grey print, and each carries
//! its text at a contrast of at least 4.5 (WCAG 2.1, 1.4.3).

/// A colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Colour(u8, u8, u8);

/// Background of a picture.
pub(crate) const PAPER: Colour = Colour(0xff, 0xff, 0xff);
/// Text and whiskers.
pub(crate) const INK: Colour = Colour(0x1b, 0x1f, 0x24);
/// Secondary text.
pub(crate) const MUTED: Colour = Colour(0x57, 0x60, 0x6a);
/// Grid lines.
pub(crate) const GRID: Colour = Colour(0xd8, 0xde, 0xe4);
/// Outlines of tiles and shapes.
pub(crate) const EDGE: Colour = Colour(0x6e, 0x77, 0x81);
/// Bars.
pub(crate) const BAR: Colour = Colour(0x7f, 0xb3, 0xd3);
/// The line of the overall value.
pub(crate) const OVERALL: Colour = Colour(0xa8, 0x3a, 0x00);
/// Places that are not part of the comparison.
pub(crate) const OUTSIDE: Colour = Colour(0xee, 0xf0, 0xf2);
/// Lines of the hatch for missing.
pub(crate) const MISSING: Colour = Colour(0x8c, 0x95, 0x9f);
/// Lines of the hatch for suppressed.
pub(crate) const SUPPRESSED: Colour = Colour(0x4b, 0x3a, 0x5c);

/// The classes, from low to high.
pub(crate) const RAMP: [Colour; 5] = [
    Colour(0xfb, 0xf1, 0xb5),
    Colour(0xa6, 0xd4, 0x8f),
    Colour(0x3f, 0xa3, 0x97),
    Colour(0x2b, 0x67, 0x95),
    Colour(0x30, 0x1f, 0x5c),
];

impl Colour {
    /// As SVG and HTML write it.
    pub(crate) fn hex(self) -> String {
        format!("#{:02x}{:02x}{:02x}", self.0, self.1, self.2)
    }

    /// Relative luminance (WCAG 2.1).
    fn luminance(self) -> f64 {
        let linear = |channel: u8| {
            let c = f64::from(channel) / 255.0;
            if c <= 0.04045 {
                c / 12.92
            } else {
                ((c + 0.055) / 1.055).powf(2.4)
            }
        };
        0.2126 * linear(self.0) + 0.7152 * linear(self.1) + 0.0722 * linear(self.2)
    }

    /// Contrast of two colours, 1 to 21 (WCAG 2.1).
    fn contrast(self, other: Self) -> f64 {
        let (a, b) = (self.luminance(), other.luminance());
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    /// The text colour that reads better on this one.
    pub(crate) fn text(self) -> Self {
        if self.contrast(INK) >= self.contrast(PAPER) {
            INK
        } else {
            PAPER
        }
    }
}

/// The colour of class `index` of `count`; fewer classes are spread over the whole ramp.
pub(crate) fn class_colour(index: usize, count: usize) -> Colour {
    let last = RAMP.len() - 1;
    let place = if count <= 1 {
        last / 2
    } else {
        index * last / (count - 1)
    };
    RAMP[place.min(last)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_class_carries_its_text() {
        for colour in RAMP {
            assert!(
                colour.contrast(colour.text()) >= 4.5,
                "{} {}",
                colour.hex(),
                colour.contrast(colour.text())
            );
        }
    }

    #[test]
    fn texts_are_read_on_paper() {
        for colour in [INK, MUTED, OVERALL] {
            assert!(colour.contrast(PAPER) >= 4.5, "{}", colour.hex());
        }
        assert!(EDGE.contrast(PAPER) >= 3.0 && INK.contrast(BAR) >= 4.5);
    }

    #[test]
    fn each_class_is_clearly_darker_than_the_one_before() {
        for pair in RAMP.windows(2) {
            assert!(pair[0].luminance() > pair[1].luminance());
            assert!(
                pair[0].contrast(pair[1]) >= 1.4,
                "{} {}",
                pair[0].hex(),
                pair[0].contrast(pair[1])
            );
        }
    }

    #[test]
    fn contrast_is_that_of_the_guideline() {
        let black = Colour(0, 0, 0);
        assert!((black.contrast(PAPER) - 21.0).abs() < 1e-9);
        assert!((Colour(0x77, 0x77, 0x77).contrast(PAPER) - 4.48).abs() < 0.005);
    }

    #[test]
    fn few_classes_use_the_whole_ramp() {
        assert_eq!((class_colour(0, 2), class_colour(1, 2)), (RAMP[0], RAMP[4]));
        assert_eq!(class_colour(0, 1), RAMP[2]);
        assert_eq!(class_colour(9, 5), RAMP[4]);
    }
}
