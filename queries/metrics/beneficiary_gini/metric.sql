-- Grain: operation. Inputs: counted_operation, amount_eur. Population: operations to count; null where an operation publishes
-- no total eligible expenditure.
WITH money AS (
    SELECT operation_id, sum(amount_eur) AS numerator
    FROM amount_eur
    WHERE amount_kind = 'total_eligible' AND amount_eur > 0
    GROUP BY operation_id
)
SELECT o.operation_id, m.numerator
FROM counted_operation AS o
LEFT JOIN money AS m ON m.operation_id = o.operation_id
