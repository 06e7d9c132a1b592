//! Control of how a new file ends: one that ends inside of its last record was mostly cut off.
//!
//! Owns whether such a file is held. Does not own how it is recognised: the reader of its format finds it.

use datafusion::prelude::{SessionContext, col, lit};
use esf_engine::release::Release;

use super::ControlReport;
use super::before::newest;
use super::finding::findings;
use crate::merge::ListOutput;
use crate::read::FILE_CUT;
use crate::run::RunError;
use crate::source::Source;

/// Tables that findings are in; those of files of people are in the second.
const FINDINGS: [&str; 2] = ["finding", "restricted_finding"];

/// Whether a file ends inside of its last record.
pub(super) fn is_cut(output: &ListOutput, sha256: &str) -> bool {
    let mut tables = FINDINGS.iter();
    tables.any(|table| findings(output, table, sha256, FILE_CUT) > 0)
}

/// The control of a file that ends so, `previous` being the release whose files it is compared with.
pub(super) async fn control(
    session: Option<&SessionContext>,
    previous: Option<&Release>,
    source: &Source,
) -> Result<ControlReport, RunError> {
    let habit = match (session, previous) {
        (Some(session), Some(previous)) => was_cut(session, previous, source).await?,
        _ => false,
    };
    Ok(ended(habit))
}

/// Whatever stood behind the end is missing, and the last cell may be half of one: `391.871,88` as `391`. Some programs never
/// write the last line end; that it is a `habit` shows in the file before.
pub(super) fn ended(habit: bool) -> ControlReport {
    let most = if habit { 1.0 } else { 0.0 };
    ControlReport::new("cut", 1.0).at_most(most).or_say(|| {
        "it ends inside of its last record, while every other one has a line end: it may be cut off, and its last cell with it"
            .to_owned()
    })
}

/// Whether the newest file of a source in a release ends inside of its last record.
async fn was_cut(
    session: &SessionContext,
    previous: &Release,
    source: &Source,
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
            .and(col("rule").eq(lit(FILE_CUT)));
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
        assert_eq!(refusal("s", &[ended(true)]), None);
        let refusal = refusal("s", &[ended(false)]).unwrap();
        assert!(
            refusal.starts_with("it ends inside of its last record"),
            "{refusal}"
        );
        assert!(refusal.contains("--accept s=REASON"), "{refusal}");
    }
}
