//! The health of the sources: one row a source, with its last 30 days as a strip of signs, trouble first.
//!
//! Equal days that follow each other share one element, so that a page of a thousand sources stays small. The signs are
//! of Latin-1, which every fixed-width font has, so that days stand under each other.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt::Write as _;

use esf_pipelines::run::{RunReport, SourceReport, SourceState};
use esf_queries::chart::escape;
use jiff::civil::Date;

use crate::print::grouped;
use crate::report::History;
use crate::report::history::Seen;
use crate::report::words::{missed, rendition};

/// More quiet sources than this are folded away.
const SHOWN: usize = 40;

/// Most notes on the files of a source.
const NOTED: usize = 10;

/// How a day looks: its class, its sign, its word.
type Look = (&'static str, char, &'static str);

const OUTSIDE: Look = ("outside", '\u{a0}', "not among the sources");
const NO_RUN: Look = ("norun", '-', "no run");
const MISSED: Look = ("missed", 'm', "missed: no night that ended well");

fn look(seen: Seen) -> Look {
    match seen {
        Seen::Loaded => ("loaded", '+', "loaded"),
        Seen::Empty => ("loaded", '0', "nothing in its file became a row"),
        Seen::Older => ("unchanged", '«', "its file is older than what stands"),
        Seen::Later => ("unchanged", '»', "its file was published later"),
        Seen::Unchanged => ("unchanged", '·', "unchanged"),
        Seen::NotAsked => ("stale", '¬', "not asked: nobody looked for it"),
        Seen::RolledBack => ("stale", '¶', "a rollback left its file behind"),
        Seen::Absent => ("stale", 'ø', "absent: the folders have no file of it"),
        Seen::Stale => ("stale", '~', "stale: it could not be reached"),
        Seen::Held => ("held", '!', "held at its state before"),
        Seen::LeftOut => ("leftout", '×', "left out"),
        Seen::Other => ("other", '?', "a state of a later program"),
    }
}

/// A source tonight.
struct Row {
    source_id: String,
    seen: Option<Seen>,
    /// Of files that were read tonight or stand as they were: loaded, quarantined, expected to be.
    rows: Option<(u64, u64, u64)>,
    notes: Vec<String>,
    /// How much it needs a look; 0 is not at all.
    trouble: u8,
    /// Days of the last 30 on which it was not as its publisher has it.
    bad_days: usize,
}

impl Row {
    fn new(
        source_id: String,
        files: &[&SourceReport],
        report: &RunReport,
        history: &History,
    ) -> Self {
        let seen = history.seen_tonight(&source_id);
        let read = || files.iter().filter(|file| file.data_rows > 0);
        let sum = |count: fn(&SourceReport) -> u64| read().map(|file| count(file)).sum::<u64>();
        let is_spoiled = files.iter().any(|file| report.is_spoiled(file));
        let nights = history.nights.values();
        let bad = nights.filter(|n| n.sources.get(&source_id).is_some_and(|s| !s.is_good()));
        Self {
            seen,
            rows: read().next().map(|_| {
                (
                    sum(|file| file.loaded),
                    sum(|file| file.quarantined),
                    sum(|file| file.expected_quarantine),
                )
            }),
            notes: notes(report, files),
            trouble: match seen {
                Some(Seen::LeftOut | Seen::Held) => 4,
                Some(Seen::Stale | Seen::Other) => 3,
                _ if is_spoiled => 2,
                Some(Seen::Absent | Seen::NotAsked | Seen::RolledBack) => 1,
                _ if files.iter().any(|file| has_news(file)) => 1,
                _ => 0,
            },
            bad_days: bad.count(),
            source_id,
        }
    }

    fn html(&self, history: &History) -> String {
        let (class, sign, word) = self.seen.map_or(OUTSIDE, look);
        let count =
            |value: Option<u64>| value.map_or_else(|| "–".to_owned(), |n| grouped(&n.to_string()));
        let notes: Vec<String> = self.notes.iter().map(|note| escape(note)).collect();
        format!(
            "<tr><th scope=\"row\">{}</th><td><span class=\"s {class}\" aria-hidden=\"true\">{sign}</span> {word}</td>\
             <td class=\"strip\">{}</td><td class=\"num\">{}</td><td class=\"num\">{}</td><td class=\"num\">{}</td>\
             <td class=\"note\">{}</td></tr>\n",
            escape(&self.source_id),
            strip(&self.source_id, history),
            count(self.rows.map(|rows| rows.0)),
            count(self.rows.map(|rows| rows.1)),
            count(self.rows.map(|rows| rows.2)),
            notes.join("<br/>"),
        )
    }
}

/// Whether somebody should look at what a file has to say. That its bytes have another name as well changes nothing.
fn has_news(file: &SourceReport) -> bool {
    file.message.is_some() && file.state != SourceState::Repeated
}

/// What a person needs to know of the files of a source: of many what is wrong first, and how much more there is.
fn notes(report: &RunReport, files: &[&SourceReport]) -> Vec<String> {
    let mut notes = Vec::new();
    for file in files {
        let rejected = report.quarantine_message(file);
        let unread = report.amounts_message(file);
        let is_rejected = rejected.is_some() || unread.is_some();
        let is_quiet = !is_rejected && !has_news(file);
        let rendition = rendition(file).map(|why| format!("{}: {why}", file.file_name));
        let of_file = message(file, is_rejected).into_iter();
        let of_file = of_file.chain(rendition).chain(rejected).chain(unread);
        notes.extend(of_file.map(|note| (is_quiet, note)));
    }
    notes.sort_by_key(|(is_quiet, _)| *is_quiet);
    let more = notes.len().saturating_sub(NOTED);
    let told = notes.into_iter().take(NOTED).map(|(_, note)| note);
    let counted = (more > 0).then(|| format!("and {more} more; `--format json` has them all"));
    told.chain(counted).collect()
}

/// What a file has to say, or its name, unless that is said otherwise.
fn message(file: &SourceReport, is_named: bool) -> Option<String> {
    match &file.message {
        Some(message) if message.contains(&file.file_name) => Some(message.clone()),
        Some(message) => Some(format!("{}: {message}", file.file_name)),
        // Of an old file nothing is said when its list is read again.
        None if [SourceState::Unchanged, SourceState::Older].contains(&file.state) => None,
        // Its name stands before what is said of it as a rendition, and of its rows.
        None if is_named || file.rendition_of.is_some() => None,
        None => Some(file.file_name.clone()),
    }
}

/// The days of a source, each a sign.
fn strip(source_id: &str, history: &History) -> String {
    let mut runs: Vec<(Look, Date, Date, usize)> = Vec::new();
    for day in history.days() {
        let night = history.nights.get(&day);
        let look = match night.and_then(|night| night.sources.get(source_id)) {
            Some(seen) => look(*seen),
            None if history.missed.contains(&day) => MISSED,
            None if night.is_none() => NO_RUN,
            None => OUTSIDE,
        };
        match runs.last_mut() {
            Some(run) if run.0 == look => (run.2, run.3) = (day, run.3 + 1),
            _ => runs.push((look, day, day, 1)),
        }
    }
    let mut html = String::new();
    for ((class, sign, word), first, last, days) in runs {
        let when = if days == 1 {
            first.to_string()
        } else {
            format!("{first} to {last}")
        };
        let signs = sign.to_string().repeat(days);
        // Writing to a string cannot fail, here and below.
        let _ = write!(
            html,
            "<span class=\"s {class}\" role=\"img\" title=\"{when}: {word}\" aria-label=\"{when}: {word}\">{signs}</span>"
        );
    }
    html
}

/// All sources, those with trouble first, and what the signs mean.
pub(super) fn health(report: &RunReport, history: &History) -> String {
    let mut files: BTreeMap<String, Vec<&SourceReport>> =
        (history.sources().into_iter().map(|id| (id, Vec::new()))).collect();
    for file in &report.sources {
        files.entry(file.source_id.clone()).or_default().push(file);
    }
    let mut rows: Vec<Row> = (files.into_iter())
        .map(|(id, files)| Row::new(id, &files, report, history))
        .collect();
    rows.sort_by_key(|row| Reverse((row.trouble, row.bad_days)));
    let (troubled, quiet) = rows.split_at(rows.partition_point(|row| row.trouble > 0));
    let mut html = legend(history);
    if rows.is_empty() {
        html.push_str("<p>The run did not come as far as any source.</p>\n");
    }
    if !troubled.is_empty() {
        let caption = format!("To look at: {}", grouped(&troubled.len().to_string()));
        html.push_str(&table(&caption, troubled, history));
    }
    if !quiet.is_empty() {
        let caption = format!("Nothing to look at: {}", grouped(&quiet.len().to_string()));
        let open = if quiet.len() > SHOWN {
            ""
        } else {
            " open=\"\""
        };
        let table = table(&caption, quiet, history);
        let _ = writeln!(
            html,
            "<details{open}><summary>{caption}</summary>\n{table}</details>"
        );
    }
    html
}

fn table(caption: &str, rows: &[Row], history: &History) -> String {
    let mut html = format!(
        "<div class=\"wide\"><table>\n<caption>{caption}</caption>\n<thead><tr><th scope=\"col\">Source</th>\
         <th scope=\"col\">Tonight</th><th scope=\"col\">{} days to {}</th><th scope=\"col\" class=\"num\">Rows loaded</th>\
         <th scope=\"col\" class=\"num\">Quarantined</th><th scope=\"col\" class=\"num\">Expected to be</th>\
         <th scope=\"col\">What to know</th></tr></thead>\n<tbody>\n",
        crate::report::history::DAYS,
        history.tonight,
    );
    html.extend(rows.iter().map(|row| row.html(history)));
    html + "</tbody>\n</table></div>\n"
}

fn legend(history: &History) -> String {
    let states = [
        Seen::Loaded,
        Seen::Empty,
        Seen::Unchanged,
        Seen::Older,
        Seen::Later,
        Seen::NotAsked,
        Seen::Absent,
        Seen::RolledBack,
        Seen::Stale,
        Seen::Held,
        Seen::LeftOut,
    ];
    let mut html = String::from("<p class=\"legend\">");
    for (class, sign, word) in states.map(look).into_iter().chain([NO_RUN, MISSED]) {
        let _ = write!(
            html,
            "<span class=\"s {class}\">{sign}</span> {word} &#160; "
        );
    }
    let _ = write!(
        html,
        "blank: not among the sources</p>\n<p class=\"legend\">{} of the last {} days ({}) have a run",
        history.nights.len(),
        crate::report::history::DAYS,
        escape(history.time_zone.iana_name().unwrap_or("local time")),
    );
    if let Some(missed) = missed(&history.missed.iter().copied().collect::<Vec<_>>()) {
        let _ = write!(html, "; {missed}");
    }
    if history.unreadable > 0 {
        let _ = write!(
            html,
            "; {} records of runs could not be read",
            history.unreadable
        );
    }
    html + ".</p>\n"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::testing::{night, report, source};

    #[test]
    fn trouble_stands_first_and_much_quiet_is_folded() {
        let mut report = report();
        report.sources = (0..1000)
            .map(|i| source(&format!("s{i:04}"), SourceState::Unchanged))
            .collect();
        report.sources[700].state = SourceState::Held;
        report.sources[700].message = Some("no header".to_owned());
        let html = health(&report, &History::of(&report));
        assert!(html.find(">s0700<") < html.find(">s0000<"), "trouble first");
        assert!(html.contains("<details><summary>Nothing to look at: 999</summary>"));
        assert!(html.len() < 1 << 20, "{} bytes", html.len());
    }

    #[test]
    fn a_row_says_what_came_in_and_what_is_wrong() {
        let mut report = report();
        report.sources.push(SourceReport {
            message: Some("no header".to_owned()),
            ..source("b_list", SourceState::Held)
        });
        let html = health(&report, &History::of(&report));
        assert!(html.contains(
            "<td class=\"num\">12 344</td><td class=\"num\">1</td><td class=\"num\">1</td>"
        ));
        assert!(html.contains("b_list.csv: no header"));
        assert!(html.contains("</span> held at its state before</td>"));
        assert!(html.contains("1 of the last 30 days"));
    }

    #[test]
    fn files_with_too_many_quarantined_rows_are_named_before_the_others() {
        let mut report = report();
        report.sources = (0..300)
            .map(|n| SourceReport {
                file_name: format!("{n:03}.html"),
                ..source("b_pages", SourceState::Loaded)
            })
            .collect();
        (report.sources[299].quarantined, report.sources[299].loaded) = (5, 40);
        let html = health(&report, &History::of(&report));
        let notes = "<td class=\"note\">299.html: 5 rows quarantined, 0 expected; see `esf quarantine --source b_pages`<br/>000.html<br/>";
        assert!(html.contains(notes), "{html}");
        assert!(
            html.contains("<br/>008.html<br/>and 290 more; `--format json` has them all</td>"),
            "{html}"
        );
        // A few are all named.
        report.sources.drain(..290);
        let html = health(&report, &History::of(&report));
        assert!(html.contains("<br/>298.html</td>"), "{html}");
    }

    #[test]
    fn a_source_without_a_file_is_shown_as_absent() {
        let mut report = report();
        report.sources[0].state = SourceState::Unchanged;
        report.absent = vec!["a_list".to_owned()];
        let history = History::of(&report);
        let html = strip("a_list", &history);
        let told = "title=\"2026-11-26: absent: the folders have no file of it\"";
        assert!(html.contains(told), "{html}");
        assert!(html.contains(">ø</span>"), "{html}");
        let html = health(&report, &history);
        assert!(html.contains("To look at: 1"), "{html}");
    }

    #[test]
    fn a_rendition_without_rows_says_whose_rows_count_and_is_no_trouble() {
        let mut report = report();
        for state in [SourceState::Loaded, SourceState::Unchanged] {
            report.sources = vec![SourceReport {
                rendition_of: Some("a.xlsx".to_owned()),
                ..source("a_csv", state)
            }];
            report.sources.push(SourceReport {
                message: Some("c.csv has the bytes of b.csv; their rows count once".to_owned()),
                ..source("b", SourceState::Repeated)
            });
            let html = health(&report, &History::of(&report));
            assert!(
                html.contains("<td class=\"note\">a_csv.csv: not loaded: rendition of a.xlsx</td>"),
                "{html}"
            );
            assert!(html.contains("c.csv has the bytes of b.csv"), "{html}");
            assert!(html.contains("Nothing to look at: 2"), "{html}");
        }
    }

    #[test]
    fn missed_nights_are_told_from_days_before_there_were_any() {
        let mut report = report();
        report.night = Some(night(&["2026-11-24", "2026-11-25"]));
        let history = History::of(&report);
        let html = strip("a_list", &history);
        assert!(
            html.contains("title=\"2026-10-28 to 2026-11-23: no run\""),
            "{html}"
        );
        assert!(
            html.contains("title=\"2026-11-24 to 2026-11-25: missed: no night that ended well\""),
            "{html}"
        );
        assert!(html.contains(">mm</span>"), "{html}");
        let html = health(&report, &history);
        assert!(
            html.contains(
                "days (Europe/Berlin) have a run; 2 nights were missed (2026-11-24, 2026-11-25)."
            ),
            "{html}"
        );
    }

    #[test]
    fn equal_days_share_an_element_that_names_them() {
        let report = report();
        let html = strip("a_list", &History::of(&report));
        assert_eq!(html.matches("<span").count(), 2);
        assert!(
            html.contains("title=\"2026-10-28 to 2026-11-25: no run\""),
            "{html}"
        );
        assert!(html.contains("title=\"2026-11-26: loaded\""), "{html}");
        assert!(html.contains(&"-".repeat(29)), "{html}");
    }
}
