//! What belongs to the site and not to the page's subject: print links, breadcrumbs, share bars, empty widgets,
//! captions of pictures. And the one useful thing in it, the date of the page.

use super::block::{Block, BlockKind};
use super::rules::PageRules;
use super::text::{GAP, Place, plain};
use super::typed::{self, PageDate};

/// Marks lines of chrome and captions. A line that begins with a known label is none of them.
pub(super) fn mark(
    blocks: &mut [Block],
    rules: &PageRules,
    vocabulary: &dyn Fn(&str) -> Option<String>,
) {
    for block in blocks
        .iter_mut()
        .filter(|block| block.kind != BlockKind::Title)
    {
        let text = plain(&block.text);
        if rules.captions.iter().any(|caption| caption.is_match(&text)) {
            // Chrome too may credit a photographer; a caption's text is dropped, chrome's is not.
            block.kind = BlockKind::Caption;
            continue;
        }
        let labelled = super::label::split_label(&block.text)
            .is_some_and(|(label, _)| rules.label(label, vocabulary).is_some());
        if !labelled
            && (rules.chrome_lines.iter().any(|line| line.is_match(&text)) || is_menu(&block.text))
        {
            block.kind = BlockKind::Chrome;
        }
    }
}

/// Several short pieces side by side, without a sentence or a number among them.
fn is_menu(text: &str) -> bool {
    let pieces: Vec<&str> = text
        .split([GAP, '|', '·', '›', '»', '>'])
        .map(str::trim)
        .filter(|piece| !piece.is_empty())
        .collect();
    pieces.len() >= 4
        && pieces.iter().all(|piece| {
            piece.split(' ').count() <= 4
                && !piece.ends_with(['.', ':'])
                && !piece.bytes().any(|b| b.is_ascii_digit())
                && !piece.contains(": ")
        })
}

/// When the page was published or last changed.
pub(super) fn page_date(blocks: &[Block], rules: &PageRules) -> Option<(PageDate, Place)> {
    blocks.iter().find_map(|block| {
        let text = plain(&block.text);
        let found = rules.page_dates.iter().find_map(|regex| {
            regex
                .captures(&text)?
                .name("date")
                .map(|date| date.as_str().to_owned())
        })?;
        typed::date(&found, false).map(|date| (date, block.place.clone()))
    })
}
