//! From core tables to answers. Owns the views that questions stand on: one folder each under `views/`, a `view.toml`
//! that says what a row is and a `view.sql`. Metrics and comparisons will stand on them. Knows no source and no file.

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

/// All views, in the order of their names; a view may stand on views before it.
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
            .collect();
        views.sort_by(|a, b| a.name.cmp(&b.name));
        views
    });
    &VIEWS
}

/// Adds the views that a statement names, and those they stand on, to a session; planning views that nobody asks for
/// would cost every short question some milliseconds. Fails if a core table that a view needs is not registered.
pub async fn register_named(ctx: &SessionContext, statement: &str) -> Result<()> {
    let statement = statement.to_lowercase();
    let mut wanted: Vec<&View> = Vec::new();
    for view in views().iter().rev() {
        let named = |text: &str| text.contains(&view.name);
        if named(&statement) || wanted.iter().any(|other| named(&other.sql)) {
            wanted.push(view);
        }
    }
    for view in wanted.into_iter().rev() {
        let plan = ctx.sql(&view.sql).await?.into_view();
        ctx.register_table(view.name.as_str(), plan)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use datafusion::arrow::util::pretty::pretty_format_batches;

    use super::*;

    async fn core_tables() -> Result<SessionContext> {
        let ctx = SessionContext::new();
        for (table, rows) in [
            (
                "operation (operation_id, is_aggregate)",
                "('a', false), ('b', false), ('c', true)",
            ),
            (
                "operation_match (operation_id, other_operation_id, preferred)",
                "('a', 'b', true)",
            ),
        ] {
            let (name, columns) = table.split_once(' ').unwrap_or((table, ""));
            let sql =
                format!("CREATE TABLE {name} AS SELECT * FROM (VALUES {rows}) AS t {columns}");
            ctx.sql(&sql).await?.collect().await?;
        }
        Ok(ctx)
    }

    #[test]
    fn every_view_says_what_a_row_is() {
        assert!(!views().is_empty());
        assert!(
            views()
                .iter()
                .all(|v| !v.grain.is_empty() && !v.sql.is_empty())
        );
    }

    #[tokio::test]
    async fn an_operation_in_two_lists_counts_once_and_aggregates_do_not() -> Result<()> {
        let ctx = core_tables().await?;
        let question = "SELECT operation_id FROM counted_operation ORDER BY 1";
        register_named(&ctx, question).await?;
        let rows = ctx.sql(question).await?.collect().await?;
        let shown = pretty_format_batches(&rows)?.to_string();
        assert!(
            shown.contains("| a ") && !shown.contains("| b ") && !shown.contains("| c "),
            "{shown}"
        );
        Ok(())
    }
}
