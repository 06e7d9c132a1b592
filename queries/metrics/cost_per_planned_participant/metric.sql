-- Grain: operation. Inputs: counted_operation, amount_eur, operation_target. Population: operations to count; null where the
-- plan or the amount is missing.
WITH money AS (
    SELECT operation_id, sum(amount_eur) AS eligible
    FROM amount_eur
    WHERE amount_kind = 'total_eligible'
    GROUP BY operation_id
),
plan AS (
    SELECT operation_id, sum(value) AS planned
    FROM operation_target
    WHERE measure = 'planned_participants'
    GROUP BY operation_id
)
SELECT
    o.operation_id,
    CASE WHEN p.planned > 0 THEN m.eligible END AS numerator,
    CASE WHEN m.eligible IS NOT NULL AND p.planned > 0 THEN p.planned END AS denominator
FROM counted_operation AS o
LEFT JOIN money AS m ON m.operation_id = o.operation_id
LEFT JOIN plan AS p ON p.operation_id = o.operation_id
