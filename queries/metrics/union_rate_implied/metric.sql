-- Grain: operation. Inputs: counted_operation, operation_amount. Population: operations to count; null where one of the two
-- amounts is missing, or where they have several currencies.
WITH both AS (
    SELECT
        operation_id,
        CAST(sum(CASE WHEN amount_kind = 'eu' THEN amount END) AS DOUBLE) AS eu,
        CAST(sum(CASE WHEN amount_kind = 'granted' THEN amount END) AS DOUBLE) AS granted
    FROM operation_amount
    WHERE amount_kind IN ('eu', 'granted')
    GROUP BY operation_id
    HAVING count(DISTINCT currency) = 1
)
SELECT
    o.operation_id,
    CASE WHEN b.granted > 0 THEN b.eu END AS numerator,
    CASE WHEN b.granted > 0 AND b.eu IS NOT NULL THEN b.granted END AS denominator
FROM counted_operation AS o
LEFT JOIN both AS b ON b.operation_id = o.operation_id
