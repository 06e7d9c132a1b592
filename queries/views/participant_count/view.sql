-- Grain: operation or programme, region, measure, sex and kind of count. Inputs: participation_cell. Population: counts of
-- participants after disclosure control, of all ages, levels of education and labour statuses.
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
cell AS (
    SELECT
        concat(
            m.measure, ' ', m.indicator_code, ' ', c.count_of, ' ', c.sex, ' ', c.unit_of_count, ' ', c.estimation, ' ',
            coalesce(c.operation_id, ''), ' ', coalesce(c.programme_id, ''), ' ', coalesce(c.nuts_code, '')
        ) AS series,
        c.operation_id, c.programme_id, c.nuts_code, m.measure, m.indicator_list, m.parts, c.count_of, c.sex,
        c.unit_of_count, c.estimation, c.period_start, c.period_end, c.n, c.status
    FROM participation_cell AS c
    JOIN measure AS m ON m.indicator_list = c.indicator_list AND m.indicator_code = c.indicator_code
    WHERE
        c.age_group = 'total' AND c.education = 'total' AND c.labour_status = 'total'
        -- Those of whom one of several indicators is known are not those of whom all are.
        AND (c.count_of = 'indicator' OR m.parts = 1)
),
-- Periods that lie in no other: a year is not added to the seven of which it is one.
longest AS (
    SELECT c.*
    FROM cell AS c
    LEFT ANTI JOIN cell AS o
        ON o.series = c.series
        AND o.period_start <= c.period_start AND o.period_end >= c.period_end
        AND (o.period_start < c.period_start OR o.period_end > c.period_end)
),
-- All indicators of a measure in one period.
whole AS (
    SELECT
        operation_id, programme_id, nuts_code, measure, indicator_list, count_of, sex, unit_of_count, estimation,
        CASE WHEN count(n) = max(parts) THEN sum(n) END AS n,
        bool_or(status = 'suppressed') AS is_suppressed
    FROM longest
    GROUP BY
        operation_id, programme_id, nuts_code, measure, indicator_list, count_of, sex, unit_of_count, estimation,
        period_start, period_end
),
-- All periods; one that is not known leaves no sum.
total AS (
    SELECT
        operation_id, programme_id, nuts_code, measure, indicator_list, count_of, sex, unit_of_count, estimation,
        CASE WHEN count(n) = count(*) THEN sum(n) END AS n,
        bool_or(is_suppressed) AS is_suppressed
    FROM whole
    GROUP BY operation_id, programme_id, nuts_code, measure, indicator_list, count_of, sex, unit_of_count, estimation
),
ranked AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY operation_id, programme_id, nuts_code, measure, indicator_list, count_of, sex
            ORDER BY CASE WHEN estimation = 'full' THEN 0 ELSE 1 END, CASE WHEN unit_of_count = 'entries' THEN 0 ELSE 1 END
        ) AS preference
    FROM total
)
SELECT
    operation_id, programme_id, nuts_code, measure, indicator_list, count_of, sex, unit_of_count, estimation, n,
    CASE WHEN is_suppressed THEN 'suppressed' WHEN n IS NULL THEN 'incomplete' ELSE 'ok' END AS status
FROM ranked
WHERE preference = 1
