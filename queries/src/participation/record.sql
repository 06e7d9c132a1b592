-- Grain: indicator, operation (or programme, where a record names no operation), region, sex and calendar year. Inputs:
-- participant, operation, programme. Population: records of participations; results count those who left, by their year of
-- leaving, outputs those who entered.
WITH rule AS (
    -- Annex I of Regulations (EU) No 1304/2013 and 2021/1057: whom an indicator is true of. Ages are bounds, other attributes words.
    SELECT *
    FROM (
        VALUES
        ('INDICATOR_2014_20', 'CO01', 'labour_status', '|unemployed|long_term_unemployed|', NULL, NULL),
        ('INDICATOR_2014_20', 'CO02', 'labour_status', '|long_term_unemployed|', NULL, NULL),
        ('INDICATOR_2014_20', 'CO03', 'labour_status', '|inactive|inactive_in_education|', NULL, NULL),
        ('INDICATOR_2014_20', 'CO04', 'labour_status', '|inactive|', NULL, NULL),
        ('INDICATOR_2014_20', 'CO05', 'labour_status', '|employed|', NULL, NULL),
        ('INDICATOR_2014_20', 'CO06', 'age', NULL, 0, 24),
        ('INDICATOR_2014_20', 'CO07', 'age', NULL, 55, 150),
        ('INDICATOR_2014_20', 'CO09', 'education', '|isced_0_2|', NULL, NULL),
        ('INDICATOR_2014_20', 'CO10', 'education', '|isced_3_4|', NULL, NULL),
        ('INDICATOR_2014_20', 'CO11', 'education', '|isced_5_8|', NULL, NULL),
        ('INDICATOR_2014_20', 'CO15', 'foreign_background', '|yes|', NULL, NULL),
        ('INDICATOR_2014_20', 'CO16', 'disability', '|yes|', NULL, NULL),
        ('INDICATOR_2014_20', 'CR02', 'status_on_leaving', '|education|', NULL, NULL),
        ('INDICATOR_2014_20', 'CR04', 'status_on_leaving', '|employed|', NULL, NULL),
        ('INDICATOR_2014_20', 'CR06', 'status_6_months', '|employed|', NULL, NULL),
        ('INDICATOR_2021_27', 'EECO01', 'any', NULL, NULL, NULL),
        ('INDICATOR_2021_27', 'EECO02', 'labour_status', '|unemployed|long_term_unemployed|', NULL, NULL),
        ('INDICATOR_2021_27', 'EECO03', 'labour_status', '|long_term_unemployed|', NULL, NULL),
        ('INDICATOR_2021_27', 'EECO04', 'labour_status', '|inactive|inactive_in_education|', NULL, NULL),
        ('INDICATOR_2021_27', 'EECO05', 'labour_status', '|employed|', NULL, NULL),
        ('INDICATOR_2021_27', 'EECO06', 'age', NULL, 0, 17),
        ('INDICATOR_2021_27', 'EECO07', 'age', NULL, 18, 29),
        ('INDICATOR_2021_27', 'EECO08', 'age', NULL, 55, 150),
        ('INDICATOR_2021_27', 'EECO09', 'education', '|isced_0_2|', NULL, NULL),
        ('INDICATOR_2021_27', 'EECO10', 'education', '|isced_3_4|', NULL, NULL),
        ('INDICATOR_2021_27', 'EECO11', 'education', '|isced_5_8|', NULL, NULL),
        ('INDICATOR_2021_27', 'EECO12', 'disability', '|yes|', NULL, NULL),
        ('INDICATOR_2021_27', 'EECO14', 'foreign_background', '|yes|', NULL, NULL),
        ('INDICATOR_2021_27', 'EECR02', 'status_on_leaving', '|education|', NULL, NULL),
        ('INDICATOR_2021_27', 'EECR04', 'status_on_leaving', '|employed|', NULL, NULL),
        ('INDICATOR_2021_27', 'EECR05', 'status_6_months', '|employed|', NULL, NULL)
    ) AS listed (indicator_list, indicator_code, attribute, words, least, most)
),
period AS (
    SELECT operation_id, min(period) AS period FROM operation GROUP BY operation_id
),
record AS (
    SELECT
        p.*,
        CASE WHEN p.operation_id IS NULL THEN p.programme_id END AS of_programme,
        CASE
            WHEN coalesce(o.period, g.period, CASE WHEN p.entry_date >= DATE '2021-01-01' THEN '2021-2027' END) = '2021-2027'
                THEN 'INDICATOR_2021_27'
            ELSE 'INDICATOR_2014_20'
        END AS of_list
    FROM participant AS p
    LEFT JOIN period AS o ON o.operation_id = p.operation_id
    LEFT JOIN (SELECT programme_id, min(period) AS period FROM programme GROUP BY programme_id) AS g
        ON g.programme_id = p.programme_id
),
-- Each record under each indicator of its list that could be true of it.
judged AS (
    SELECT
        r.indicator_list,
        r.indicator_code,
        p.operation_id,
        p.of_programme AS programme_id,
        p.nuts_code,
        p.sex,
        date_part('year', CASE WHEN starts_with(r.attribute, 'status_') THEN p.exit_date ELSE p.entry_date END) AS year,
        CASE WHEN r.attribute = 'status_6_months' THEN 'sample' ELSE 'full' END AS estimation,
        starts_with(r.attribute, 'status_') AS is_result,
        CASE r.attribute
            WHEN 'any' THEN true
            WHEN 'age' THEN p.age >= r.least AND p.age <= r.most
            WHEN 'labour_status' THEN strpos(r.words, concat('|', p.labour_status, '|')) > 0
            WHEN 'education' THEN strpos(r.words, concat('|', p.education, '|')) > 0
            WHEN 'disability' THEN strpos(r.words, concat('|', p.disability, '|')) > 0
            WHEN 'foreign_background' THEN strpos(r.words, concat('|', p.foreign_background, '|')) > 0
            WHEN 'status_on_leaving' THEN strpos(r.words, concat('|', p.status_on_leaving, '|')) > 0
            WHEN 'status_6_months' THEN strpos(r.words, concat('|', p.status_6_months, '|')) > 0
        END AS is_true,
        CASE r.attribute
            WHEN 'any' THEN true
            WHEN 'age' THEN p.age IS NOT NULL
            WHEN 'labour_status' THEN p.labour_status <> 'unknown'
            WHEN 'education' THEN p.education <> 'unknown'
            WHEN 'disability' THEN p.disability <> 'unknown'
            WHEN 'foreign_background' THEN p.foreign_background <> 'unknown'
            WHEN 'status_on_leaving' THEN coalesce(p.status_on_leaving, 'unknown') <> 'unknown'
            WHEN 'status_6_months' THEN coalesce(p.status_6_months, 'unknown') <> 'unknown'
        END AS is_known
    FROM record AS p
    JOIN rule AS r ON r.indicator_list = p.of_list
    WHERE
        -- Employment counts for those who came without it.
        NOT (r.indicator_code IN ('CR04', 'CR06', 'EECR04', 'EECR05') AND p.labour_status IN ('employed', 'unknown'))
        AND NOT (starts_with(r.attribute, 'status_') AND p.exit_date IS NULL)
),
-- Totals, and regions of the three levels of NUTS.
placed AS (
    SELECT
        j.indicator_list, j.indicator_code, j.operation_id, j.programme_id, j.sex, j.year, j.estimation, j.is_result,
        j.is_true, j.is_known,
        CASE WHEN s.size > 0 THEN substr(j.nuts_code, 1, s.size) END AS nuts_code
    FROM judged AS j
    JOIN (VALUES (0), (3), (4), (5)) AS s (size)
        ON s.size = 0 OR length(j.nuts_code) >= s.size
),
sexed AS (
    SELECT p.*, s.sex AS of_sex
    FROM placed AS p
    JOIN (VALUES ('total'), ('f'), ('m'), ('x')) AS s (sex) ON s.sex = 'total' OR s.sex = p.sex
)
SELECT
    indicator_list,
    indicator_code,
    operation_id,
    programme_id,
    nuts_code,
    of_sex AS sex,
    'total' AS age_group,
    'total' AS education,
    'total' AS labour_status,
    'entries' AS unit_of_count,
    estimation,
    make_date(CAST(year AS INT), 1, 1) AS period_start,
    make_date(CAST(year AS INT), 12, 31) AS period_end,
    count(*) FILTER (WHERE is_true AND is_known) AS n,
    -- Of results only: for outputs a record says nearly always what it asks.
    CASE WHEN bool_or(is_result) THEN count(*) FILTER (WHERE is_known) END AS n_known
FROM sexed
GROUP BY indicator_list, indicator_code, operation_id, programme_id, nuts_code, of_sex, estimation, year
