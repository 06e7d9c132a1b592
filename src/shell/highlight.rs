//! Keywords, literals and comments in colour while typing, and whether a statement is finished.

use nu_ansi_term::{Color, Style};
use reedline::{Highlighter, StyledText, ValidationResult, Validator};

use super::complete::KEYWORDS;
use super::scan::{Kind, is_finished, pieces};

/// Colours a statement.
pub(super) struct SqlHighlighter;

impl Highlighter for SqlHighlighter {
    fn highlight(&self, line: &str, _: usize) -> StyledText {
        let mut styled = StyledText::new();
        for (kind, text) in pieces(line) {
            let style = match kind {
                Kind::Word if KEYWORDS.contains(&text.to_ascii_uppercase().as_str()) => {
                    Style::new().fg(Color::Cyan)
                }
                Kind::Text => Style::new().fg(Color::Green),
                Kind::Comment => Style::new().dimmed(),
                Kind::Word | Kind::Name | Kind::Other => Style::new(),
            };
            styled.push((style, text.to_owned()));
        }
        styled
    }
}

/// Enter ends a statement only after a semicolon; the shell's own commands are one line.
pub(super) struct SqlValidator;

impl Validator for SqlValidator {
    fn validate(&self, line: &str) -> ValidationResult {
        let own = line.trim_start().starts_with(['.', '\\']);
        if own || line.trim().is_empty() || is_finished(line) {
            ValidationResult::Complete
        } else {
            ValidationResult::Incomplete
        }
    }
}
