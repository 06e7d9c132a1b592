//! Statistics, regions and counts of participants in the demonstration, and who sees them.

use super::{files, run};

#[test]
fn counts_of_participants_are_in_no_public_place() {
    let folder = tempfile::tempdir().unwrap();
    let (code, out, err) = run(folder.path(), &["nightly"]);
    assert_eq!(code, 0, "{out}{err}");
    let (code, _, err) = run(
        folder.path(),
        &["sql", "SELECT count(*) FROM participation"],
    );
    assert_eq!(code, 2, "{err}");
    assert!(err.contains("there is no table participation"), "{err}");
    let warehouse = folder.path().join("warehouse");
    assert_eq!(files(&warehouse.join("restricted/participation")).len(), 1);
    assert!(!warehouse.join("data/participation").exists());
    let (code, out, err) = run(folder.path(), &["verify"]);
    assert_eq!(code, 0, "{out}{err}");
}

#[test]
fn the_tables_of_context_have_rows_and_join() {
    let folder = tempfile::tempdir().unwrap();
    run(folder.path(), &["nightly"]);
    let ask = |sql: &str| {
        let (code, out, err) = run(folder.path(), &["sql", sql]);
        assert_eq!(code, 0, "{sql}: {err}");
        out.lines().skip(1).map(String::from).collect::<Vec<_>>()
    };
    assert_eq!(
        ask(
            "SELECT c.comparison_name, s.value FROM region_statistic_current AS s \
             JOIN region_comparison AS c ON c.nuts_code = s.current_code AND c.nuts_version = s.current_version \
             WHERE s.statistic = 'unemployment_rate' AND s.nuts_code IN ('DEA1', 'SE11') \
             AND s.period_start = '2016-01-01' ORDER BY 1"
        ),
        ["Nordrhein-Westfalen,5.200000", "Stockholm,6.100000"]
    );
    assert_eq!(
        ask("SELECT count(DISTINCT x.to_code) FROM code_crosswalk AS x \
             JOIN code AS c ON c.code_list = x.to_list AND c.code = x.to_code WHERE x.from_code = 'CO15'"),
        ["3"]
    );
    assert_eq!(
        ask("SELECT rate FROM exchange_rate WHERE rate_date = '2024-01-03'"),
        ["11.100500"]
    );
    for table in [
        "price_level",
        "programme_absorption",
        "instrument_label",
        "region_change",
    ] {
        let rows = ask(&format!("SELECT count(*) FROM {table}"));
        assert_ne!(rows, ["0"], "{table}");
    }
}
