-- Grain: operation or programme, region and period. Inputs: participant_count. Population: published counts of those in employment
-- and of those of whom it is known.
SELECT
    operation_id,
    programme_id,
    nuts_code,
    period_start,
    period_end,
    CAST(max(n) FILTER (WHERE count_of = 'indicator') AS DOUBLE) AS numerator,
    CAST(max(n) FILTER (WHERE count_of = 'known') AS DOUBLE) AS denominator,
    count(n) < 2 AND bool_or(status = 'suppressed') AS is_suppressed
FROM participant_count
WHERE measure = 'in_employment_on_leaving' AND sex = 'total'
GROUP BY operation_id, programme_id, nuts_code, period_start, period_end
