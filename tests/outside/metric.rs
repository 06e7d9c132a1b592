//! Each metric by its `metric.slt`: questions over the small made-up release, with answers that can be checked by hand.
//!
//! With `ESF_COMPLETE=1` the expectations are written anew from what comes out, for review.

use std::path::{Path, PathBuf};

use async_trait::async_trait;
use datafusion::arrow::util::display::{ArrayFormatter, FormatOptions};
use datafusion::error::DataFusionError;
use datafusion::prelude::SessionContext;
use esf_engine::session::{SessionOptions, working_session};
use esf_queries::{Metrics, register_comparisons, register_named};
use libtest_mimic::Trial;
use sqllogictest::{AsyncDB, DBOutput, DefaultColumnType, Runner};

use crate::trial;

pub(crate) fn trials() -> Vec<Trial> {
    let metrics = Metrics::bundled().expect("the bundled metrics are sound");
    metrics
        .iter()
        .map(|metric| {
            let file = folder()
                .join("metrics")
                .join(&metric.name)
                .join("metric.slt");
            trial(format!("metric::{}", metric.name), move || check(&file))
        })
        .collect()
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("queries")
}

fn check(file: &Path) {
    assert!(
        file.is_file(),
        "a metric proves itself in {}",
        file.display()
    );
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let mut runner = Runner::new(|| async { Release::new().await });
        if std::env::var_os("ESF_COMPLETE").is_some() {
            runner
                .update_test_file(
                    file,
                    " ",
                    sqllogictest::default_validator,
                    sqllogictest::default_normalizer,
                    sqllogictest::default_column_validator,
                )
                .await
                .expect("the file can be completed");
        } else if let Err(error) = runner.run_file_async(file).await {
            panic!("{}", error.display(false));
        }
    });
}

/// The made-up release, with everything that SQL has.
struct Release {
    ctx: SessionContext,
    metrics: Metrics,
}

impl Release {
    async fn new() -> Result<Self, DataFusionError> {
        let ctx = working_session(&SessionOptions::default())
            .map_err(|error| DataFusionError::External(Box::new(error)))?;
        let text = std::fs::read_to_string(folder().join("testing/made_release.sql"))?;
        for statement in text.split(";\n").filter(|text| !text.trim().is_empty()) {
            ctx.sql(statement).await?.collect().await?;
        }
        let metrics =
            Metrics::bundled().map_err(|error| DataFusionError::External(Box::new(error)))?;
        Ok(Self { ctx, metrics })
    }
}

#[async_trait]
impl AsyncDB for Release {
    type Error = DataFusionError;
    type ColumnType = DefaultColumnType;

    async fn run(&mut self, sql: &str) -> Result<DBOutput<DefaultColumnType>, DataFusionError> {
        register_comparisons(&self.ctx, &self.metrics, sql).await?;
        register_named(&self.ctx, sql).await?;
        let batches = self.ctx.sql(sql).await?.collect().await?;
        let Some(first) = batches.first() else {
            return Ok(DBOutput::StatementComplete(0));
        };
        let types = vec![DefaultColumnType::Any; first.num_columns()];
        let options = FormatOptions::default().with_null("NULL");
        let mut rows = Vec::new();
        for batch in &batches {
            let columns = batch
                .columns()
                .iter()
                .map(|column| ArrayFormatter::try_new(column, &options))
                .collect::<Result<Vec<_>, _>>()?;
            for row in 0..batch.num_rows() {
                rows.push(
                    columns
                        .iter()
                        .map(|column| column.value(row).to_string())
                        .collect(),
                );
            }
        }
        Ok(DBOutput::Rows { types, rows })
    }

    fn engine_name(&self) -> &'static str {
        "esf"
    }

    async fn shutdown(&mut self) {}
}
