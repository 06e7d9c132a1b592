//! Writing SVG: a canvas that collects elements, escapes every text and writes coordinates to a tenth of a pixel.

use crate::chart::ink::Ink;
use crate::chart::palette::{EDGE, GRID, MISSING, PAPER, SUPPRESSED};

/// Whether a picture stands alone or on a page that already says what it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Frame {
    /// With title, reading and citation in the picture
    Standalone,
    /// Without them
    Inline,
}

/// Where text is tied to its point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Anchor {
    Start,
    Middle,
    End,
}

/// Text made safe for SVG and HTML, in content and in quoted attributes: markup escaped; control characters, which XML
/// forbids, and marks that reverse the direction of what follows, left out.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '\n' | '\t' => escaped.push(' '),
            _ if unprintable(c) => {}
            _ => escaped.push(c),
        }
    }
    escaped
}

/// Characters that no output may carry.
pub(crate) fn unprintable(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{fff9}'..='\u{fffb}' | '\u{fffe}' | '\u{ffff}')
}

/// A coordinate, to a tenth.
pub(crate) fn at(x: f64) -> String {
    let text = format!("{x:.1}");
    let text = text.strip_suffix(".0").unwrap_or(&text);
    if text == "-0" {
        "0".to_owned()
    } else {
        text.to_owned()
    }
}

/// The attributes of one text element.
fn attributes(ink: Ink, anchor: Anchor) -> String {
    let anchor = match anchor {
        Anchor::Start => "",
        Anchor::Middle => " text-anchor=\"middle\"",
        Anchor::End => " text-anchor=\"end\"",
    };
    let weight = if ink.bold { " font-weight=\"700\"" } else { "" };
    format!(
        "font-size=\"{}\"{weight}{anchor} class=\"{}\" fill=\"{}\"",
        at(ink.size),
        ink.class,
        ink.colour.hex()
    )
}

/// A picture being drawn.
#[derive(Debug)]
pub(crate) struct Canvas {
    kind: &'static str,
    body: String,
    /// Width in pixels
    pub(crate) width: f64,
}

impl Canvas {
    /// An empty picture; `kind` makes the ids of its hatches its own, so that several fit on one page.
    pub(crate) fn new(kind: &'static str, width: f64) -> Self {
        Self {
            kind,
            body: String::new(),
            width,
        }
    }

    /// Adds finished markup.
    pub(crate) fn push(&mut self, markup: &str) {
        self.body.push_str(markup);
        self.body.push('\n');
    }

    /// Adds a line of text.
    pub(crate) fn text(&mut self, x: f64, y: f64, anchor: Anchor, ink: Ink, text: &str) {
        let (attributes, text) = (attributes(ink, anchor), escape(text));
        self.push(&format!(
            "<text x=\"{}\" y=\"{}\" {attributes}>{text}</text>",
            at(x),
            at(y)
        ));
    }

    /// Adds lines of text below each other; gives the baseline after the last.
    pub(crate) fn lines(&mut self, x: f64, y: f64, ink: Ink, lines: &[String]) -> f64 {
        let step = (ink.size * 1.4).round();
        for (i, line) in lines.iter().enumerate() {
            self.text(x, y + step * i as f64, Anchor::Start, ink, line);
        }
        y + step * lines.len() as f64
    }

    /// Adds a rectangle; `look` is its fill and whatever else.
    pub(crate) fn rect(&mut self, x: f64, y: f64, width: f64, height: f64, look: &str) {
        self.push(&format!(
            "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" {look}/>",
            at(x),
            at(y),
            at(width),
            at(height)
        ));
    }

    /// Adds a straight line.
    pub(crate) fn line(&mut self, from: (f64, f64), to: (f64, f64), look: &str) {
        self.push(&format!(
            "<line x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\" {look}/>",
            at(from.0),
            at(from.1),
            at(to.0),
            at(to.1)
        ));
    }

    /// Adds text on a small ground of its own, to be read on a hatch.
    pub(crate) fn plate(&mut self, x: f64, y: f64, anchor: Anchor, ink: Ink, text: &str) {
        let width = ink.width(text) + 8.0;
        let left = match anchor {
            Anchor::Start => x - 4.0,
            Anchor::Middle => x - width / 2.0,
            Anchor::End => x - width + 4.0,
        };
        let look = format!("rx=\"3\" class=\"paper\" fill=\"{}\"", PAPER.hex());
        self.rect(left, y - ink.size, width, ink.size * 1.36, &look);
        self.text(x, y, anchor, ink, text);
    }

    /// Opens a group that shows `title` when pointed at.
    pub(crate) fn open(&mut self, title: &str) {
        self.push(&format!("<g><title>{}</title>", escape(title)));
    }

    /// Closes it.
    pub(crate) fn close(&mut self) {
        self.push("</g>");
    }

    /// What has been drawn, without the picture around it.
    pub(crate) fn markup(self) -> String {
        self.body
    }

    /// The fill of what is missing.
    pub(crate) fn missing(&self) -> String {
        format!("fill=\"url(#{}-missing)\"", self.kind)
    }

    /// The fill of what is suppressed.
    pub(crate) fn suppressed(&self) -> String {
        format!("fill=\"url(#{}-suppressed)\"", self.kind)
    }

    /// The whole picture, so high.
    pub(crate) fn finish(self, height: f64, language: &str, label: &str) -> String {
        let (w, h, kind) = (at(self.width), at(height.ceil()), self.kind);
        let (paper, missing, suppressed) = (PAPER.hex(), MISSING.hex(), SUPPRESSED.hex());
        let ground = format!("<rect class=\"paper\" width=\"9\" height=\"9\" fill=\"{paper}\"/>");
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {w} {h}\" width=\"{w}\" height=\"{h}\" role=\"img\" \
             lang=\"{language}\" aria-label=\"{}\" \
             font-family=\"system-ui, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, 'DejaVu Sans', sans-serif\">\n<defs>\n\
             <pattern id=\"{kind}-missing\" width=\"9\" height=\"9\" patternUnits=\"userSpaceOnUse\">{ground}\
             <path class=\"missing\" d=\"M-1 1L1 -1M0 9L9 0M8 10L10 8\" stroke=\"{missing}\" stroke-width=\"1.2\"/></pattern>\n\
             <pattern id=\"{kind}-suppressed\" width=\"9\" height=\"9\" patternUnits=\"userSpaceOnUse\">{ground}\
             <path class=\"suppressed\" d=\"M0 0L9 9M0 9L9 0\" stroke=\"{suppressed}\" stroke-width=\"1.6\"/></pattern>\n</defs>\n\
             <rect class=\"paper\" width=\"{w}\" height=\"{h}\" fill=\"{paper}\"/>\n{}</svg>\n",
            escape(label),
            self.body
        )
    }
}

/// Look of a thin outline.
pub(crate) fn outline() -> String {
    format!(
        "class=\"edge\" stroke=\"{}\" stroke-width=\"1\"",
        EDGE.hex()
    )
}

/// Look of a grid line.
pub(crate) fn grid() -> String {
    format!(
        "class=\"grid\" stroke=\"{}\" stroke-width=\"1\"",
        GRID.hex()
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::ink::TEXT;
    use crate::chart::testing::{HOSTILE, assert_sound};

    #[test]
    fn published_text_cannot_leave_its_place() {
        assert_eq!(
            escape("a<b> & \"c\" 'd'\n"),
            "a&lt;b&gt; &amp; &quot;c&quot; &#39;d&#39; "
        );
        assert_eq!(escape("x\u{1b}[31m\u{202e}\u{0}y"), "x[31my");
        let mut canvas = Canvas::new("t", 100.0);
        canvas.open(HOSTILE);
        canvas.plate(1.0, 1.0, Anchor::Middle, TEXT, HOSTILE);
        canvas.close();
        assert_sound(&canvas.finish(10.0, "en", HOSTILE));
    }

    #[test]
    fn coordinates_are_short() {
        assert_eq!(
            (at(1.04), at(-0.04), at(2.25)),
            ("1".to_owned(), "0".to_owned(), "2.2".to_owned())
        );
    }
}
