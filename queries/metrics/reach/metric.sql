-- Grain: operation or programme, region and period; and region of a statistic (rows without an operation and a programme carry
-- the denominator). Inputs: participant_count, region_stock. Population: published counts of long-term unemployed participants.
SELECT
    operation_id,
    programme_id,
    nuts_code,
    period_start,
    period_end,
    CAST(n AS DOUBLE) AS numerator,
    CAST(NULL AS DOUBLE) AS denominator,
    status = 'suppressed' AS is_suppressed
FROM participant_count
WHERE measure = 'long_term_unemployed' AND sex = 'total' AND count_of = 'indicator'
UNION ALL
SELECT CAST(NULL AS VARCHAR), CAST(NULL AS VARCHAR), nuts_code, CAST(NULL AS DATE), CAST(NULL AS DATE), CAST(NULL AS DOUBLE), persons, false
FROM region_stock
WHERE statistic = 'registered_long_term_unemployed'
