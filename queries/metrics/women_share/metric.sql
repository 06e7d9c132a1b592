-- Grain: operation or programme, region and period. Inputs: participant_count. Population: published counts of participants
-- by sex.
WITH by_sex AS (
    SELECT
        operation_id,
        programme_id,
        nuts_code,
        period_start,
        period_end,
        max(n) FILTER (WHERE sex = 'f') AS women,
        max(n) FILTER (WHERE sex = 'm') AS men,
        max(n) FILTER (WHERE sex = 'x') AS others,
        max(n) FILTER (WHERE sex = 'total') AS everyone,
        bool_or(status = 'suppressed') AS is_suppressed
    FROM participant_count
    WHERE measure = 'participants' AND count_of = 'indicator'
    GROUP BY operation_id, programme_id, nuts_code, period_start, period_end
)
SELECT
    operation_id,
    programme_id,
    nuts_code,
    period_start,
    period_end,
    CAST(women AS DOUBLE) AS numerator,
    CAST(CASE WHEN men IS NOT NULL THEN women + men + coalesce(others, 0) ELSE everyone END AS DOUBLE) AS denominator,
    is_suppressed AND (women IS NULL OR men IS NULL AND everyone IS NULL) AS is_suppressed
FROM by_sex
