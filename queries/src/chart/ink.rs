//! How text looks, and how much room it takes. Widths are estimated from the widest of the fonts that viewers fall back
//! to, so that labels fit everywhere.

use crate::chart::palette::{Colour, INK, MUTED};

/// How text looks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ink {
    pub(crate) size: f64,
    pub(crate) bold: bool,
    pub(crate) colour: Colour,
    /// Class by which a page recolours it
    pub(crate) class: &'static str,
}

/// Plain text.
pub(crate) const TEXT: Ink = Ink {
    size: 13.0,
    bold: false,
    colour: INK,
    class: "ink",
};
/// Secondary text.
pub(crate) const NOTE: Ink = Ink {
    size: 11.5,
    bold: false,
    colour: MUTED,
    class: "muted",
};

impl Ink {
    /// The same in another size.
    pub(crate) fn sized(self, size: f64) -> Self {
        Self { size, ..self }
    }

    /// The same in bold.
    pub(crate) fn bold(self) -> Self {
        Self { bold: true, ..self }
    }

    /// Text that keeps its colour on a coloured ground, dark page or not.
    pub(crate) fn on(self, ground: Colour) -> Self {
        Self {
            colour: ground.text(),
            class: "fixed",
            ..self
        }
    }

    /// Its estimated width.
    pub(crate) fn width(self, text: &str) -> f64 {
        let wide = if self.bold { 1.08 } else { 1.0 };
        text.chars().map(advance).sum::<f64>() * self.size * wide
    }

    /// The text, cut with an ellipsis to so much width.
    pub(crate) fn fit(self, text: &str, width: f64) -> String {
        if self.width(text) <= width {
            return text.to_owned();
        }
        let mut room = width - self.width("…");
        let cut: String = text
            .chars()
            .take_while(|c| {
                room -= self.width(c.encode_utf8(&mut [0; 4]));
                room >= 0.0
            })
            .collect();
        cut.trim_end().to_owned() + "…"
    }

    fn is_full(self, line: &str, word: &str, width: f64) -> bool {
        self.width(line) + self.width(" ") + self.width(word) > width
    }

    /// The text in at most so many lines of so much width, the last one cut.
    pub(crate) fn wrap(self, text: &str, width: f64, most: usize) -> Vec<String> {
        let mut lines: Vec<String> = Vec::new();
        for word in text
            .split([' ', '\n', '\t'])
            .filter(|word| !word.is_empty())
        {
            let last = lines.len() == most;
            match lines.last_mut() {
                Some(line) if last || !self.is_full(line, word, width) => {
                    line.push(' ');
                    line.push_str(word);
                }
                _ => lines.push(word.to_owned()),
            }
        }
        lines.iter().map(|line| self.fit(line, width)).collect()
    }
}

/// Advance of a character in parts of the font size.
fn advance(c: char) -> f64 {
    match c {
        '\u{300}'..='\u{36f}' | '\u{200b}'..='\u{200d}' => 0.0,
        'i' | 'l' | 'j' => 0.29,
        'I' | '.' | ',' | ':' | ';' | '\'' | '|' | '!' | ' ' | '\u{a0}' => 0.33,
        's' | 'c' | 'z' => 0.55,
        'a' | 'e' | 'k' | 'v' | 'x' | 'y' | 'ä' | 'å' => 0.615,
        'f' | 't' | 'r' | '(' | ')' | '[' | ']' | '-' | '/' | '⁰'..='⁹' | '¹' | '²' | '³' => {
            0.42
        }
        'm' | 'w' | 'M' | 'W' | '%' | '@' | '…' => 0.98,
        'A'..='Z' | 'Ä' | 'Ö' | 'Ü' | 'Å' => 0.74,
        '\u{1100}'.. => {
            if c < '\u{2e80}' {
                0.8
            } else {
                1.05
            }
        }
        _ => 0.635,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_cut_and_wrapped_to_its_width() {
        let long = "Vorpommern und ein Zusatz, der nicht mehr auf zwei Zeilen passt";
        assert!(TEXT.width(&TEXT.fit(long, 120.0)) <= 120.0);
        let lines = TEXT.wrap(long, 160.0, 2);
        assert_eq!(lines.len(), 2);
        assert!(lines[1].ends_with('…') && lines.iter().all(|line| TEXT.width(line) <= 160.0));
        assert!(TEXT.wrap("", 160.0, 2).is_empty());
        assert_eq!(TEXT.wrap("kurz", 160.0, 2), ["kurz"]);
    }
}
