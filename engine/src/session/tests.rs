//! Sessions see one release and only read.

use std::sync::Arc;

use arrow::util::pretty::pretty_format_batches;
use datafusion::{
    error::DataFusionError, execution::memory_pool::MemoryLimit, physical_plan::displayable,
    prelude::SessionContext,
};
use esf_schemas::Visibility;

use super::*;
use crate::{
    release::{Publication, Release, ReleaseDraft, Warehouse},
    store::Store,
    testing,
    write::TableSpec,
};

/// A release with a public, an operator and a restricted table, in several files.
async fn release(warehouse: &Warehouse) -> Release {
    let mut draft = ReleaseDraft::new(None, "run-1", "test");
    let visible = [
        (Visibility::Public, "amount"),
        (Visibility::Operator, "quarantine"),
        (Visibility::Restricted, "participation"),
    ];
    for (visibility, name) in visible {
        let spec = Arc::new(TableSpec {
            name: name.to_owned(),
            ..(*testing::spec(visibility)).clone()
        });
        let mut files = Vec::new();
        for (partition, (from, to)) in [(0, 60_000), (60_000, 150_000), (150_000, 150_010)]
            .into_iter()
            .enumerate()
        {
            files.push(
                testing::write(
                    warehouse,
                    &spec,
                    &partition.to_string(),
                    &[testing::rows(&spec, from, to)],
                )
                .await,
            );
        }
        draft.table(&spec, files);
    }
    draft.table(
        &TableSpec {
            name: "empty".to_owned(),
            ..(*testing::spec(Visibility::Public)).clone()
        },
        [],
    );
    match warehouse.publish(draft).await.unwrap() {
        Publication::Published(release) => release,
        other => panic!("{other:?}"),
    }
}

/// A session over a release as it is opened where nothing else is asked for.
fn opened(warehouse: &Warehouse, release: &Release, access: Access) -> SessionContext {
    session(warehouse, release, access, &SessionOptions::default()).unwrap()
}

async fn public() -> SessionContext {
    let warehouse = Warehouse::new(Store::memory());
    let release = release(&warehouse).await;
    opened(&warehouse, &release, Access::Public)
}

async fn ask(context: &SessionContext, sql: &str) -> Result<String, QueryError> {
    let batches = plan_query(context, sql).await?.collect().await.unwrap();
    Ok(pretty_format_batches(&batches).unwrap().to_string())
}

#[tokio::test]
async fn queries_are_answered_from_memory_and_from_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    let local = Warehouse::open(folder.path().to_str().unwrap()).unwrap();
    for warehouse in [Warehouse::new(Store::memory()), local] {
        let release = release(&warehouse).await;
        let context = opened(&warehouse, &release, Access::Public);
        let counts = ask(
            &context,
            "SELECT source_id, count(*) AS n FROM amount GROUP BY source_id ORDER BY source_id",
        )
        .await
        .unwrap();
        assert!(
            counts.contains("| source_02 | 50000 |") && counts.contains("| source_03 | 10    |"),
            "{counts}"
        );
        let one = ask(
            &context,
            "SELECT amount FROM esf.public.amount WHERE source_row = 77",
        )
        .await
        .unwrap();
        assert!(one.contains("| "), "{one}");
        let sum = ask(
            &context,
            "SELECT sum(amount) * 0.1 AS s FROM amount WHERE source_row < 3",
        )
        .await
        .unwrap();
        assert!(sum.contains("| 0.303 |"), "{sum}");
        assert!(
            ask(&context, "SELECT count(*) AS n FROM empty")
                .await
                .unwrap()
                .contains("| 0 |")
        );
        assert!(ask(&context, "SELECT * FROM empty").await.is_ok());
    }
}

#[tokio::test]
async fn counts_and_extremes_need_no_file() {
    let context = public().await;
    for sql in [
        "SELECT count(*) FROM amount",
        "SELECT min(source_id), max(source_id) FROM amount",
    ] {
        let plan = plan_query(&context, sql)
            .await
            .unwrap()
            .create_physical_plan()
            .await
            .unwrap();
        let text = displayable(plan.as_ref()).indent(false).to_string();
        assert!(!text.contains("DataSourceExec: file_groups"), "{text}");
    }
    let answer = ask(
        &context,
        "SELECT count(*), min(source_id), max(source_id) FROM amount",
    )
    .await
    .unwrap();
    assert!(
        answer.contains("150010") && answer.contains("source_00") && answer.contains("source_03"),
        "{answer}"
    );
}

#[tokio::test]
async fn filters_prune_by_statistics() {
    let context = public().await;
    let frame = plan_query(
        &context,
        "EXPLAIN ANALYZE SELECT * FROM amount WHERE source_id = 'source_03'",
    )
    .await
    .unwrap();
    let text = pretty_format_batches(&frame.collect().await.unwrap())
        .unwrap()
        .to_string();
    assert!(text.contains("predicate="), "{text}");
    assert!(
        text.contains("row_groups_pruned_statistics=1 total → 1 matched"),
        "{}",
        text.replace("  ", "")
    );
}

#[tokio::test]
async fn only_what_the_access_sees_is_there() {
    let warehouse = Warehouse::new(Store::memory());
    let release = release(&warehouse).await;
    for (access, seen) in [
        (Access::Public, 2),
        (Access::Operator, 3),
        (Access::Restricted, 4),
    ] {
        let context = opened(&warehouse, &release, access);
        let sql =
            "SELECT count(*) AS n FROM information_schema.tables WHERE table_schema = 'public'";
        assert!(
            ask(&context, sql)
                .await
                .unwrap()
                .contains(&format!("| {seen} |")),
            "{access:?}"
        );
    }
    let context = opened(&warehouse, &release, Access::Public);
    let error = ask(&context, "SELECT * FROM quarantine").await.unwrap_err();
    assert!(matches!(error, QueryError::UnknownTable { .. }));
}

#[tokio::test]
async fn a_restricted_store_of_its_own_is_read() {
    let warehouse = Warehouse::new(Store::memory()).with_restricted(Store::memory());
    let release = release(&warehouse).await;
    assert!(
        warehouse
            .store()
            .list("restricted")
            .await
            .unwrap()
            .is_empty()
    );
    let context = opened(&warehouse, &release, Access::Restricted);
    let sql = "SELECT count(amount) AS n FROM participation";
    assert!(
        ask(&context, sql).await.unwrap().contains("128580"),
        "{}",
        ask(&context, sql).await.unwrap()
    );
}

#[tokio::test]
async fn everything_that_writes_or_reads_elsewhere_is_refused() {
    let context = public().await;
    for sql in [
        "CREATE TABLE t AS SELECT 1",
        "CREATE VIEW v AS SELECT 1",
        "CREATE EXTERNAL TABLE t STORED AS CSV LOCATION '/etc/passwd'",
        "DROP TABLE amount",
        "INSERT INTO amount SELECT * FROM amount",
        "UPDATE amount SET amount = 0",
        "DELETE FROM amount",
        "TRUNCATE TABLE amount",
        "COPY amount TO 'x.csv'",
        "COPY (SELECT 1) TO 'x.parquet'",
        "SET datafusion.runtime.memory_limit = '1G'",
        "SET datafusion.execution.batch_size = 1",
        "RESET datafusion.execution.batch_size",
        "EXPLAIN ANALYZE COPY amount TO 'x.csv'",
        "EXPLAIN INSERT INTO amount SELECT * FROM amount",
        "PREPARE p AS SELECT 1",
        "EXECUTE p",
        "BEGIN",
        "CREATE FUNCTION f() RETURNS INT RETURN 1",
        "SELECT * INTO other FROM amount",
        "SELECT * FROM '/etc/passwd'",
        "SELECT * FROM 'file.parquet'",
        "SELECT * FROM \"file:///etc/passwd\"",
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT 1; DROP TABLE amount",
        "",
        "-- nothing",
    ] {
        let error = ask(&context, sql)
            .await
            .err()
            .unwrap_or_else(|| panic!("{sql} was accepted"));
        assert!(!error.to_string().contains('\n'), "{sql}: {error}");
    }
    for sql in [
        "CREATE TABLE t AS SELECT 1",
        "COPY amount TO 'x.csv'",
        "SELECT * INTO other FROM amount",
    ] {
        assert!(
            matches!(ask(&context, sql).await, Err(QueryError::ReadOnly { .. })),
            "{sql}"
        );
    }
}

/// Keeps what a statement asks for; gives the number of rows of a table.
async fn keep(context: &SessionContext, sql: &str) -> Result<Option<usize>, QueryError> {
    match plan_statement(context, sql).await? {
        Planned::Temporary(temporary) => Ok(temporary.create().await.unwrap()),
        Planned::Rows(_) => panic!("{sql} gives rows"),
    }
}

#[tokio::test]
async fn what_a_session_keeps_is_its_own() {
    let context = public().await;
    let few = "TEMP TABLE few AS SELECT g.value AS n FROM generate_series(1, 20000) AS g";
    assert_eq!(
        keep(&context, &format!("CREATE {few}")).await.unwrap(),
        Some(20_000)
    );
    let even = "CREATE TEMPORARY VIEW even AS SELECT n FROM few WHERE n % 2 = 0";
    assert_eq!(keep(&context, even).await.unwrap(), None);
    let count = async |table: &str| {
        ask(&context, &format!("SELECT count(*) AS n FROM {table}"))
            .await
            .unwrap()
    };
    assert!(count("few").await.contains("| 20000 |"));
    assert!(count("even").await.contains("| 10000 |"));

    // What is there stays, or is replaced from itself.
    let unless = "CREATE TEMP TABLE IF NOT EXISTS few AS SELECT x.no FROM nothing AS x";
    assert_eq!(keep(&context, unless).await.unwrap(), None);
    assert!(count("few").await.contains("| 20000 |"));
    let replaced = "CREATE OR REPLACE TEMP TABLE few AS SELECT f.n FROM few AS f WHERE f.n > 19990";
    assert_eq!(keep(&context, replaced).await.unwrap(), Some(10));
    assert!(count("few").await.contains("| 10 |"));
    assert!(count("even").await.contains("| 10000 |"));

    // A query that gives no row has its columns.
    let nobody = "CREATE TEMP TABLE nobody AS SELECT f.n FROM few AS f WHERE f.n < 0";
    assert_eq!(keep(&context, nobody).await.unwrap(), Some(0));
    let found = ask(&context, "SELECT count(o.n) AS n FROM nobody AS o").await;
    assert!(found.unwrap().contains("| 0 |"));

    for sql in [
        "CREATE TEMP TABLE few AS SELECT 1 AS n",
        "CREATE TEMP VIEW few AS SELECT 1 AS n",
        "CREATE OR REPLACE TEMP TABLE amount AS SELECT 1 AS n",
        "CREATE TEMP TABLE esf.public.one AS SELECT 1 AS n",
        "CREATE TEMP TABLE one (n INT) AS SELECT 1 AS n",
        "CREATE TEMP TABLE one (n INT)",
        "CREATE TEMP TABLE one ON COMMIT DROP AS SELECT 1 AS n",
        "CREATE TEMP VIEW one (n) AS SELECT 1 AS n",
        "CREATE OR REPLACE TEMP TABLE IF NOT EXISTS one AS SELECT 1 AS n",
        "CREATE TEMP TABLE one AS SELECT a.n, b.n FROM few AS a JOIN few AS b ON a.n = b.n",
    ] {
        let error = keep(&context, sql).await.unwrap_err();
        assert!(
            matches!(error, QueryError::Temporary { .. }),
            "{sql}: {error}"
        );
    }
    // Nor does it open another way to write, and it is no query.
    for sql in [
        "CREATE TABLE one AS SELECT 1 AS n",
        "CREATE VIEW one AS SELECT 1 AS n",
        "CREATE TEMP TABLE one AS SELECT * INTO other FROM amount",
        "EXPLAIN CREATE TEMP TABLE one AS SELECT 1 AS n",
    ] {
        let error = plan_statement(&context, sql).await.err();
        assert!(matches!(error, Some(QueryError::ReadOnly { .. })), "{sql}");
    }
    let error = ask(&context, &format!("CREATE {few}")).await.unwrap_err();
    assert!(matches!(error, QueryError::ReadOnly { .. }), "{error}");
    assert!(ask(&context, "SELECT * FROM one").await.is_err());
}

#[tokio::test]
async fn a_query_that_is_to_be_kept_is_read_like_any_other() {
    let context = public().await;
    let error = keep(
        &context,
        "CREATE TEMP TABLE one AS\nSELECT amonut FROM amount",
    )
    .await
    .unwrap_err();
    let place = Place { line: 2, column: 8 };
    assert_eq!(error.place(), Some(place), "{error}");
    let error = keep(&context, "CREATE TEMP TABLE one AS SELECT * FROM amuont")
        .await
        .unwrap_err();
    assert!(matches!(error, QueryError::UnknownTable { .. }), "{error}");
}

#[tokio::test]
async fn rows_that_are_kept_count_as_memory_until_they_go() {
    let bound = 16 << 20;
    // What the session may hold, or where it may hold as much as it likes, what its tables may.
    for (memory_limit, kept_limit) in [(Some(bound), None), (None, Some(bound))] {
        let options = SessionOptions {
            target_partitions: Some(1),
            memory_limit,
            kept_limit,
            ..SessionOptions::default()
        };
        let context = working_session(&options).unwrap();
        let rows = |name: &str, n: u32| {
            format!(
                "CREATE OR REPLACE TEMP TABLE {name} AS
                SELECT lpad(CAST(g.value AS VARCHAR), 64, '0') AS text FROM generate_series(1, {n}) AS g"
            )
        };
        let too_much = async |name: &str, n: u32| {
            let planned = plan_statement(&context, &rows(name, n)).await.unwrap();
            let Planned::Temporary(many) = planned else {
                panic!("it is a table");
            };
            let error = many.create().await.unwrap_err();
            let DataFusionError::ResourcesExhausted(message) = error.find_root() else {
                panic!("{error}");
            };
            let told =
                message.contains("temporary tables of a session may take 16.0 MiB unless --memory");
            assert_eq!(told, kept_limit.is_some(), "{message}");
        };
        too_much("kept", 1_000_000).await;
        // Each takes a quarter of what there is, and those before it have gone.
        for _ in 0..10 {
            let kept = keep(&context, &rows("kept", 50_000)).await.unwrap();
            assert_eq!(kept, Some(50_000));
        }
        // All tables count together.
        keep(&context, &rows("beside", 50_000)).await.unwrap();
        too_much("more", 150_000).await;
    }
}

#[test]
fn tables_that_are_kept_leave_something_of_the_machine() {
    let Some(there) = crate::doctor::memory_there() else {
        return;
    };
    let MemoryLimit::Finite(most) = super::temporary::Room::new(None).pool().memory_limit() else {
        panic!("there is a bound where the system says how much memory there is");
    };
    assert_eq!(most as u64, there / 5 * 4, "four fifths");
}

#[tokio::test]
async fn everything_that_reads_is_answered() {
    let context = public().await;
    for sql in [
        "SHOW TABLES",
        "DESCRIBE amount",
        "SHOW COLUMNS FROM amount",
        "EXPLAIN SELECT * FROM amount",
        "VALUES (1, 'a')",
        "WITH a AS (SELECT * FROM amount LIMIT 1) SELECT * FROM a",
        "SELECT * FROM amount LIMIT 1;",
        "SELECT * FROM generate_series(1, 3)",
        "SELECT a.amount FROM amount a JOIN amount b USING (operation_id) LIMIT 1",
        "SELECT 1 UNION ALL SELECT 2",
    ] {
        if let Err(error) = ask(&context, sql).await {
            panic!("{sql}: {error}");
        }
    }
}

#[tokio::test]
async fn errors_say_where_and_what_was_probably_meant() {
    let context = public().await;
    let show = async |sql: &str| ask(&context, sql).await.unwrap_err().show(sql);
    let text = show("SELECT *\nFROM amuont").await;
    assert_eq!(
        text,
        "line 2, column 6: there is no table amuont; did you mean amount?\n  FROM amuont\n       ^"
    );
    let text = show("SELECT source_id,\n\tamonut FROM amount").await;
    assert_eq!(
        text,
        "line 2, column 2: there is no column amonut; did you mean amount?\n  \tamonut FROM amount\n  \t^"
    );
    let text = show("SELECT x.amonut FROM amount x").await;
    assert!(
        text.contains("column x.amonut; did you mean amount?"),
        "{text}"
    );
    let text = show("SELECT * FROM amount WHER amount > 1").await;
    assert!(
        text.starts_with("line 1, column 27: ") && text.ends_with('^'),
        "{text}"
    );
    let text = show("SELECT 'open").await;
    assert!(text.starts_with("line 1, column "), "{text}");
    let text = show("SELECT coutn(*) FROM amount").await;
    assert!(text.contains("count"), "{text}");
    let text = show("SELECT sum(source_id) FROM amount").await;
    assert!(text.contains("sum") && !text.contains("bug"), "{text}");
}

#[tokio::test]
async fn chains_and_nesting_are_bounded() {
    let context = public().await;
    let chain = |n: usize, part: &str| format!("SELECT 1{}", part.repeat(n));
    let nested = |n: usize, open: &str, close: &str| {
        format!("SELECT {}1{}", open.repeat(n), close.repeat(n))
    };
    for sql in [
        chain(500, " + 1"),
        chain(100_000, "+1"),
        chain(5_000, " OR 1"),
        chain(5_000, " UNION ALL SELECT 1"),
        chain(5_000, " = 1"),
        nested(5_000, "(", ")"),
        nested(5_000, "CASE WHEN true THEN ", " END"),
        nested(5_000, "abs(1 + ", ")"),
        nested(39, &format!("abs({}", "1 + ".repeat(20)), ")"),
        format!("SELECT {} 1", "NOT ".repeat(5_000)),
        format!("SELECT {} 1", "- ".repeat(5_000)),
        format!("SELECT * FROM {}", vec!["amount"; 1_000].join(", ")),
        " ".repeat(2_000_000),
    ] {
        assert!(
            matches!(
                ask(&context, &sql).await,
                Err(QueryError::TooComplex { .. })
            ),
            "{sql:.40}"
        );
    }
    // Each part is read twice by the next, so that the last is a plan of thousands of steps.
    let doubled = |n: usize| {
        let parts = (1..=n).map(|n| {
            let before = n - 1;
            format!(", t{n} AS (SELECT a.n FROM t{before} AS a JOIN t{before} AS b ON a.n = b.n)")
        });
        let parts = parts.collect::<Vec<_>>().concat();
        format!("WITH t0 AS (SELECT 1 AS n){parts} SELECT t.n FROM t{n} AS t")
    };
    let error = ask(&context, &doubled(12)).await.unwrap_err();
    assert!(matches!(error, QueryError::TooManySteps { .. }), "{error}");
    ask(&context, &doubled(4)).await.unwrap();
    // What is allowed has to work on the stack of a test thread too.
    ask(&context, &chain(200, " + 1")).await.unwrap();
    ask(&context, &chain(100, " UNION ALL SELECT 1"))
        .await
        .unwrap();
    let alternatives = vec!["source_row = 1"; 190].join(" OR ");
    ask(
        &context,
        &format!("SELECT count(*) FROM amount WHERE {alternatives}"),
    )
    .await
    .unwrap();
    let cases = "WHEN source_row = 1 THEN 2 ".repeat(300);
    ask(
        &context,
        &format!("SELECT max(CASE {cases} END) FROM amount"),
    )
    .await
    .unwrap();
    let numbers: Vec<String> = (0..5_000).map(|n| n.to_string()).collect();
    ask(
        &context,
        &format!(
            "SELECT count(*) FROM amount WHERE source_row IN ({})",
            numbers.join(",")
        ),
    )
    .await
    .unwrap();
}

#[tokio::test]
async fn a_small_memory_limit_spills_and_gives_the_same_rows() {
    let warehouse = Warehouse::new(Store::memory());
    let release = release(&warehouse).await;
    let folder = tempfile::tempdir().unwrap();
    let sql = "SELECT * FROM amount ORDER BY operation_id, source_row";
    let mut answers = Vec::new();
    for (memory_limit, partitions) in [(None, 1), (Some(24 << 20), 1), (Some(48 << 20), 2)] {
        let options = SessionOptions {
            memory_limit,
            target_partitions: Some(partitions),
            spill_dir: Some(folder.path().to_owned()),
            ..SessionOptions::default()
        };
        let context = session(&warehouse, &release, Access::Public, &options).unwrap();
        answers.push(ask(&context, sql).await.unwrap());
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]));
}

/// Rows that a sort under a limit of a few megabytes cannot hold.
#[tokio::test]
async fn a_sort_beyond_the_memory_limit_goes_by_the_disk() {
    use futures::TryStreamExt;
    let options = SessionOptions {
        target_partitions: Some(1),
        memory_limit: Some(16 << 20),
        ..SessionOptions::default()
    };
    let context = working_session(&options).unwrap();
    // Multiplying by a number without a common factor with the modulus visits every row once, in no order.
    let sql = "SELECT lpad(CAST(value * 7919 % 400000 AS VARCHAR), 64, '0') AS text
        FROM generate_series(0, 399999) ORDER BY text";
    let mut sorted = context
        .sql(sql)
        .await
        .unwrap()
        .execute_stream()
        .await
        .unwrap();
    let mut rows = sorted.try_next().await.unwrap().unwrap().num_rows();
    let progress = context.runtime_env().disk_manager.spilling_progress();
    assert!(progress.active_files_count > 0, "{progress:?}");
    while let Some(batch) = sorted.try_next().await.unwrap() {
        rows += batch.num_rows();
    }
    assert_eq!(rows, 400_000);
}
