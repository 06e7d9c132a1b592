//! The views that questions stand on: one folder each under `views/`, a `view.toml` that says what a row is and a
//! `view.sql`; and `annual_rate`, which comes from a code list.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::sync::LazyLock;

use datafusion::error::Result;
use datafusion::prelude::SessionContext;
use rust_embed::RustEmbed;
use serde::Deserialize;

#[derive(RustEmbed)]
#[folder = "views/"]
struct Folders;

/// A view over the core tables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    /// Name in SQL.
    pub name: String,
    /// Title for people.
    pub title: String,
    /// What one row is.
    pub grain: String,
    /// What it is for, and what it leaves out.
    pub description: String,
    /// Its query.
    pub sql: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ViewToml {
    title: String,
    grain: String,
    description: String,
}

/// All views, by name.
pub fn views() -> &'static [View] {
    static VIEWS: LazyLock<Vec<View>> = LazyLock::new(|| {
        let text = |path: &str| {
            let file = Folders::get(path)?;
            String::from_utf8(file.data.into_owned()).ok()
        };
        let mut views: Vec<View> = Folders::iter()
            .filter_map(|path| {
                let name = path.strip_suffix("/view.toml")?;
                let declared: ViewToml = toml::from_str(&text(&path)?).ok()?;
                Some(View {
                    name: name.to_string(),
                    title: declared.title,
                    grain: declared.grain,
                    description: declared.description,
                    sql: text(&format!("{name}/view.sql"))?,
                })
            })
            .chain([annual_rate()])
            .collect();
        views.sort_by(|a, b| a.name.cmp(&b.name));
        views
    });
    &VIEWS
}

/// Annual averages of exchange rates, from the code list that holds them.
fn annual_rate() -> View {
    let mut values = String::new();
    let list = esf_schemas::code_list("eur_sek_annual");
    for entry in list.map_or(&[][..], |list| &list.entries) {
        let rate = entry.get("sek_per_eur_avg").filter(|rate| is_number(rate));
        if let (Some(rate), Ok(year)) = (rate, entry.code.parse::<u16>()) {
            let comma = if values.is_empty() { "" } else { ", " };
            // Writing to a string cannot fail.
            let _ = write!(
                values,
                "{comma}('SEK', {year}, CAST({rate} AS DOUBLE), '{}')",
                entry.status.replace('\'', "''")
            );
        }
    }
    if values.is_empty() {
        values.push_str("('', 0, CAST(1 AS DOUBLE), '')");
    }
    View {
        name: "annual_rate".into(),
        title: "Annual averages of exchange rates".into(),
        grain: "currency and year".into(),
        description: "Units of a currency for one euro: averages of the ECB's daily reference rates, from the code list eur_sek_annual with its status.".into(),
        sql: format!(
            "-- Grain: currency and year. Inputs: the code list eur_sek_annual.\n\
             SELECT currency, year, units_per_eur, status,\n\
             CAST(make_date(CAST(year AS INT), 1, 1) AS INT) AS first_day,\n\
             CAST(make_date(CAST(year AS INT), 12, 31) AS INT) AS last_day\n\
             FROM (VALUES {values}) AS t (currency, year, units_per_eur, status)"
        ),
    }
}

fn is_number(text: &str) -> bool {
    text.parse::<f64>().is_ok_and(f64::is_finite)
}

/// Whether a text names something as a word of its own.
fn names(text: &str, name: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(name).any(|(at, _)| {
        !text[..at].ends_with(is_part) && !text[at + name.len()..].starts_with(is_part)
    })
}

/// Adds the views that a statement names, and those they stand on, to a session; planning views that nobody asks for
/// would cost every short question some milliseconds. Fails if a core table that a view needs is not registered.
pub async fn register_named(ctx: &SessionContext, statement: &str) -> Result<()> {
    let mut ordered: Vec<&View> = Vec::new();
    let mut seen = BTreeSet::new();
    gather(&statement.to_lowercase(), &mut seen, &mut ordered);
    for view in ordered {
        if ctx.table_exist(view.name.as_str())? {
            continue;
        }
        let plan = ctx.sql(&view.sql).await?.into_view();
        ctx.register_table(view.name.as_str(), plan)?;
    }
    Ok(())
}

/// Views that a text names, each behind those it stands on.
fn gather<'v>(text: &str, seen: &mut BTreeSet<&'v str>, ordered: &mut Vec<&'v View>) {
    for view in views() {
        if names(text, &view.name) && seen.insert(&view.name) {
            gather(&view.sql, seen, ordered);
            ordered.push(view);
        }
    }
}

#[cfg(test)]
mod tests {
    use datafusion::arrow::util::pretty::pretty_format_batches;

    use super::*;
    use crate::testing::session;

    #[test]
    fn every_view_says_what_a_row_is() {
        assert!(views().len() > 4);
        assert!(
            views()
                .iter()
                .all(|v| !v.grain.is_empty() && v.sql.starts_with("-- Grain: "))
        );
    }

    #[test]
    fn names_are_whole_words() {
        assert!(names("select 1 from funding", "funding"));
        assert!(!names("select funding_paid from x", "funding"));
    }

    async fn shown(question: &str) -> Result<String> {
        let ctx = session().await?;
        register_named(&ctx, question).await?;
        let rows = ctx.sql(question).await?.collect().await?;
        Ok(pretty_format_batches(&rows)?.to_string())
    }

    #[tokio::test]
    async fn an_operation_in_two_lists_counts_once_and_aggregates_do_not() -> Result<()> {
        let shown = shown("SELECT operation_id FROM counted_operation").await?;
        assert!(shown.contains("| a ") && !shown.contains("| a2 ") && !shown.contains("| many "));
        Ok(())
    }

    #[tokio::test]
    async fn kronor_are_converted_at_the_averages_of_their_years() -> Result<()> {
        // 366 days of 2020 and 365 of 2021; the averages are those of the code list.
        let rate = |year: &str| -> f64 {
            let list = esf_schemas::code_list("eur_sek_annual").expect("rates");
            let entry = list.by_code(year).expect("a year");
            entry
                .get("sek_per_eur_avg")
                .expect("a rate")
                .parse()
                .expect("a number")
        };
        let expected = 731_000.0 * (366.0 / 731.0 / rate("2020") + 365.0 / 731.0 / rate("2021"));
        let shown = shown(
            "SELECT amount_eur, fx_method FROM amount_eur WHERE operation_id = 's' AND currency = 'SEK'",
        )
        .await?;
        assert!(
            shown.contains(&format!("{expected:.2}")),
            "{shown} {expected}"
        );
        Ok(())
    }

    #[tokio::test]
    async fn what_cannot_be_converted_says_why() -> Result<()> {
        let shown = shown(
            "SELECT operation_id, amount_eur, fx_method FROM amount_eur WHERE amount_eur IS NULL ORDER BY 1",
        )
        .await?;
        assert!(shown.contains("no dates"), "{shown}");
        Ok(())
    }
}
