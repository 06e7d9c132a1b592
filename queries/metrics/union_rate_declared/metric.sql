-- Grain: operation. Inputs: counted_operation, amount_eur. Population: operations to count; null where rate or amount is
-- missing.
WITH money AS (
    SELECT operation_id, sum(amount_eur) AS eligible
    FROM amount_eur
    WHERE amount_kind = 'total_eligible'
    GROUP BY operation_id
)
SELECT
    o.operation_id,
    o.union_rate * m.eligible AS numerator,
    CASE WHEN o.union_rate IS NOT NULL THEN m.eligible END AS denominator
FROM counted_operation AS o
LEFT JOIN money AS m ON m.operation_id = o.operation_id
