-- A small made-up release for tests of views, metrics and comparisons; no row of it was ever published. Core tables as far as
-- views and metrics read them. The aggregate `none` counts nowhere; it is there so that what may be empty can be, also in
-- rows that a test adds.

CREATE TABLE operation AS SELECT * FROM (
    VALUES
    ('a', false, 'A', 'DE', 'DE21', '2014-2020', 'ESF', 'P1', 'L', '102', CAST(NULL AS VARCHAR), 'l1', CAST(0.5 AS DECIMAL(9, 6)), DATE '2016-01-01', DATE '2016-12-31'),
    ('a2', false, 'A', 'DE', 'DE21', '2014-2020', 'ESF', 'P1', 'L', '102', NULL, 'l2', 0.5, DATE '2016-01-01', DATE '2016-12-31'),
    ('b', false, 'B', 'DE', 'DE30', '2014-2020', 'ESF', 'P1', 'L', '103', NULL, 'l1', 0.5, DATE '2016-01-01', DATE '2016-01-31'),
    ('c', false, 'C', 'DE', 'DE', '2014-2020', 'ESF', 'P2', NULL, NULL, NULL, 'l1', NULL, NULL, NULL),
    ('s', false, 'S', 'SE', 'SE11', '2014-2020', 'ESF', NULL, NULL, NULL, NULL, 'l3', NULL, DATE '2020-01-01', DATE '2021-12-31'),
    ('many', true, '800 Personen', 'DE', 'DE21', '2014-2020', 'ESF', 'P1', NULL, NULL, NULL, 'l1', NULL, NULL, NULL),
    ('none', true, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'l1', NULL, NULL, NULL)
) AS made (operation_id, is_aggregate, title, country, nuts_code, period, fund, programme_id, intervention_list, intervention_code, instrument_id, list_id, union_rate, start_date, end_date);

CREATE TABLE operation_match AS SELECT * FROM (
    VALUES
    ('a', 'a2', true)
) AS made (operation_id, other_operation_id, preferred);

CREATE TABLE operation_amount AS SELECT * FROM (
    VALUES
    ('a', 'total_eligible', 'unknown', CAST(100.50 AS DECIMAL(18, 2)), 'EUR', false, NULL),
    ('a2', 'total_eligible', 'unknown', CAST(100.50 AS DECIMAL(18, 2)), 'EUR', false, NULL),
    ('b', 'total_eligible', 'unknown', CAST(300.00 AS DECIMAL(18, 2)), 'EUR', false, NULL),
    ('c', 'total_eligible', 'unknown', CAST(99.50 AS DECIMAL(18, 2)), 'EUR', false, NULL),
    ('c', 'granted', 'unknown', CAST(10.00 AS DECIMAL(18, 2)), 'SEK', false, NULL),
    ('s', 'total_eligible', 'unknown', CAST(731000.00 AS DECIMAL(18, 2)), 'SEK', false, CAST(NULL AS DATE)),
    ('none', 'total_eligible', 'unknown', CAST(1.00 AS DECIMAL(18, 2)), NULL, false, NULL)
) AS made (operation_id, amount_kind, financing_source, amount, currency, derived, amount_date);

CREATE TABLE operation_region AS SELECT * FROM (
    VALUES
    ('a', 'implementation', 'DE21H', '2024', CAST(0.5 AS DECIMAL(9, 8)), 'equal'),
    ('a', 'implementation', 'DE300', '2024', CAST(0.5 AS DECIMAL(9, 8)), 'equal'),
    ('b', 'implementation', 'DE300', '2024', CAST(1 AS DECIMAL(9, 8)), 'postcode'),
    ('b', 'seat', 'DE21H', '2024', CAST(1 AS DECIMAL(9, 8)), 'postcode'),
    ('c', 'implementation', 'DE', '2024', CAST(1 AS DECIMAL(9, 8)), 'none'),
    ('s', 'implementation', 'SE110', '2024', CAST(1 AS DECIMAL(9, 8)), 'place')
) AS made (operation_id, role, nuts_code, nuts_version, weight, method);

CREATE TABLE operation_organisation AS SELECT * FROM (
    VALUES
    ('a', 'beneficiary', 'o1'),
    ('b', 'beneficiary', 'o1'),
    ('c', 'beneficiary', 'o2'),
    ('s', 'beneficiary', 'o3')
) AS made (operation_id, role, organisation_id);

CREATE TABLE organisation AS SELECT organisation_id, nullif(name, '') AS name FROM (
    VALUES
    ('o1', 'Musterwerk gGmbH'),
    ('o2', 'Beispiel e.V.'),
    ('o3', 'Exempelby kommun')
) AS made (organisation_id, name);

CREATE TABLE operation_target AS SELECT * FROM (
    VALUES
    ('a', 'planned_participants', 10, CAST(NULL AS VARCHAR)),
    ('b', 'planned_participants', 0, CAST(NULL AS VARCHAR)),
    ('a', 'planned_jobs', 20, CAST(NULL AS VARCHAR))
) AS made (operation_id, measure, value, target_group);

CREATE TABLE region AS SELECT * FROM (
    VALUES
    ('DE', '2024', 0, 'Deutschland', 'DE'),
    ('SE', '2024', 0, 'Sverige', 'SE'),
    ('DE2', '2024', 1, 'Bayern', 'DE'),
    ('DE3', '2024', 1, 'Berlin', 'DE'),
    ('DE5', '2024', 1, 'Bremen', 'DE'),
    ('DE21H', '2024', 3, 'München, Landkreis', 'DE'),
    ('DE300', '2024', 3, 'Berlin', 'DE'),
    ('DE501', '2024', 3, 'Bremen, Kreisfreie Stadt', 'DE'),
    ('DE502', '2024', 3, 'Bremerhaven, Kreisfreie Stadt', 'DE'),
    ('DE600', '2024', 3, 'Hamburg', 'DE'),
    ('SE110', '2024', 3, 'Stockholms län', 'SE'),
    ('SE121', '2024', 3, 'Uppsala län', 'SE'),
    ('SE11', '2024', 2, 'Stockholm', 'SE'),
    ('SE12', '2024', 2, 'Östra Mellansverige', 'SE')
) AS made (nuts_code, nuts_version, level, name, country);

CREATE TABLE region_statistic AS SELECT * FROM (
    VALUES
    ('made', 'registered_unemployed', 'DE300', '2021', 'DE300', 'x', DATE '2016-01-01', DATE '2016-12-31', 'total', 'total', 'total', CAST(200 AS DECIMAL(18, 4)), 'ok', 'persons', CAST(NULL AS VARCHAR), 'f', 'l'),
    ('made', 'registered_unemployed', 'DE', '2021', 'DE', 'x', DATE '2016-01-01', DATE '2016-12-31', 'total', 'total', 'total', CAST(1000 AS DECIMAL(18, 4)), 'ok', 'persons', CAST(NULL AS VARCHAR), 'f', 'l'),
    ('made', 'registered_unemployed', 'DE21H', '2021', 'DE21H', 'x', DATE '2016-01-01', DATE '2016-12-31', 'total', 'total', 'total', CAST(NULL AS DECIMAL(18, 4)), 'blocked', 'persons', CAST(NULL AS VARCHAR), 'f', 'l'),
    ('made', 'registered_unemployed', 'DE501', '2021', 'DE501', 'x', DATE '2016-01-01', DATE '2016-12-31', 'total', 'total', 'total', CAST(30 AS DECIMAL(18, 4)), 'ok', 'persons', CAST(NULL AS VARCHAR), 'f', 'l'),
    ('made', 'registered_unemployed', 'DE50A', '2021', 'DE50A', 'x', DATE '2016-01-01', DATE '2016-12-31', 'total', 'total', 'total', CAST(10 AS DECIMAL(18, 4)), 'ok', 'persons', CAST(NULL AS VARCHAR), 'f', 'l'),
    ('made', 'registered_unemployed', 'DE50B', '2021', 'DE50B', 'x', DATE '2016-01-01', DATE '2016-12-31', 'total', 'total', 'total', CAST(15 AS DECIMAL(18, 4)), 'ok', 'persons', CAST(NULL AS VARCHAR), 'f', 'l')
) AS made (source_id, statistic, nuts_code, nuts_version, region_code, place, period_start, period_end, sex, age_group, population_group, value, value_status, unit, flags, source_file, source_location);

CREATE TABLE region_conversion AS SELECT * FROM (
    VALUES
    ('DE300', '2021', 'DE300', '2024', 'same', CAST(NULL AS VARCHAR)),
    ('DE', '2021', 'DE', '2024', 'same', CAST(NULL AS VARCHAR)),
    ('DE21H', '2021', 'DE21H', '2024', 'same', CAST(NULL AS VARCHAR)),
    ('DE501', '2021', 'DE500', '2024', 'part_of', CAST(NULL AS VARCHAR)),
    ('DE509', '2021', 'DE500', '2024', 'part_of', CAST(NULL AS VARCHAR)),
    ('DE50A', '2021', 'DE502', '2024', 'part_of', CAST(NULL AS VARCHAR)),
    ('DE50B', '2021', 'DE502', '2024', 'part_of', CAST(NULL AS VARCHAR))
) AS made (from_code, from_version, to_code, to_version, relation, reason);

CREATE TABLE price_level AS SELECT * FROM (
    VALUES
    ('SEK_PER_EUR', 'exchange_rate', 'SE', 2020, CAST(10 AS DECIMAL(18, 6)), 'ok', 'confirmed'),
    ('SEK_PER_EUR', 'exchange_rate', 'SE', 2021, CAST(12.5 AS DECIMAL(18, 6)), 'ok', 'confirmed'),
    ('CPI_RATE', 'national', 'DE', 2021, CAST(3 AS DECIMAL(18, 6)), 'ok', 'confirmed'),
    ('CPI_INDEX_2015', 'national', 'DE', 2016, CAST(100 AS DECIMAL(18, 6)), 'ok', 'confirmed'),
    ('CPI_INDEX_2015', 'national', 'DE', 2020, CAST(110 AS DECIMAL(18, 6)), 'ok', 'confirmed'),
    ('CPI_INDEX_2015', 'national', 'SE', 2020, CAST(105 AS DECIMAL(18, 6)), 'ok', 'confirmed'),
    ('CPI_INDEX_2015', 'national', 'SE', 2021, CAST(126 AS DECIMAL(18, 6)), 'ok', 'confirmed'),
    ('PPP_GDP', 'parity', 'DE', 2020, CAST(0.75 AS DECIMAL(18, 6)), 'ok', 'confirmed'),
    ('PPP_GDP', 'parity', 'SE', 2020, CAST(9 AS DECIMAL(18, 6)), 'ok', 'confirmed')
) AS made (series, kind, country, year, value, value_status, status);

CREATE TABLE programme AS SELECT * FROM (
    VALUES
    ('P1', 'Programm Eins', 'DE', '2014-2020', 'ESF'),
    ('P2', 'Programm Zwei', 'DE', '2014-2020', 'ESF'),
    ('P3', 'Program Tre', 'SE', '2014-2020', 'ESF')
) AS made (programme_id, name, country, period, fund);

-- Operation a has 30 women of 50 participants in 2016 and the same again as the whole of 2014 to 2016; its programme P1 has 100
-- of 160 in 2014 to 2022, which hold those of a. Operation b: its women are suppressed. P3 counts by region: Stockholm and,
-- suppressed, SE12.
CREATE TABLE participation_cell AS SELECT
    l AS indicator_list, i AS indicator_code, k AS count_of, o AS operation_id, p AS programme_id, r AS nuts_code, s AS sex,
    CAST(n AS BIGINT) AS n, CASE WHEN n IS NULL THEN 'suppressed' ELSE 'ok' END AS status, 'persons' AS unit_of_count,
    e AS estimation, make_date(f, 1, 1) AS period_start, make_date(t, 12, 31) AS period_end, 'total' AS age_group,
    'total' AS education, 'total' AS labour_status
FROM (
    VALUES
    ('INDICATOR_2014_20', 'CO01', 'indicator', 'a', NULL, NULL, 'total', 30, 'full', 2016, 2016),
    ('INDICATOR_2014_20', 'CO01', 'indicator', 'a', NULL, NULL, 'total', 30, 'full', 2014, 2016),
    ('INDICATOR_2014_20', 'CO03', 'indicator', 'a', NULL, NULL, 'total', 15, 'full', 2014, 2016),
    ('INDICATOR_2014_20', 'CO05', 'indicator', 'a', NULL, NULL, 'total', 5, 'full', 2014, 2016),
    ('INDICATOR_2014_20', 'CO01', 'indicator', 'a', NULL, NULL, 'f', 20, 'full', 2014, 2016),
    ('INDICATOR_2014_20', 'CO03', 'indicator', 'a', NULL, NULL, 'f', 7, 'full', 2014, 2016),
    ('INDICATOR_2014_20', 'CO05', 'indicator', 'a', NULL, NULL, 'f', 3, 'full', 2014, 2016),
    ('INDICATOR_2014_20', 'CO02', 'indicator', 'a', NULL, NULL, 'total', 12, 'full', 2014, 2016),
    ('INDICATOR_2014_20', 'CR04', 'indicator', 'a', NULL, NULL, 'total', 10, 'full', 2014, 2016),
    ('INDICATOR_2014_20', 'CR04', 'known', 'a', NULL, NULL, 'total', 40, 'full', 2014, 2016),
    ('INDICATOR_2014_20', 'CR06', 'indicator', 'a', NULL, NULL, 'total', 5, 'sample', 2014, 2016),
    ('INDICATOR_2014_20', 'CR06', 'known', 'a', NULL, NULL, 'total', 10, 'sample', 2014, 2016),
    ('INDICATOR_2021_27', 'EECO01', 'indicator', 'b', NULL, NULL, 'total', 60, 'full', 2022, 2022),
    ('INDICATOR_2021_27', 'EECO01', 'indicator', 'b', NULL, NULL, 'f', NULL, 'full', 2022, 2022),
    ('INDICATOR_2021_27', 'EECR04', 'indicator', 'b', NULL, NULL, 'total', NULL, 'full', 2022, 2022),
    ('INDICATOR_2021_27', 'EECO01', 'indicator', NULL, 'P1', NULL, 'f', 100, 'full', 2014, 2022),
    ('INDICATOR_2021_27', 'EECO01', 'indicator', NULL, 'P1', NULL, 'm', 60, 'full', 2014, 2022),
    ('INDICATOR_2021_27', 'EECO01', 'indicator', NULL, 'P1', NULL, 'total', 165, 'full', 2014, 2022),
    ('INDICATOR_2021_27', 'EECO01', 'indicator', NULL, 'P3', 'SE', 'total', 100, 'full', 2022, 2022),
    ('INDICATOR_2021_27', 'EECO01', 'indicator', NULL, 'P3', 'SE', 'f', 55, 'full', 2022, 2022),
    ('INDICATOR_2021_27', 'EECO01', 'indicator', NULL, 'P3', 'SE11', 'total', 90, 'full', 2022, 2022),
    ('INDICATOR_2021_27', 'EECO01', 'indicator', NULL, 'P3', 'SE11', 'f', 45, 'full', 2022, 2022),
    ('INDICATOR_2021_27', 'EECO01', 'indicator', NULL, 'P3', 'SE12', 'total', NULL, 'full', 2022, 2022),
    ('INDICATOR_2021_27', 'EECO01', 'indicator', NULL, 'P3', 'SE12', 'f', NULL, 'full', 2022, 2022)
) AS made (l, i, k, o, p, r, s, n, e, f, t);
