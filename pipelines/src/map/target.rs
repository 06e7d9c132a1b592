//! Planned participants in running text.

use std::sync::LazyLock;

use regex::Regex;

/// "64 Teilnehmer", "120 Teilnehmerinnen und Teilnehmer", "90 deltagare": a count right before the word.
static PARTICIPANTS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)(?:^|[^\d.,/\-])(\d{1,6})\s+(?:(?:geplante|insgesamt|arbeitslose|langzeitarbeitslose)\s+)?(?:teilnehmer\w*|teilnehmende\w*|tn|deltagare)(?:\W|$)").ok()
});

/// The number of planned participants, if the text names exactly one; two different numbers are two groups, and which
/// of them (or their sum) is meant is not ours to guess.
pub(super) fn participants(text: &str) -> Option<i64> {
    let text_has_word =
        |word: &str| memchr::memmem::find(text.as_bytes(), word.as_bytes()).is_some();
    if !["eilneh", "TN", "eltagare"]
        .iter()
        .any(|word| text_has_word(word))
    {
        return None;
    }
    let mut found = PARTICIPANTS
        .as_ref()?
        .captures_iter(text)
        .filter_map(|c| c.get(1)?.as_str().parse::<i64>().ok());
    let first = found.next().filter(|n| *n > 0)?;
    found.all(|n| n == first).then_some(first)
}

#[cfg(test)]
mod tests {
    use super::participants;

    #[test]
    fn one_number_counts_two_do_not() {
        assert_eq!(
            participants("Schulung für 64 Teilnehmer in zwei Gruppen"),
            Some(64)
        );
        assert_eq!(participants("16 TN; je 16 TN im Jahr"), Some(16));
        assert_eq!(participants("12 Teilnehmer und 30 Teilnehmerinnen"), None);
        assert_eq!(participants("Insatsen har 120 deltagare."), Some(120));
        assert_eq!(
            participants("im Jahr 2016, Teilnehmer werden gefördert"),
            None
        );
        assert_eq!(participants("0,5 Teilnehmer je Stelle"), None);
    }
}
