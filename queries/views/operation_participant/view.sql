-- Grain: operation and measure. Inputs: participant_count, counted_operation. Population: operations to count with counts of
-- participants of both sexes.
WITH sized AS (
    SELECT
        c.operation_id, c.measure, c.unit_of_count, c.n, c.status, coalesce(length(c.nuts_code), 0) AS size,
        min(coalesce(length(c.nuts_code), 0)) OVER (PARTITION BY c.operation_id, c.measure) AS coarsest
    FROM participant_count AS c
    JOIN counted_operation AS o ON o.operation_id = c.operation_id
    WHERE c.sex = 'total' AND c.count_of = 'indicator'
)
SELECT
    operation_id,
    measure,
    CASE WHEN count(n) = count(*) THEN sum(n) END AS n,
    bool_or(status = 'suppressed') AS is_suppressed,
    min(unit_of_count) AS unit_of_count
FROM sized
WHERE size = coarsest
GROUP BY operation_id, measure
