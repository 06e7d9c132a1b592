//! Bounded functions behave like the built-in ones, up to the bound; sets are registered.

use arrow::{array::AsArray, datatypes::DataType, util::pretty::pretty_format_batches};
use datafusion::{
    logical_expr::{ScalarUDF, Volatility, create_udf},
    prelude::SessionContext,
};

use super::*;

async fn ask(context: &SessionContext, sql: &str) -> Result<String, String> {
    let frame = context.sql(sql).await.map_err(|e| e.to_string())?;
    let batches = frame.collect().await.map_err(|e| e.to_string())?;
    Ok(pretty_format_batches(&batches).unwrap().to_string())
}

#[tokio::test]
async fn short_texts_are_made_as_ever() {
    let (plain, bounded) = (SessionContext::new(), SessionContext::new());
    register(&bounded);
    for sql in [
        "SELECT repeat('ab', 3), lpad('a', 4, 'x'), rpad('a', 4), repeat(NULL, 2), repeat('a', -1)",
        "SELECT repeat(t, n), lpad(t, n), rpad(t, n, '.') FROM (VALUES ('a', 2), (NULL, 3), ('bc', NULL)) AS v(t, n)",
    ] {
        assert_eq!(
            ask(&bounded, sql).await.unwrap(),
            ask(&plain, sql).await.unwrap()
        );
    }
}

#[tokio::test]
async fn huge_texts_are_refused() {
    let context = SessionContext::new();
    register(&context);
    for sql in [
        "SELECT repeat('x', 1000000000)",
        "SELECT length(repeat(repeat('x', 100000), 100000))",
        "SELECT lpad('x', 2000000000)",
        "SELECT rpad(t, 2000000000) FROM (VALUES ('a'), ('b')) AS v(t)",
        "SELECT repeat(t, 9223372036854775807) FROM (VALUES ('a'), ('b')) AS v(t)",
    ] {
        let error = ask(&context, sql).await.unwrap_err();
        assert!(error.contains("the most is"), "{sql}: {error}");
    }
}

#[derive(Debug)]
struct Shouting;

impl FunctionSet for Shouting {
    fn name(&self) -> &'static str {
        "shouting"
    }

    fn scalar(&self) -> Vec<ScalarUDF> {
        let shout = |args: &[datafusion::logical_expr::ColumnarValue]| Ok(args[0].clone());
        vec![create_udf(
            "shout",
            vec![DataType::Utf8],
            DataType::Utf8,
            Volatility::Immutable,
            std::sync::Arc::new(shout),
        )]
    }
}

#[tokio::test]
async fn other_crates_add_functions() {
    let context = SessionContext::new();
    register_set(&context, &Shouting);
    let batches = context
        .sql("SELECT shout('a')")
        .await
        .unwrap()
        .collect()
        .await
        .unwrap();
    assert_eq!(batches[0].column(0).as_string::<i32>().value(0), "a");
}
