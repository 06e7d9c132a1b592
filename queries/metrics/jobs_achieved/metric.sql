-- Grain: operation. Inputs: counted_operation, operation_target, operation_participant. Population: operations to count; null
-- where an operation plans no jobs or publishes nobody in employment on leaving.
WITH planned AS (
    -- The published whole where there is one, else its groups together.
    SELECT operation_id, coalesce(sum(value) FILTER (WHERE target_group IS NULL), sum(value)) AS jobs
    FROM operation_target
    WHERE measure = 'planned_jobs'
    GROUP BY operation_id
)
SELECT
    o.operation_id,
    CAST(p.n AS DOUBLE) AS numerator,
    CAST(CASE WHEN t.jobs > 0 THEN t.jobs END AS DOUBLE) AS denominator,
    coalesce(p.is_suppressed AND p.n IS NULL AND t.jobs > 0, false) AS is_suppressed
FROM counted_operation AS o
LEFT JOIN planned AS t ON t.operation_id = o.operation_id
LEFT JOIN operation_participant AS p ON p.operation_id = o.operation_id AND p.measure = 'in_employment_on_leaving'
