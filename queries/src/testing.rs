//! A small made-up release for the tests of this crate; no row of it was ever published.

use datafusion::error::Result;
use datafusion::prelude::SessionContext;

/// Core tables, as far as views and metrics read them.
const TABLES: &[(&str, &str, &str)] = &[
    (
        "operation",
        "operation_id, is_aggregate, title, country, nuts_code, period, fund, programme_id, intervention_list, \
         intervention_code, instrument_id, list_id, union_rate, start_date, end_date",
        "('a', false, 'A', 'DE', 'DE21', '2014-2020', 'ESF', 'P1', 'L', '102', NULL, 'l1', 0.5, DATE '2016-01-01', DATE '2016-12-31'), \
         ('a2', false, 'A', 'DE', 'DE21', '2014-2020', 'ESF', 'P1', 'L', '102', NULL, 'l2', 0.5, DATE '2016-01-01', DATE '2016-12-31'), \
         ('b', false, 'B', 'DE', 'DE30', '2014-2020', 'ESF', 'P1', 'L', '103', NULL, 'l1', 0.5, DATE '2016-01-01', DATE '2016-01-31'), \
         ('c', false, 'C', 'DE', 'DE', '2014-2020', 'ESF', 'P2', NULL, NULL, NULL, 'l1', NULL, NULL, NULL), \
         ('s', false, 'S', 'SE', 'SE11', '2014-2020', 'ESF', NULL, NULL, NULL, NULL, 'l3', NULL, DATE '2020-01-01', DATE '2021-12-31'), \
         ('many', true, '800 Personen', 'DE', 'DE21', '2014-2020', 'ESF', 'P1', NULL, NULL, NULL, 'l1', NULL, NULL, NULL)",
    ),
    (
        "operation_match",
        "operation_id, other_operation_id, preferred",
        "('a', 'a2', true)",
    ),
    (
        "operation_amount",
        "operation_id, amount_kind, financing_source, amount, currency, derived",
        "('a', 'total_eligible', 'unknown', CAST(100.50 AS DECIMAL(18, 2)), 'EUR', false), \
         ('a2', 'total_eligible', 'unknown', CAST(100.50 AS DECIMAL(18, 2)), 'EUR', false), \
         ('b', 'total_eligible', 'unknown', CAST(300.00 AS DECIMAL(18, 2)), 'EUR', false), \
         ('c', 'total_eligible', 'unknown', CAST(99.50 AS DECIMAL(18, 2)), 'EUR', false), \
         ('c', 'granted', 'unknown', CAST(10.00 AS DECIMAL(18, 2)), 'SEK', false), \
         ('s', 'total_eligible', 'unknown', CAST(731000.00 AS DECIMAL(18, 2)), 'SEK', false)",
    ),
    (
        "operation_region",
        "operation_id, role, nuts_code, nuts_version, weight, method",
        "('a', 'implementation', 'DE21H', '2024', CAST(0.5 AS DECIMAL(9, 8)), 'equal'), \
         ('a', 'implementation', 'DE300', '2024', CAST(0.5 AS DECIMAL(9, 8)), 'equal'), \
         ('b', 'implementation', 'DE300', '2024', CAST(1 AS DECIMAL(9, 8)), 'postcode'), \
         ('b', 'seat', 'DE21H', '2024', CAST(1 AS DECIMAL(9, 8)), 'postcode'), \
         ('c', 'implementation', 'DE', '2024', CAST(1 AS DECIMAL(9, 8)), 'none'), \
         ('s', 'implementation', 'SE110', '2024', CAST(1 AS DECIMAL(9, 8)), 'place')",
    ),
    (
        "operation_organisation",
        "operation_id, role, organisation_id",
        "('a', 'beneficiary', 'o1'), ('b', 'beneficiary', 'o1'), ('c', 'beneficiary', 'o2'), ('s', 'beneficiary', 'o3')",
    ),
    (
        "organisation",
        "organisation_id, name",
        "('o1', 'Musterwerk gGmbH'), ('o2', 'Beispiel e.V.'), ('o3', 'Exempelby kommun')",
    ),
    (
        "operation_target",
        "operation_id, measure, value",
        "('a', 'planned_participants', 10), ('b', 'planned_participants', 0)",
    ),
    (
        "region",
        "nuts_code, nuts_version, level, name, country",
        "('DE', '2024', 0, 'Deutschland', 'DE'), ('SE', '2024', 0, 'Sverige', 'SE'), \
         ('DE2', '2024', 1, 'Bayern', 'DE'), ('DE3', '2024', 1, 'Berlin', 'DE'), ('DE5', '2024', 1, 'Bremen', 'DE'), \
         ('SE11', '2024', 2, 'Stockholm', 'SE'), ('SE12', '2024', 2, 'Östra Mellansverige', 'SE')",
    ),
    (
        "region_statistic",
        "statistic, nuts_code, value, value_status, unit, sex, age_group, population_group",
        "('registered_unemployed', 'DE300', CAST(200 AS DECIMAL(18, 4)), 'ok', 'persons', 'total', 'total', 'total'), \
         ('registered_unemployed', 'DE21H', CAST(NULL AS DECIMAL(18, 4)), 'blocked', 'persons', 'total', 'total', 'total')",
    ),
    (
        "programme",
        "programme_id, name",
        "('P1', 'Programm Eins'), ('P2', 'Programm Zwei')",
    ),
];

/// A session over the made-up release, with the functions of the engine.
pub(crate) async fn session() -> Result<SessionContext> {
    let ctx = esf_engine::session::working_session(&esf_engine::session::SessionOptions::default())
        .map_err(|e| datafusion::error::DataFusionError::External(Box::new(e)))?;
    for (name, columns, rows) in TABLES {
        let query = format!("SELECT * FROM (VALUES {rows}) AS t ({columns})");
        let rows = ctx.sql(&query).await?.into_view();
        ctx.register_table(*name, rows)?;
    }
    Ok(ctx)
}
