-- Grain: operation. Inputs: counted_operation, amount_year. Population: operations to count; null where a year of an operation
-- has no price level, or an operation publishes no total eligible expenditure.
WITH money AS (
    SELECT operation_id, CASE WHEN count(amount_ppp_2020) = count(*) THEN sum(amount_ppp_2020) END AS amount
    FROM amount_year
    WHERE amount_kind = 'total_eligible'
    GROUP BY operation_id
)
SELECT o.operation_id, m.amount AS numerator
FROM counted_operation AS o
LEFT JOIN money AS m ON m.operation_id = o.operation_id
