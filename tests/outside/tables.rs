//! SQL over the newest release of a warehouse, answers as text.

use std::path::Path;

use arrow::array::{Array, RecordBatch};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use datafusion::prelude::SessionContext;
use esf_engine::release::{Release, Warehouse};
use esf_engine::session::{Access, SessionOptions, session};
use tokio::runtime::Runtime;

/// A row of an answer; null is none.
pub(crate) type Row = Vec<Option<String>>;

/// A session over the newest release, quarantine included.
pub(crate) struct Tables {
    runtime: Runtime,
    context: SessionContext,
    pub(crate) release: Release,
}

impl Tables {
    pub(crate) fn open(warehouse: &Path) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let warehouse = Warehouse::open(warehouse.to_str().unwrap()).unwrap();
        let release = runtime
            .block_on(warehouse.latest())
            .unwrap()
            .expect("something was published");
        let options = SessionOptions {
            target_partitions: Some(1),
            ..SessionOptions::default()
        };
        let context = session(&warehouse, &release, Access::Operator, &options).unwrap();
        Self {
            runtime,
            context,
            release,
        }
    }

    /// The answer in batches.
    pub(crate) fn batches(&self, sql: &str) -> Vec<RecordBatch> {
        self.runtime
            .block_on(async { self.context.sql(sql).await?.collect().await })
            .unwrap_or_else(|error| panic!("{sql}: {error}"))
    }

    /// The answer as rows of text.
    pub(crate) fn rows(&self, sql: &str) -> Vec<Row> {
        let options = FormatOptions::default();
        let mut rows = Vec::new();
        for batch in self.batches(sql) {
            let columns: Vec<_> = batch
                .columns()
                .iter()
                .map(|column| ArrayFormatter::try_new(column.as_ref(), &options).unwrap())
                .collect();
            rows.extend((0..batch.num_rows()).map(|row| {
                columns
                    .iter()
                    .enumerate()
                    .map(|(i, text)| {
                        batch
                            .column(i)
                            .is_valid(row)
                            .then(|| text.value(row).to_string())
                    })
                    .collect()
            }));
        }
        rows
    }

    /// As [`Tables::rows`], with the cells of a row joined by `|` and null as `-`: for comparing at a glance.
    pub(crate) fn lines(&self, sql: &str) -> Vec<String> {
        self.rows(sql)
            .into_iter()
            .map(|row| {
                row.into_iter()
                    .map(|cell| cell.unwrap_or_else(|| "-".into()))
                    .collect::<Vec<_>>()
                    .join("|")
            })
            .collect()
    }

    /// The only column of the answer.
    pub(crate) fn column(&self, sql: &str) -> Vec<String> {
        self.lines(sql)
    }

    /// The only number of the answer.
    pub(crate) fn number(&self, sql: &str) -> i64 {
        self.lines(sql)[0].parse().unwrap_or(0)
    }
}
