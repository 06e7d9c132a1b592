//! HTML to blocks. Elements that are never content (scripts, menus, footers, cookie dialogs, forms) become chrome or
//! nothing; block elements become lines, and a [`GAP`] is kept where the layout alone separates a label from its
//! value. Places are found by walking the markup beside the tree, since the parser keeps none.
//!
//! The walk is iterative: a page nested a hundred thousand deep costs memory in proportion, never the stack.

use scraper::ElementRef;
use scraper::node::Element;

use super::block::{Block, BlockKind, strip_bullet};
use super::error::PageError;
use super::grid::Grid;
use super::parse::parse;
use super::text::{GAP, Source, normal};

/// Never content, and never shown as text.
const SILENT: &[&str] = &[
    "script", "style", "noscript", "template", "svg", "iframe", "object", "select", "button",
    "textarea", "option", "datalist", "canvas", "audio", "video", "math", "head",
];
/// Elements that surround the content of every page of a site.
const AROUND: &[&str] = &["nav", "footer", "dialog", "menu"];
/// Elements that end the line before and after them.
const LINES: &[&str] = &[
    "address",
    "article",
    "aside",
    "blockquote",
    "body",
    "dd",
    "details",
    "div",
    "dl",
    "dt",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "legend",
    "li",
    "main",
    "nav",
    "ol",
    "p",
    "pre",
    "section",
    "summary",
    "table",
    "tbody",
    "thead",
    "tfoot",
    "tr",
    "ul",
    "caption",
    "html",
];
/// Inline elements that sites use for the label of a "label value" line.
const LABELS: &[&str] = &["strong", "b", "label", "span", "em", "i", "th"];
/// Nodes that an element has at most if it holds a label and its value, each in an element of its own, with blanks and comments
/// around them.
const MAX_BESIDE: usize = 12;
/// Words of `id`, `class` and `role` that mark chrome.
const CHROME_WORDS: &[&str] = &[
    "nav",
    "navbar",
    "navigation",
    "menu",
    "menubar",
    "breadcrumb",
    "breadcrumbs",
    "cookie",
    "cookies",
    "consent",
    "gdpr",
    "footer",
    "sidebar",
    "share",
    "sharing",
    "social",
    "skip",
    "skiplink",
    "search",
    "searchbox",
    "toolbar",
    "pagination",
    "pager",
    "print",
    "sitemap",
    "banner",
    "contentinfo",
    "dialog",
    "modal",
    "newsletter",
    "related",
    "teaser",
    "tooltip",
    "sr-only",
    "visually-hidden",
    "hidden",
    "comments",
    "login",
    "kakor",
    "brodsmulor",
    "sidfot",
    "sidhuvud",
    "meny",
    "brotkrumen",
    "suche",
    "teilen",
    "metanav",
    "advert",
    "popup",
];

/// Reads markup into blocks.
///
/// # Errors
/// When the markup is more than the parser is given.
pub(super) fn read_html(source: &Source) -> Result<Vec<Block>, PageError> {
    let html = parse(source)?;
    let mut places = Locator::new(&source.text);
    let mut out = Writer {
        source,
        blocks: Vec::new(),
        line: String::new(),
        at: None,
        group: 0,
        kind: Vec::new(),
        gaps: 0,
        beside: 0,
        grid: Grid::default(),
    };
    let mut node = html.tree.root();
    let mut chrome = 0_usize;
    let mut silent = 0_usize;
    let mut raised = 0_usize;
    loop {
        let element = node.value().as_element();
        if let Some(text) = node.value().as_text() {
            let at = places.find(text);
            if silent == 0 && raised > 0 {
                out.text(&raise(text), at);
            } else if silent == 0 {
                out.text(text, at);
            } else if let Some(parent) = node.parent().and_then(ElementRef::wrap)
                && parent.value().name() == "title"
                && parent
                    .parent()
                    .and_then(ElementRef::wrap)
                    .is_some_and(|p| p.value().name() == "head")
            {
                out.title(text, at);
            }
        }
        if let Some(element) = element {
            silent += usize::from(is_silent(element));
            raised += usize::from(element.name() == "sup");
            chrome += usize::from(ElementRef::wrap(node).is_some_and(|e| is_chrome(&e)));
            out.open(element.name(), chrome > 0);
            out.beside += u32::from(ElementRef::wrap(node).is_some_and(|e| is_beside_line(&e)));
            // What is not shown has no place in its table.
            if silent == 0 {
                out.grid.open(element, out.gaps);
            }
        }
        if let Some(child) = node.first_child() {
            node = child;
            continue;
        }
        loop {
            if let Some(element) = node.value().as_element() {
                match element.name() {
                    "tr" if silent == 0 => out.close_row(chrome > 0)?,
                    name => out.close(name, chrome > 0),
                }
                if element.name() == "table" && silent == 0 {
                    out.grid.close_table();
                }
                silent -= usize::from(is_silent(element));
                raised -= usize::from(element.name() == "sup");
                chrome -= usize::from(ElementRef::wrap(node).is_some_and(|e| is_chrome(&e)));
                out.beside -= u32::from(ElementRef::wrap(node).is_some_and(|e| is_beside_line(&e)));
            }
            if let Some(next) = node.next_sibling() {
                node = next;
                break;
            }
            let Some(parent) = node.parent() else {
                out.flush(chrome > 0);
                return Ok(out.blocks);
            };
            node = parent;
        }
    }
}

/// Whether an element is the second of two that are all their parent has, the first being one line: a template that has no
/// other way to say that a label and a value belong together.
fn is_beside_line(element: &ElementRef<'_>) -> bool {
    if element.value().name() != "div" {
        return false;
    }
    let Some(parent) = element.parent() else {
        return false;
    };
    let mut elements = Vec::new();
    for (n, child) in parent.children().enumerate() {
        let is_text = child
            .value()
            .as_text()
            .is_some_and(|t| !t.trim().is_empty());
        if n >= MAX_BESIDE || is_text {
            return false;
        }
        elements.extend(ElementRef::wrap(child));
    }
    let [first, second] = elements.as_slice() else {
        return false;
    };
    // Bounded, so that a long text is not walked through for nothing.
    let mut within = first.descendants().skip(1).take(MAX_BESIDE);
    let is_line = within.all(|node| {
        let name = node.value().as_element().map(Element::name);
        name.is_none_or(|name| name != "br" && !LINES.contains(&name))
    });
    second.id() == element.id()
        && first.value().name() == "div"
        && is_line
        && first.descendants().nth(MAX_BESIDE).is_none()
}

/// Figures as they are shown in `sup`: the mark of a footnote is no digit of the number before it.
fn raise(text: &str) -> String {
    let of_digit = |digit: u32| match digit {
        1 => Some('\u{b9}'),
        2 => Some('\u{b2}'),
        3 => Some('\u{b3}'),
        _ => char::from_u32(0x2070 + digit),
    };
    let raised = |c: char| c.to_digit(10).and_then(of_digit).unwrap_or(c);
    text.chars().map(raised).collect()
}

fn is_silent(element: &Element) -> bool {
    SILENT.contains(&element.name())
        || element.attr("hidden").is_some()
        || element.attr("style").is_some_and(|style| {
            let style: String = style
                .chars()
                .filter(|c| !c.is_whitespace())
                .collect::<String>()
                .to_ascii_lowercase();
            style.contains("display:none") || style.contains("visibility:hidden")
        })
}

/// `header` and words in class names are chrome around the content, but often hold the title inside it; and a wrapper
/// of the whole page may carry a class such as `menu-open`, so that whoever contains the content is not chrome.
fn is_chrome(node: &ElementRef<'_>) -> bool {
    let element = node.value();
    let within_content = within_content(node);
    if AROUND.contains(&element.name()) || (element.name() == "header" && !within_content) {
        return true;
    }
    if matches!(element.name(), "html" | "body" | "main" | "article" | "h1") {
        return false;
    }
    let role = element
        .attr("role")
        .is_some_and(|role| CHROME_WORDS.contains(&role));
    let mut words = element.classes().chain(element.id()).flat_map(|word| {
        let mut parts = word.split(['-', '_']);
        [
            Some(word),
            parts.next(),
            parts.next_back().filter(|part| *part != "sidebar"),
        ]
        .into_iter()
        .flatten()
    });
    let named =
        role || words.any(|word| CHROME_WORDS.contains(&word.to_ascii_lowercase().as_str()));
    // Bounded, so that a page of nested wrappers is not searched from each of them.
    named
        && !node
            .descendants()
            .take(4_000)
            .filter_map(ElementRef::wrap)
            .any(|e| matches!(e.value().name(), "main" | "article" | "h1"))
}

fn within_content(element: &ElementRef<'_>) -> bool {
    // Depth is bounded so that a deeply nested page is not walked up from every element.
    element
        .ancestors()
        .take(12)
        .filter_map(ElementRef::wrap)
        .any(|e| {
            matches!(e.value().name(), "main" | "article") || e.value().attr("role") == Some("main")
        })
}

struct Writer<'a> {
    source: &'a Source,
    blocks: Vec<Block>,
    line: String,
    at: Option<usize>,
    group: u32,
    kind: Vec<(BlockKind, &'static str)>,
    /// Cells of a row that the line has behind its first.
    gaps: usize,
    /// Elements that are open now and stand beside a line.
    beside: u32,
    grid: Grid,
}

impl Writer<'_> {
    fn title(&mut self, text: &str, at: usize) {
        let text = normal(text);
        if !text.is_empty() {
            self.blocks.push(Block {
                kind: BlockKind::Title,
                text,
                place: self.source.place(at),
                group: 0,
                beside: 0,
                cells: Vec::new(),
            });
        }
    }

    fn text(&mut self, text: &str, at: usize) {
        if text.trim().is_empty() {
            if !self.line.is_empty() {
                self.line.push(' ');
            }
            return;
        }
        if self.at.is_none() {
            self.at = Some(at);
        }
        // Blanks of the markup are layout of the editor, not of the page: never wider than one.
        let mut last_blank = self.line.ends_with(' ');
        for c in text.chars() {
            let c = if matches!(c, '\n' | '\r' | '\t' | GAP) {
                ' '
            } else {
                c
            };
            if !(c == ' ' && last_blank) {
                self.line.push(c);
            }
            last_blank = c == ' ';
        }
    }

    fn open(&mut self, name: &str, chrome: bool) {
        let kind = match name {
            "h1" => Some((BlockKind::Heading(1), "h1")),
            "h2" => Some((BlockKind::Heading(2), "h2")),
            "h3" => Some((BlockKind::Heading(3), "h3")),
            "h4" | "h5" | "h6" | "legend" | "summary" => Some((BlockKind::Heading(4), "h4")),
            "li" => Some((BlockKind::Item, "li")),
            "dt" => Some((BlockKind::Term, "dt")),
            "dd" => Some((BlockKind::Definition, "dd")),
            "tr" => Some((BlockKind::Row, "tr")),
            "figcaption" | "caption" | "figure" => Some((BlockKind::Caption, "figcaption")),
            _ => None,
        };
        let in_row = self.kind.iter().any(|(kind, _)| *kind == BlockKind::Row);
        if in_row && name != "tr" {
            // Cells stay in their row's line, whatever blocks stand in them.
            match name {
                "td" | "th" if !self.line.is_empty() => {
                    self.line.push(GAP);
                    self.gaps += 1;
                }
                _ if LINES.contains(&name) || name == "br" => self.line.push(' '),
                _ => {}
            }
            return;
        }
        if name == "br" {
            self.flush(chrome);
        } else if LINES.contains(&name) {
            self.flush(chrome);
            if !matches!(
                name,
                "li" | "dt" | "dd" | "tr" | "tbody" | "thead" | "tfoot"
            ) {
                self.group += 1;
            }
        } else if LABELS.contains(&name)
            && !self.line.trim().is_empty()
            && !self.line.ends_with([GAP, ' '])
        {
            self.line.push(GAP);
        }
        if let Some(kind) = kind {
            self.kind.push(kind);
        }
    }

    fn close(&mut self, name: &str, chrome: bool) {
        let in_row = self.kind.iter().any(|(kind, _)| *kind == BlockKind::Row);
        if in_row && name != "tr" {
            return;
        }
        if LINES.contains(&name) {
            self.flush(chrome);
            if !matches!(
                name,
                "li" | "dt" | "dd" | "tr" | "tbody" | "thead" | "tfoot"
            ) {
                self.group += 1;
            }
        } else if LABELS.contains(&name) && !self.line.trim().is_empty() && !self.line.contains(GAP)
        {
            self.line.push(GAP);
        }
        let closes = match name {
            "h4" | "h5" | "h6" | "legend" | "summary" => "h4",
            "figcaption" | "caption" | "figure" => "figcaption",
            other => other,
        };
        if self.kind.last().is_some_and(|(_, open)| *open == closes) {
            self.kind.pop();
        }
    }

    /// Ends a row of a table, whose cells are noted by their columns.
    fn close_row(&mut self, chrome: bool) -> Result<(), PageError> {
        let shown = self.flush(chrome);
        let block = shown.and_then(|at| Some((at, self.blocks.get(at)?.text.as_str())));
        let line = self.blocks.last().map_or(1, |block| block.place.line);
        let cells = self.grid.end_row(block, line)?;
        if let Some(block) = shown.and_then(|at| self.blocks.get_mut(at)) {
            block.cells = cells;
        }
        self.close("tr", chrome);
        Ok(())
    }

    /// Ends the line; gives the number of its block, if it shows anything.
    fn flush(&mut self, chrome: bool) -> Option<usize> {
        let line = std::mem::take(&mut self.line);
        self.gaps = 0;
        let at = self.at.take();
        let row = self.kind.iter().any(|(kind, _)| *kind == BlockKind::Row);
        let text = if row {
            // An empty cell keeps its column.
            line.split(GAP)
                .map(normal)
                .map(|cell| super::text::plain(&cell))
                .collect::<Vec<_>>()
                .join(&GAP.to_string())
        } else {
            normal(&line)
        };
        if text.trim_matches([GAP, ' ']).is_empty() {
            return None;
        }
        let kind = if chrome {
            BlockKind::Chrome
        } else {
            self.kind.last().map_or(BlockKind::Line, |(kind, _)| *kind)
        };
        let (kind, text) = match (kind, strip_bullet(&text)) {
            (BlockKind::Line | BlockKind::Item, Some(item)) => (BlockKind::Item, item.to_owned()),
            _ => (kind, text),
        };
        self.blocks.push(Block {
            kind,
            text,
            place: self.source.place(at.unwrap_or(0)),
            group: self.group,
            beside: self.beside,
            cells: Vec::new(),
        });
        Some(self.blocks.len() - 1)
    }
}

/// Finds text nodes in the markup: both are walked in order, so that a word is only looked for after the last one.
struct Locator<'a> {
    markup: &'a str,
    /// Stretches of the markup outside of tags and comments.
    stretches: Vec<(usize, usize)>,
    next: usize,
    within: usize,
}

impl<'a> Locator<'a> {
    fn new(markup: &'a str) -> Self {
        let mut stretches = Vec::new();
        let bytes = markup.as_bytes();
        let mut at = 0;
        while at < bytes.len() {
            if bytes[at] == b'<'
                && bytes
                    .get(at + 1)
                    .is_some_and(|b| b.is_ascii_alphabetic() || matches!(b, b'/' | b'!' | b'?'))
            {
                at = if markup[at..].starts_with("<!--") {
                    markup[at + 4..]
                        .find("-->")
                        .map_or(bytes.len(), |end| at + 4 + end + 3)
                } else {
                    end_of_tag(bytes, at)
                };
            } else {
                let end = bytes[at + 1..]
                    .iter()
                    .position(|b| *b == b'<')
                    .map_or(bytes.len(), |p| at + 1 + p);
                stretches.push((at, end));
                at = end;
            }
        }
        Locator {
            markup,
            stretches,
            next: 0,
            within: 0,
        }
    }

    /// Offset of a text node; where it cannot be told (text moved by the parser), that of the text before it.
    fn find(&mut self, text: &str) -> usize {
        let trimmed = text.trim();
        let last = self
            .stretches
            .get(self.next)
            .map_or(self.markup.len(), |s| s.0.max(self.within));
        let word: String = trimmed
            .chars()
            .take_while(|c| !c.is_whitespace() && *c != '&')
            .take(24)
            .collect();
        if word.is_empty() || trimmed.is_empty() {
            return last;
        }
        // A text node that begins with an entity is found by its stretch alone; a short search keeps this linear.
        for index in self.next..self.stretches.len().min(self.next + 64) {
            let (start, end) = self.stretches[index];
            let start = if index == self.next {
                start.max(self.within)
            } else {
                start
            };
            let Some(stretch) = self.markup.get(start..end) else {
                continue;
            };
            let body = stretch.trim_start();
            let at = end - body.len();
            if body.starts_with(&word) || (body.starts_with('&') && !body.is_empty()) {
                self.next = index;
                self.within = end;
                return at;
            }
        }
        last
    }
}

fn end_of_tag(bytes: &[u8], start: usize) -> usize {
    let mut quote = None;
    let mut after_equals = false;
    for (at, byte) in bytes.iter().enumerate().skip(start + 1) {
        match (quote, byte) {
            (Some(open), b) if open == *b => quote = None,
            (None, b'"' | b'\'') if after_equals => quote = Some(*byte),
            (None, b'>') => return at + 1,
            _ => {}
        }
        after_equals = *byte == b'=' || (after_equals && byte.is_ascii_whitespace());
    }
    bytes.len()
}
