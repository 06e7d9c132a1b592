//! The page: reading, key figures, pictures, all numbers, caveats, citation in one HTML file. It asks nothing of the
//! network and runs no script, and a content policy holds browsers to both; it prints, follows a dark screen, and can be
//! read aloud: the pictures are images with a label, the table beside them holds every number that they show.

use std::fmt::Write as _;

use crate::chart::{
    comparison::{Comparison, Row, Seen},
    format::Format,
    notes::{before_english, not_listed, unallocated},
    svg::escape,
    table::{self, table},
    text::{capital, fill, limits},
};

const STYLE: &str = include_str!("page.css");

/// The page of a comparison, with pictures that were drawn for it (`Frame::Inline`), in the order given. The pictures
/// are taken as they are: they have to come from this crate.
pub fn page(comparison: &Comparison, pictures: &[String]) -> String {
    let format = Format::of(comparison);
    let words = format.words();
    let mut html = format!(
        "<!DOCTYPE html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src &#39;none&#39;; style-src &#39;unsafe-inline&#39;\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{}</title>\n<style>\n{STYLE}</style>\n\
         </head>\n<body>\n<main>\n<h1>{}</h1>\n",
        words.lang,
        escape(&comparison.title),
        escape(&comparison.title),
    );
    for limit in limits(comparison) {
        let _ = writeln!(html, "<p class=\"limit\">{}</p>", escape(&limit));
    }
    if !comparison.reading.is_empty() {
        let _ = writeln!(
            html,
            "<p class=\"reading\">{}</p>",
            escape(&comparison.reading)
        );
    }
    html.push_str(&facts(comparison, &format));
    if !pictures.is_empty() {
        let _ = write!(
            html,
            "<section aria-label=\"{0}\">\n<h2>{0}</h2>\n",
            words.figures
        );
        for picture in pictures {
            let _ = write!(html, "<figure>\n{picture}</figure>\n");
        }
        html.push_str("</section>\n");
    }
    let _ = write!(
        html,
        "<section aria-label=\"{0}\">\n<h2>{0}</h2>\n",
        table::title(comparison)
    );
    if comparison.rows.is_empty() {
        let _ = writeln!(html, "<p>{}</p>", words.no_rows);
    } else {
        html.push_str(&table(comparison, &format));
    }
    html.push_str("</section>\n");
    html.push_str(&closing(comparison, &format));
    html.push_str("</main>\n</body>\n</html>\n");
    html
}

/// The list of key figures.
fn facts(comparison: &Comparison, format: &Format) -> String {
    let words = format.words();
    let mut list = String::from("<dl>\n");
    let mut add = |term: &str, text: &str, about: &str| {
        if !text.is_empty() {
            let about = if about.is_empty() {
                String::new()
            } else {
                format!(" <small>{about}</small>")
            };
            let _ = writeln!(list, "<dt>{term}</dt><dd>{}{about}</dd>", escape(text));
        }
    };
    add(
        words.unit,
        &capital(&comparison.language.unit(&comparison.unit)),
        "",
    );
    add(
        words.by,
        &capital(&comparison.language.dimension(&comparison.by)),
        "",
    );
    add(
        words.overall,
        &comparison
            .whole()
            .map(|v| format.with_unit(v))
            .unwrap_or_default(),
        "",
    );
    let count = |wanted: fn(&Seen) -> bool| {
        comparison
            .counted()
            .filter(|row| wanted(&row.seen()))
            .count()
            .to_string()
    };
    let counts = [
        count(|seen| matches!(seen, Seen::Value(..))),
        count(|seen| matches!(seen, Seen::Missing(_))),
        count(|seen| matches!(seen, Seen::Suppressed)),
    ];
    add(
        words.rows,
        &fill(words.rows_count, &[&counts[0], &counts[1], &counts[2]]),
        "",
    );
    let covered = comparison.counted().filter_map(Row::covered);
    if let Some((low, high)) = covered
        .map(|c| (c, c))
        .reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))
    {
        let text = fill(
            words.coverage_between,
            &[&format.share(low), &format.share(high)],
        );
        add(words.coverage, &text, words.coverage_about);
    }
    let share = unallocated(comparison)
        .map(|share| format.share(share))
        .unwrap_or_default();
    add(words.unallocated_label, &share, "");
    add(words.interval, &comparison.interval, "");
    add(words.as_of, &comparison.as_of, "");
    list + "</dl>\n"
}

/// Caveats and citation.
fn closing(comparison: &Comparison, format: &Format) -> String {
    let words = format.words();
    let mut notes: Vec<String> = not_listed(comparison).into_iter().collect();
    notes.extend(comparison.left_over());
    notes.extend(comparison.caveats.iter().cloned());
    notes.extend(before_english(comparison).map(str::to_owned));
    let mut html = String::new();
    if !(notes.is_empty() && comparison.english_caveats.is_empty()) {
        let _ = write!(
            html,
            "<section aria-label=\"{0}\">\n<h2>{0}</h2>\n<ul>\n",
            words.caveats
        );
        for note in &notes {
            let _ = writeln!(html, "<li>{}</li>", escape(note));
        }
        for caveat in &comparison.english_caveats {
            let _ = writeln!(html, "<li lang=\"en\">{}</li>", escape(caveat));
        }
        html.push_str("</ul>\n</section>\n");
    }
    if !comparison.citation.is_empty() {
        let _ = write!(
            html,
            "<footer>\n<h2>{}</h2>\n<p class=\"cite\">{}</p>\n</footer>\n",
            words.citation,
            escape(&comparison.citation)
        );
    }
    html
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::{
        Condition, Frame, Language, Shared, bar_chart,
        testing::{ALL, assert_sound, hard, of, secret},
        tile_map,
    };

    #[test]
    fn hard_comparisons_become_sound_pages_in_every_language() {
        for mut comparison in hard() {
            for language in ALL {
                comparison.language = language;
                let pictures = [
                    tile_map(&comparison, Frame::Inline),
                    bar_chart(&comparison, Frame::Inline),
                ];
                let html = page(&comparison, &pictures);
                assert_sound(&html);
                assert!(html.contains(&format!("<html lang=\"{}\">", language.words().lang)));
                assert_eq!(html, page(&comparison, &pictures));
            }
        }
    }

    #[test]
    fn nothing_is_asked_of_the_network() {
        let comparison = of(vec![Row::shown("DE1", "A", 1.0)]);
        let html = page(&comparison, &[bar_chart(&comparison, Frame::Inline)]);
        for word in ["src=", "href=", "@import", "<script", "url(http"] {
            assert!(!html.contains(word), "{word}");
        }
        assert_eq!(
            html.matches("http").count(),
            2,
            "the content policy and the namespace of SVG"
        );
    }

    #[test]
    fn ids_are_used_once() {
        let comparison = of(vec![Row::missing("DE1", "A", "")]);
        let html = page(
            &comparison,
            &[
                tile_map(&comparison, Frame::Inline),
                bar_chart(&comparison, Frame::Inline),
            ],
        );
        let mut ids: Vec<&str> = html
            .split(" id=\"")
            .skip(1)
            .filter_map(|rest| rest.split('"').next())
            .collect();
        let count = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), count);
    }

    #[test]
    fn all_that_makes_a_number_honest_is_there() {
        let row = Row {
            lower: Some(0.2),
            upper: Some(0.4),
            n: Some(81),
            coverage: Some(0.87),
            rank: Some((1, 3)),
            flags: vec!["small_n".into()],
            ..Row::shown("DE1", "A", 0.308)
        };
        let mut comparison = of(vec![
            row,
            Row::missing("DE2", "B", "no rate"),
            Row::suppressed("DE3", "C"),
        ]);
        comparison.unit = "share".to_owned();
        comparison.shared = Shared::Operations;
        comparison.unallocated_share = Some(0.25);
        comparison.overall = Some(0.3);
        comparison.caveats = vec!["Gross, not causal.".to_owned()];
        let html = page(&comparison, &[]);
        for text in [
            "<data value=\"0.308\">30.8%</data>",
            "[20.0%, 40.0%]",
            "<td class=\"num\">81</td>",
            "87% to 87% by row",
            "1–3",
            "small number of cases",
            "missing: no rate",
            "suppressed",
            "1 with a value, 1 without, 1 suppressed",
            "25% of the operations",
            "Gross, not causal.",
            "esf, release 42",
            "<caption>",
        ] {
            assert!(html.contains(text), "{text}");
        }
        assert!(!html.contains("<section aria-label=\"Map and chart\">"));
    }

    #[test]
    fn rows_that_are_not_listed_are_counted() {
        let mut rows: Vec<Row> = (0..60)
            .map(|n| Row::shown(&n.to_string(), "A", f64::from(n)))
            .collect();
        rows.push(Row::missing("DE2", "B", "no rate"));
        let html = page(&of(rows).first(50), &[]);
        for text in [
            "60 with a value, 1 without, 0 suppressed",
            "<h2>The first 50 of 61 rows</h2>",
            "<li>Bars and table have the first 50 of 61 rows; --limit 0 shows all.</li>",
        ] {
            assert!(html.contains(text), "{text}");
        }
        assert_eq!(html.matches("<th scope=\"row\"").count(), 50);
    }

    #[test]
    fn made_up_data_conditions_and_foreign_caveats_are_said() {
        let mut comparison = of(vec![Row::shown("DE1", "A", 1.0)]);
        comparison.language = Language::De;
        comparison.demonstration = true;
        comparison.conditions = vec![Condition::Where("n < 3".to_owned())];
        comparison.caveats = vec!["Brutto.".to_owned()];
        comparison.english_caveats = vec!["Gross.".to_owned()];
        let html = page(&comparison, &[]);
        for text in [
            "<p class=\"limit\">Demonstration: erfundene Daten</p>",
            "<p class=\"limit\">Nur: Bedingung n &lt; 3</p>",
            "<li>Brutto.</li>\n<li>Die folgenden",
            "nur auf Englisch:</li>\n<li lang=\"en\">Gross.</li>",
        ] {
            assert!(html.contains(text), "{text}: {html}");
        }
    }

    #[test]
    fn a_suppressed_number_is_nowhere() {
        let (row, numbers) = secret();
        let html = page(&of(vec![row, Row::shown("DE1", "A", 3.0)]), &[]);
        for number in numbers {
            assert!(!html.contains(number), "{number}");
        }
    }
}
