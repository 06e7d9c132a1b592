//! Blocks: the lines of a page with their kind and place, the form in which HTML and plain text look alike.

use super::grid::Cell;
use super::text::{GAP, Place, Source, normal};

/// What a block is on its page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BlockKind {
    /// The title of the document (not shown on the page itself).
    Title,
    /// A heading and its level.
    Heading(u8),
    /// A line of running text or of a label block.
    Line,
    /// An item of a list.
    Item,
    /// A term of a definition list.
    Term,
    /// What a definition list says of a term.
    Definition,
    /// A row of a table; its cells are separated by [`GAP`].
    Row,
    /// A caption of a picture.
    Caption,
    /// Web chrome: menus, share bars, print links, empty widgets. Never read for values.
    Chrome,
}

/// One line of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// What it is.
    pub kind: BlockKind,
    /// Its text in the normal form, personal data removed once the page is read.
    pub text: String,
    /// Where it stands.
    pub place: Place,
    /// Lines of one paragraph, list or table share a group.
    pub group: u32,
    /// In how many elements it stands that are the second of two beside each other, the first being one line: the value of a
    /// label, if that is one.
    pub(super) beside: u32,
    /// The cells of a row by their columns, those of rows above that span it among them; none if they cannot be told.
    pub(super) cells: Vec<Cell>,
}

impl Block {
    /// The cells of a row, or the pieces of a line that the layout keeps apart.
    pub fn pieces(&self) -> impl Iterator<Item = &str> {
        self.text.split(GAP).map(str::trim)
    }

    /// True for blocks that hold text of the page's subject.
    pub fn is_content(&self) -> bool {
        !matches!(
            self.kind,
            BlockKind::Chrome | BlockKind::Caption | BlockKind::Title
        )
    }
}

/// The longest line that can be a heading of plain text.
const MAX_HEADING: usize = 140;

/// Cuts plain text into blocks. An empty line ends a group; a short line alone in its group that ends without a
/// full stop is a heading.
pub(super) fn read_text(source: &Source) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut group = 0;
    let mut offset = 0;
    for raw in source.text.split_inclusive(['\n', '\r']) {
        // The second half of "\r\n" is no empty line.
        if raw == "\n" && source.text[..offset].ends_with('\r') {
            offset += raw.len();
            continue;
        }
        let text = normal(raw);
        if text.is_empty() {
            group += 1;
        } else {
            let lead = raw.len() - raw.trim_start().len();
            let (kind, text) = match strip_bullet(&text) {
                Some(item) => (BlockKind::Item, item.to_owned()),
                None => (BlockKind::Line, text),
            };
            blocks.push(Block {
                kind,
                text,
                place: source.place(offset + lead),
                group,
                beside: 0,
                cells: Vec::new(),
            });
        }
        offset += raw.len();
    }
    mark_headings(&mut blocks);
    blocks
}

fn mark_headings(blocks: &mut [Block]) {
    for i in 0..blocks.len() {
        let alone = (i == 0 || blocks[i - 1].group != blocks[i].group)
            && blocks
                .get(i + 1)
                .is_none_or(|next| next.group != blocks[i].group);
        let text = &blocks[i].text;
        if blocks[i].kind == BlockKind::Line
            && (alone || i == 0)
            && text.chars().count() <= MAX_HEADING
            && !text.contains(GAP)
            && !text.contains(": ")
            && !text.ends_with(['.', ':', ';', ',', '?'])
        {
            blocks[i].kind = BlockKind::Heading(if i == 0 { 1 } else { 2 });
        }
    }
}

/// The text behind a bullet.
pub(super) fn strip_bullet(text: &str) -> Option<&str> {
    let rest = text.strip_prefix(['•', '·', '▪', '◦', '‣', '●', '*', '–', '-', '■', '»'])?;
    let rest = rest.strip_prefix([' ', GAP])?;
    (!rest.is_empty()).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_becomes_headings_items_and_lines_with_their_places() {
        let source = Source::decode(
            "Mitwirkung in Musterstadt\n\nLaufzeit: 2015\n\u{a0} • Eins\n".as_bytes(),
        )
        .unwrap();
        let blocks = read_text(&source);
        let kinds: Vec<_> = blocks.iter().map(|b| b.kind).collect();
        assert_eq!(
            kinds,
            [BlockKind::Heading(1), BlockKind::Line, BlockKind::Item]
        );
        assert_eq!(blocks[2].text, "Eins");
        assert_eq!((blocks[1].place.line, blocks[1].place.byte), (3, 27));
    }

    #[test]
    fn lines_make_the_same_blocks_however_they_end() {
        let text = "Mitwirkung\n\nEin erster Satz\nund seine Fortsetzung.\n\n\nNoch einer.\n";
        let blocks = |text: &str| -> Vec<_> {
            let source = Source::decode(text.as_bytes()).unwrap();
            let blocks = read_text(&source).into_iter();
            blocks
                .map(|block| (block.kind, block.text, block.group, block.place.line))
                .collect()
        };
        assert_eq!(blocks(text).len(), 4);
        for end in ["\r\n", "\r"] {
            assert_eq!(blocks(&text.replace('\n', end)), blocks(text));
        }
    }
}
