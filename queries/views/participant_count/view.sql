-- Grain: operation or programme, region, period, measure, sex and kind of count. Inputs: participation_cell. Population: counts
-- of participants after disclosure control, of all ages, levels of education and labour statuses.
WITH measure AS (
    -- The indicators of the two periods that add up to the same quantity (Annex I of Regulations 1304/2013 and 2021/1057).
    SELECT measure, indicator_list, indicator_code, count(*) OVER (PARTITION BY measure, indicator_list) AS parts
    FROM (
        VALUES
        ('participants', 'INDICATOR_2014_20', 'CO01'),
        ('participants', 'INDICATOR_2014_20', 'CO03'),
        ('participants', 'INDICATOR_2014_20', 'CO05'),
        ('participants', 'INDICATOR_2021_27', 'EECO01'),
        ('unemployed', 'INDICATOR_2014_20', 'CO01'),
        ('unemployed', 'INDICATOR_2021_27', 'EECO02'),
        ('long_term_unemployed', 'INDICATOR_2014_20', 'CO02'),
        ('long_term_unemployed', 'INDICATOR_2021_27', 'EECO03'),
        ('inactive', 'INDICATOR_2014_20', 'CO03'),
        ('inactive', 'INDICATOR_2021_27', 'EECO04'),
        ('employed', 'INDICATOR_2014_20', 'CO05'),
        ('employed', 'INDICATOR_2021_27', 'EECO05'),
        ('in_employment_on_leaving', 'INDICATOR_2014_20', 'CR04'),
        ('in_employment_on_leaving', 'INDICATOR_2021_27', 'EECR04'),
        ('in_employment_6_months', 'INDICATOR_2014_20', 'CR06'),
        ('in_employment_6_months', 'INDICATOR_2021_27', 'EECR05')
    ) AS listed (measure, indicator_list, indicator_code)
),
-- All indicators of a measure in one period.
whole AS (
    SELECT
        c.operation_id, c.programme_id, c.nuts_code, c.period_start, c.period_end, m.measure, m.indicator_list, c.count_of,
        c.sex, c.unit_of_count, c.estimation,
        CASE WHEN count(c.n) = max(m.parts) THEN sum(c.n) END AS n,
        bool_or(c.status = 'suppressed') AS is_suppressed
    FROM participation_cell AS c
    JOIN measure AS m ON m.indicator_list = c.indicator_list AND m.indicator_code = c.indicator_code
    WHERE
        c.age_group = 'total' AND c.education = 'total' AND c.labour_status = 'total'
        -- Those of whom one of several indicators is known are not those of whom all are.
        AND (c.count_of = 'indicator' OR m.parts = 1)
    GROUP BY
        c.operation_id, c.programme_id, c.nuts_code, c.period_start, c.period_end, m.measure, m.indicator_list, c.count_of,
        c.sex, c.unit_of_count, c.estimation
),
-- The same unit and kind of count in all periods.
ranked AS (
    SELECT
        *,
        rank() OVER (
            PARTITION BY operation_id, programme_id, nuts_code, measure, indicator_list, count_of, sex
            ORDER BY CASE WHEN estimation = 'full' THEN 0 ELSE 1 END, CASE WHEN unit_of_count = 'entries' THEN 0 ELSE 1 END
        ) AS preference
    FROM whole
)
SELECT
    operation_id, programme_id, nuts_code, period_start, period_end, measure, indicator_list, count_of, sex, unit_of_count,
    estimation, n,
    CASE WHEN is_suppressed THEN 'suppressed' WHEN n IS NULL THEN 'incomplete' ELSE 'ok' END AS status
FROM ranked
WHERE preference = 1
