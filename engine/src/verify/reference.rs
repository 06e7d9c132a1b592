//! Keys and references: that a key names one row, and that an id names a row that exists.
//!
//! A reference needs no declaration: a column `<table>_id` (or `<word>_<table>_id`) refers to the table whose key it is.

use arrow::{array::AsArray, datatypes::Int64Type};
use datafusion::prelude::SessionContext;

use super::{Fault, VerifyError, VerifyOptions};
use crate::{
    release::{Release, Warehouse},
    session::session,
};

/// A column whose values are keys of another table.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Reference<'a> {
    table: &'a str,
    column: &'a str,
    to: &'a str,
    key: &'a str,
}

pub(super) async fn check(
    warehouse: &Warehouse,
    release: &Release,
    options: &VerifyOptions,
) -> Result<Vec<Fault>, VerifyError> {
    let context = session(warehouse, release, options.access, &options.session)?;
    let mut faults = Vec::new();
    for (name, table) in release
        .tables
        .iter()
        .filter(|(_, table)| options.access.sees(table.visibility))
    {
        if table.key.is_empty() {
            continue;
        }
        let key: Vec<String> = table
            .key
            .iter()
            .map(|column| format!("\"{column}\""))
            .collect();
        let key = key.join(", ");
        let sql = format!(
            "SELECT count(*) FROM (SELECT 1 FROM \"{name}\" GROUP BY {key} HAVING count(*) > 1)"
        );
        let subject = format!("{name} ({})", table.key.join(", "));
        faults.extend(expect_none(&context, &sql, "key", subject, "keys name several rows").await);
    }
    for Reference {
        table,
        column,
        to,
        key,
    } in references(release, options)
    {
        let sql = format!(
            "SELECT count(*) FROM \"{table}\" t LEFT ANTI JOIN \"{to}\" r ON t.\"{column}\" = r.\"{key}\" \
             WHERE t.\"{column}\" IS NOT NULL"
        );
        let subject = format!("{table}.{column}");
        faults.extend(
            expect_none(
                &context,
                &sql,
                "reference",
                subject,
                &format!("rows name no {to}"),
            )
            .await,
        );
    }
    Ok(faults)
}

/// Every reference between visible tables.
fn references<'a>(release: &'a Release, options: &VerifyOptions) -> Vec<Reference<'a>> {
    let visible = || {
        release
            .tables
            .iter()
            .filter(|(_, table)| options.access.sees(table.visibility))
    };
    let mut found = Vec::new();
    for (to, target) in visible() {
        let [key] = target.key.as_slice() else {
            continue;
        };
        if *key != format!("{to}_id") {
            continue;
        }
        // A history remembers what is gone.
        let remembers = |table: &str| table.strip_suffix("_history") == Some(to.as_str());
        let others = visible().filter(|(table, _)| *table != to && !remembers(table));
        for (table, state) in others {
            let refers = |column: &str| {
                column
                    .strip_suffix(key.as_str())
                    .is_some_and(|rest| rest.is_empty() || rest.ends_with('_'))
            };
            let columns = state
                .schema
                .iter()
                .map(|column| column.name.as_str())
                .filter(|column| refers(column));
            found.extend(columns.map(|column| Reference {
                table,
                column,
                to,
                key,
            }));
        }
    }
    found.sort();
    found
}

/// A fault if the count that a query gives is not 0, or if it cannot be computed.
async fn expect_none(
    context: &SessionContext,
    sql: &str,
    check: &'static str,
    subject: String,
    what: &str,
) -> Option<Fault> {
    let count = async { context.sql(sql).await?.collect().await }.await;
    let message = match count {
        Ok(batches) => {
            let count = batches.first().map_or(0, |batch| {
                batch.column(0).as_primitive::<Int64Type>().value(0)
            });
            if count == 0 {
                return None;
            }
            format!("{count} {what}")
        }
        Err(error) => format!("cannot be checked: {error}"),
    };
    Some(Fault {
        check,
        subject,
        message,
    })
}
