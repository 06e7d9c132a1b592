//! `esf releases`: what was published, newest last, and what changed from one to the next.

use esf_engine::release::{Release, ReleaseError, Visibility};

use crate::context::Context;
use crate::exit::{Exit, Outcome};
use crate::print::Rows;
use crate::report as telling;

/// Lists the releases that can be read, and says which cannot.
pub(super) async fn run(context: &Context) -> Outcome {
    let warehouse = context.warehouse()?;
    let (releases, unreadable) = warehouse.readable().await?;
    for (_, error) in &unreadable {
        telling::warn(error);
    }
    if releases.is_empty() && unreadable.is_empty() {
        crate::say(&format!(
            "nothing is published in {} yet; run `esf nightly` first",
            warehouse.location()
        ));
    }
    let before = std::iter::once(None).chain(releases.iter().map(Some));
    let changes: Vec<String> = releases
        .iter()
        .zip(before)
        .map(
            |(release, before)| match hidden(release, before, &unreadable) {
                Some(number) => format!("release {number} before it cannot be read"),
                None => changed(release, before),
            },
        )
        .collect();
    let all = || releases.iter();
    let rows = Rows::default()
        .int("release", all().map(|release| Some(release.number as i64)))
        .text(
            "content_hash",
            all().map(|release| Some(release.content_hash.as_str())),
        )
        .text(
            "created",
            all().map(|release| Some(format!("{:.0}", release.created_at))),
        )
        .int(
            "tables",
            all().map(|release| Some(release.tables.len() as i64)),
        )
        .int(
            "operations",
            all().map(|release| Some(rows(release, "operation"))),
        )
        .int(
            "sources",
            all().map(|release| Some(release.sources.len() as i64)),
        )
        .bool(
            "demonstration",
            all().map(|release| Some(release.demonstration)),
        )
        .text("changed", changes.into_iter().map(Some));
    context.printer.batch(&rows.batch()?)?;
    Ok(Exit::Done)
}

/// The last release that cannot be read between one and the one before of those that can.
fn hidden(
    release: &Release,
    before: Option<&Release>,
    unreadable: &[(u64, ReleaseError)],
) -> Option<u64> {
    let since = before.map_or(0, |before| before.number);
    let mut numbers = unreadable.iter().map(|(number, _)| *number);
    numbers.rfind(|number| (since..release.number).contains(number))
}

fn rows(release: &Release, table: &str) -> i64 {
    release.table(table).map_or(0, |table| table.rows() as i64)
}

fn is_restricted(release: &Release, table: &str) -> bool {
    let table = release.table(table);
    table.is_some_and(|table| table.visibility == Visibility::Restricted)
}

/// The tables whose files differ, with the difference in rows, unless these are people.
fn changed(release: &Release, before: Option<&Release>) -> String {
    let Some(before) = before else {
        return "first".to_owned();
    };
    let files = |release: &Release, name: &str| {
        release.table(name).map(|table| {
            table
                .files
                .iter()
                .map(|file| file.sha256.clone())
                .collect::<Vec<_>>()
        })
    };
    let names = release.tables.keys().chain(
        before
            .tables
            .keys()
            .filter(|name| !release.tables.contains_key(*name)),
    );
    let changed = names
        .filter(|name| files(release, name) != files(before, name))
        .map(|name| match rows(release, name) - rows(before, name) {
            // Releases of older programs tell how many rows of people they have.
            _ if is_restricted(release, name) || is_restricted(before, name) => name.clone(),
            0 => name.clone(),
            difference => format!("{name} {difference:+}"),
        });
    changed.collect::<Vec<_>>().join(", ")
}
