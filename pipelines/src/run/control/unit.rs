//! Control of units that a new file states and that its amounts are not read in.
//!
//! Owns whether such a file is held: the first one of its source is, for nothing else says how large its amounts are. Later ones
//! are compared with the file before. Does not own how such a unit is found, which the mapping does.

use arrow::array::AsArray;
use datafusion::prelude::SessionContext;
use esf_engine::release::Release;

use super::ControlReport;
use super::before::newest;
use super::finding::findings;
use crate::map::UNIT_UNCLEAR;
use crate::merge::ListOutput;
use crate::run::RunError;
use crate::source::Source;

/// The control of a file that states such a unit; none for all others. `previous` is the release before.
pub(super) async fn control(
    session: Option<&SessionContext>,
    previous: Option<&Release>,
    source: &Source,
    output: &ListOutput,
    sha256: &str,
) -> Result<Option<ControlReport>, RunError> {
    let found = findings(output, "finding", sha256, UNIT_UNCLEAR);
    if found == 0 {
        return Ok(None);
    }
    let compared = match (session, previous) {
        (Some(session), Some(previous)) => newest(session, previous, source, None).await?.is_some(),
        _ => false,
    };
    let place = first(output, sha256).unwrap_or_default();
    Ok(Some(stated(found, compared, &place)))
}

/// What is said of so many units, the first of which stands at a place; `compared` where a file before says how large amounts are.
fn stated(found: u64, compared: bool, place: &str) -> ControlReport {
    let found = found as f64;
    let most = if compared { found } else { 0.0 };
    ControlReport::new("unit_unclear", found).at_most(most).or_say(|| {
        format!(
            "a unit is stated that its amounts are not read in, at {place}: they may be many times more or less than what is stored"
        )
    })
}

/// Where the first of them stands.
fn first(output: &ListOutput, sha256: &str) -> Option<String> {
    output.tables.get("finding")?.iter().find_map(|batch| {
        let column = |name: &str| batch.column_by_name(name)?.as_string_opt::<i32>();
        let (files, rules) = (column("source_file")?, column("rule")?);
        let places = column("source_location")?;
        let mut both = files.iter().zip(rules.iter());
        let row = both.position(|both| both == (Some(sha256), Some(UNIT_UNCLEAR)))?;
        places.iter().nth(row)?.map(str::to_owned)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::control::refusal;

    #[test]
    fn a_stated_unit_holds_a_file_that_is_compared_with_nothing() {
        assert_eq!(refusal("s", &[stated(2, true, "A!B1")]), None);
        let told = refusal("s", &[stated(2, false, "A!B1")]).unwrap();
        assert!(told.contains("not read in, at A!B1"), "{told}");
        assert!(told.contains("--accept s=REASON"), "{told}");
    }
}
