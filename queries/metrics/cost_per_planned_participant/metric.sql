-- Grain: operation. Inputs: counted_operation, operation_funding, operation_target. Population: operations to count; null where
-- the plan or the amount is missing.
WITH plan AS (
    -- The published whole where there is one, else its groups together.
    SELECT operation_id, coalesce(sum(value) FILTER (WHERE target_group IS NULL), sum(value)) AS planned
    FROM operation_target
    WHERE measure = 'planned_participants'
    GROUP BY operation_id
)
SELECT
    o.operation_id,
    CASE WHEN p.planned > 0 THEN f.amount_eur END AS numerator,
    CASE WHEN f.amount_eur IS NOT NULL AND p.planned > 0 THEN p.planned END AS denominator
FROM counted_operation AS o
LEFT JOIN operation_funding AS f ON f.operation_id = o.operation_id AND f.amount_kind = 'total_eligible'
LEFT JOIN plan AS p ON p.operation_id = o.operation_id
