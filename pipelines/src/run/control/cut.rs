//! Control of how a new file ends: one that ends inside of its last record, or a page before the end of its document, was
//! mostly cut off, and one that says itself that it goes on is a page of several.
//!
//! Owns whether such a file is held. Does not own how it is recognised: the reader of its format finds it.

use datafusion::prelude::{SessionContext, col, lit};
use esf_engine::release::Release;

use super::ControlReport;
use super::before::newest;
use super::finding::{findings, message};
use crate::merge::ListOutput;
use crate::read::{FILE_CUT, FILE_PARTIAL};
use crate::run::RunError;
use crate::source::{Source, SourceKind};

/// Tables that findings are in; those of files of people are in the second.
const FINDINGS: [&str; 2] = ["finding", "restricted_finding"];

/// How a file ends that is not whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Ending {
    /// Inside of its last record.
    InRecord,
    /// Before the end of its document, as pages do.
    InDocument,
    /// Where another page begins; in words what it says of that.
    OfPage(String),
}

impl Ending {
    /// Rule of the finding of such a file.
    fn rule(&self) -> &'static str {
        match self {
            Self::InRecord | Self::InDocument => FILE_CUT,
            Self::OfPage(_) => FILE_PARTIAL,
        }
    }
}

/// How a file ends, where it is not whole.
pub(super) fn endings(output: &ListOutput, sha256: &str, kind: SourceKind) -> Vec<Ending> {
    let mut tables = FINDINGS.iter();
    let is_cut = tables.any(|table| findings(output, table, sha256, FILE_CUT) > 0);
    let mut tables = FINDINGS.iter();
    let of_page = tables.find_map(|table| message(output, table, sha256, FILE_PARTIAL));
    let cut = is_cut.then_some(if kind == SourceKind::Page {
        Ending::InDocument
    } else {
        Ending::InRecord
    });
    cut.into_iter().chain(of_page.map(Ending::OfPage)).collect()
}

/// The control of a file that ends so, `previous` being the release whose files it is compared with.
pub(super) async fn control(
    session: Option<&SessionContext>,
    previous: Option<&Release>,
    source: &Source,
    ending: &Ending,
) -> Result<ControlReport, RunError> {
    let habit = match (session, previous) {
        (Some(session), Some(previous)) => {
            ended_so(session, previous, source, ending.rule()).await?
        }
        _ => false,
    };
    Ok(ended(habit, ending))
}

/// Whatever stood behind the end is missing, and the last cell may be half of one: `391.871,88` as `391`. Some programs never
/// write the last line end; that it is a `habit` shows in the file before. So it is with a page that somebody took as it is.
pub(super) fn ended(habit: bool, ending: &Ending) -> ControlReport {
    let most = if habit { 1.0 } else { 0.0 };
    let control = ControlReport::new("cut", 1.0).at_most(most);
    control.or_say(|| match ending {
        Ending::InRecord => {
            "it ends inside of its last record, while every other one has a line end: it may be cut off, and its last cell with it"
                .to_owned()
        }
        Ending::InDocument => {
            "the page ends before the end of its document: it may be cut off, and its last value with it"
                .to_owned()
        }
        Ending::OfPage(said) => {
            format!("{said}: it may be one page of several, and the operations of the others are missing")
        }
    })
}

/// Whether the newest file of a source in a release has this finding of how it ends.
async fn ended_so(
    session: &SessionContext,
    previous: &Release,
    source: &Source,
    rule: &str,
) -> Result<bool, RunError> {
    let Some(newest) = newest(session, previous, source, None).await? else {
        return Ok(false);
    };
    for table in FINDINGS {
        if !previous.tables.contains_key(table) {
            continue;
        }
        let of_file = col("source_file")
            .eq(lit(newest.sha256.as_str()))
            .and(col("source_id").eq(lit(source.source_id.as_str())))
            .and(col("rule").eq(lit(rule)));
        let found = session.table(table).await?.filter(of_file)?;
        if found.count().await? > 0 {
            return Ok(true);
        }
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::control::refusal;

    #[test]
    fn a_file_that_ends_inside_of_its_last_record_is_held_unless_the_one_before_did() {
        assert_eq!(refusal("s", &[ended(true, &Ending::InRecord)]), None);
        let refusal = refusal("s", &[ended(false, &Ending::InRecord)]).unwrap();
        assert!(
            refusal.starts_with("it ends inside of its last record"),
            "{refusal}"
        );
        assert!(refusal.contains("--accept s=REASON"), "{refusal}");
    }

    #[test]
    fn a_page_that_ends_before_its_end_is_held_unless_the_one_before_did() {
        assert_eq!(refusal("s", &[ended(true, &Ending::InDocument)]), None);
        let refusal = refusal("s", &[ended(false, &Ending::InDocument)]).unwrap();
        let start = "the page ends before the end of its document: it may be cut off";
        assert!(refusal.starts_with(start), "{refusal}");
        assert_eq!(Ending::InDocument.rule(), FILE_CUT);
    }

    #[test]
    fn a_page_of_several_is_held_with_what_it_says_of_itself() {
        let page = Ending::OfPage("12 objects stand in it, and it says beside them".to_owned());
        assert_eq!(refusal("s", &[ended(true, &page)]), None);
        let refusal = refusal("s", &[ended(false, &page)]).unwrap();
        let start =
            "12 objects stand in it, and it says beside them: it may be one page of several";
        assert!(refusal.starts_with(start), "{refusal}");
    }
}
