-- Grain: operation and calendar year. Inputs: counted_operation, amount_year. Population: operations to count; null where an
-- operation publishes no total eligible expenditure. Money that has no year is no year's, and part of the whole.
WITH money AS (
    SELECT operation_id, year, CASE WHEN count(amount_eur) = count(*) THEN sum(amount_eur) END AS amount
    FROM amount_year
    WHERE amount_kind = 'total_eligible'
    GROUP BY operation_id, year
)
SELECT
    o.operation_id,
    CAST(m.year AS VARCHAR) AS year,
    m.amount AS numerator
FROM counted_operation AS o
LEFT JOIN money AS m ON m.operation_id = o.operation_id
