//! Sources that are held, in a release that would have nothing else new.
//!
//! A file that cannot be used leaves every table as it was. That its source is held is told by the record of the run and its
//! report, so it alone makes no release: somebody who compares the two would find no difference. A release that has other
//! news says of each source whether it was held then.

use std::collections::BTreeMap;

use esf_engine::release::{Release, ReleaseDraft, SourceState, TableState};

/// Where a draft has no other news, lets its sources be held or not as they were in the release before.
pub(super) fn settle(draft: &mut ReleaseDraft, previous: &Release) {
    if draft.program != previous.program
        || draft.steps != previous.steps
        || draft.checks != previous.checks
        || !same_tables(&draft.tables, &previous.tables)
    {
        return;
    }
    let mut sources = draft.sources.clone();
    for (source_id, state) in &mut sources {
        state.held = is_held(previous, source_id);
    }
    if sources == previous.sources {
        draft.sources = sources;
    }
}

fn is_held(release: &Release, source_id: &str) -> bool {
    let state = release.sources.get(source_id);
    state.is_some_and(|state: &SourceState| state.held)
}

/// Whether tables are of the same columns and files. A file is named by its hash.
fn same_tables(
    tables: &BTreeMap<String, TableState>,
    others: &BTreeMap<String, TableState>,
) -> bool {
    let files = |table: &TableState| -> BTreeMap<String, String> {
        let files = table.files.iter();
        files
            .map(|file| (file.path.clone(), file.partition.clone()))
            .collect()
    };
    let same = |one: &TableState, other: &TableState| {
        one.visibility == other.visibility
            && one.schema == other.schema
            && one.sort == other.sort
            && one.key == other.key
            && files(one) == files(other)
    };
    tables.len() == others.len()
        && (tables.iter()).all(|(name, table)| others.get(name).is_some_and(|o| same(table, o)))
}

#[cfg(test)]
mod tests {
    use esf_engine::release::{CheckResult, Publication, Warehouse};
    use esf_engine::store::Store;

    use super::*;

    fn draft(base: Option<&Release>, held: bool, check: &str) -> ReleaseDraft {
        let mut draft = ReleaseDraft::new(base, "made", "test");
        let state = SourceState {
            list_id: "list".to_owned(),
            held,
            ..SourceState::default()
        };
        draft.sources.insert("a".to_owned(), state);
        draft.checks.push(CheckResult {
            name: check.to_owned(),
            passed: true,
            ..CheckResult::default()
        });
        draft
    }

    #[tokio::test]
    async fn a_held_source_alone_is_no_release_and_goes_along_with_other_news() {
        let warehouse = Warehouse::new(Store::memory());
        let first = warehouse.publish(draft(None, false, "keys")).await.unwrap();
        let Publication::Published(first) = first else {
            panic!("{first:?}");
        };
        let mut held = draft(Some(&first), true, "keys");
        settle(&mut held, &first);
        let again = warehouse.publish(held).await.unwrap();
        assert!(matches!(again, Publication::Unchanged(_)), "{again:?}");

        let mut news = draft(Some(&first), true, "weights");
        settle(&mut news, &first);
        let second = warehouse.publish(news).await.unwrap();
        let Publication::Published(second) = second else {
            panic!("{second:?}");
        };
        assert!(second.sources["a"].held);
        // A source that is not held any more makes no release either.
        let mut sound = draft(Some(&second), false, "weights");
        settle(&mut sound, &second);
        let again = warehouse.publish(sound).await.unwrap();
        assert!(matches!(again, Publication::Unchanged(_)), "{again:?}");
    }
}
