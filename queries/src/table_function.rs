//! `compare('metric', 'dimension', 'key=value' …)` as a table in SQL: the answer that `esf compare` gives.
//!
//! A table function is called while a statement is planned, when nothing can be asked of the tables; so the calls of a
//! statement are found and answered before.

use std::collections::HashMap;
use std::sync::Arc;

use datafusion::catalog::{MemTable, TableFunctionArgs, TableFunctionImpl, TableProvider};
use datafusion::common::{Result, plan_err};
use datafusion::error::DataFusionError;
use datafusion::logical_expr::Expr;
use datafusion::prelude::SessionContext;
use datafusion::scalar::ScalarValue;

use crate::chart::Language;
use crate::compare::{Question, compare};
use crate::dimension::{Dimension, Level};
use crate::metric::Metrics;

const NAME: &str = "compare";
const USAGE: &str = "write it as compare('metric', 'dimension') with further 'country=DE', 'period=2014-2020', 'level=nuts2' or 'where=condition'";

/// Answers that a statement asks for, by the texts of the call.
#[derive(Debug, Default)]
struct Compared(HashMap<Vec<String>, Arc<dyn TableProvider>>);

impl TableFunctionImpl for Compared {
    fn call_with_args(&self, args: TableFunctionArgs) -> Result<Arc<dyn TableProvider>> {
        let texts: Option<Vec<String>> = args
            .exprs()
            .iter()
            .map(|expression| match expression {
                Expr::Literal(ScalarValue::Utf8(Some(text)), _) => Some(text.clone()),
                _ => None,
            })
            .collect();
        if let Some(table) = texts.and_then(|texts| self.0.get(&texts)) {
            return Ok(Arc::clone(table));
        }
        plan_err!("compare takes quoted texts only; {USAGE}")
    }
}

/// Makes the comparisons that a statement calls for available to it. Fails where one of them is refused.
pub async fn register_comparisons(
    ctx: &SessionContext,
    metrics: &Metrics,
    statement: &str,
) -> Result<()> {
    let mut answers = Compared::default();
    for texts in calls(statement) {
        let question = question(&texts)?;
        let answer = compare(ctx, metrics, &question)
            .await
            .map_err(|e| DataFusionError::Plan(e.to_string()))?;
        let batch = answer.batch()?;
        let table = MemTable::try_new(batch.schema(), vec![vec![batch]])?;
        answers.0.insert(texts, Arc::new(table));
    }
    ctx.register_udtf(NAME, Arc::new(answers));
    Ok(())
}

fn question(texts: &[String]) -> Result<Question> {
    let [metric, by, options @ ..] = texts else {
        return plan_err!("compare needs a metric and a dimension; {USAGE}");
    };
    let wrong = |cause: String| DataFusionError::Plan(format!("compare: {cause}"));
    let mut question = Question {
        metric: metric.clone(),
        by: by.parse::<Dimension>().map_err(wrong)?,
        level: Level::default(),
        country: None,
        period: None,
        filter: None,
        language: Language::En,
        citation: String::new(),
    };
    for option in options {
        match option.split_once('=') {
            Some(("country", country)) if country.contains(',') => {
                return plan_err!(
                    "compare takes each option as a text of its own, and {option:?} holds several; {USAGE}"
                );
            }
            Some(("country", country)) => question.country = Some(country.into()),
            Some(("period", period)) => question.period = Some(period.parse().map_err(wrong)?),
            Some(("level", level)) => question.level = level.parse().map_err(wrong)?,
            Some(("where", filter)) => question.filter = Some(filter.into()),
            _ => return plan_err!("compare does not know {option:?}; {USAGE}"),
        }
    }
    Ok(question)
}

/// The quoted texts of every call in a statement.
fn calls(statement: &str) -> Vec<Vec<String>> {
    let lower = statement.to_ascii_lowercase();
    let mut found = Vec::new();
    for (at, _) in lower.match_indices(NAME) {
        let before = lower[..at].chars().next_back();
        if before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '\'') {
            continue;
        }
        let rest = statement[at + NAME.len()..].trim_start();
        if let Some(texts) = rest.strip_prefix('(').and_then(arguments)
            && !found.contains(&texts)
        {
            found.push(texts);
        }
    }
    found
}

/// Quoted texts up to the closing bracket; `None` if something else stands there.
fn arguments(text: &str) -> Option<Vec<String>> {
    let mut texts = Vec::new();
    let mut rest = text.trim_start();
    loop {
        rest = rest.strip_prefix('\'')?;
        let mut value = String::new();
        loop {
            let end = rest.find('\'')?;
            value.push_str(&rest[..end]);
            rest = &rest[end + 1..];
            // A doubled quote is one inside the text.
            let Some(more) = rest.strip_prefix('\'') else {
                break;
            };
            value.push('\'');
            rest = more;
        }
        texts.push(value);
        rest = rest.trim_start();
        match rest.strip_prefix(',') {
            Some(more) => rest = more.trim_start(),
            None => return rest.starts_with(')').then_some(texts),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::session;

    #[test]
    fn calls_are_found_with_their_texts() {
        let statement = "SELECT * FROM compare('a', 'region') JOIN Compare ( 'b','year', 'where=fund = ''ESF''' ) USING (key)";
        assert_eq!(
            calls(statement),
            [vec!["a", "region"], vec!["b", "year", "where=fund = 'ESF'"]]
        );
        assert!(calls("SELECT compare_me('a'), 'compare(''x'')' FROM t").is_empty());
    }

    #[tokio::test]
    async fn a_comparison_is_a_table() -> Result<()> {
        let ctx = session().await?;
        let metrics = Metrics::bundled().expect("sound");
        let statement = "SELECT key, value FROM compare('funding_total_eligible', 'region', 'country=DE') WHERE value > 100";
        register_comparisons(&ctx, &metrics, statement).await?;
        let rows = ctx.sql(statement).await?.collect().await?;
        let shown = datafusion::arrow::util::pretty::pretty_format_batches(&rows)?.to_string();
        assert!(shown.contains("DE3") && !shown.contains("DE2"), "{shown}");
        let wrong = register_comparisons(
            &ctx,
            &metrics,
            "SELECT * FROM compare('duration', 'regoin')",
        )
        .await;
        assert!(
            wrong
                .unwrap_err()
                .to_string()
                .contains("nothing to compare by")
        );
        let several = "SELECT * FROM compare('duration', 'region', 'country=DE,level=nuts2')";
        let wrong = register_comparisons(&ctx, &metrics, several).await;
        let wrong = wrong.unwrap_err().to_string();
        assert!(wrong.contains("a text of its own"), "{wrong}");
        Ok(())
    }
}
