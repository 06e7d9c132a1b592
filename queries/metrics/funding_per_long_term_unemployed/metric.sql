-- Grain: operation, and region of a statistic (rows without an operation carry the denominator). Inputs: counted_operation,
-- operation_funding, region_stock. Population: operations to count; published stocks of persons.
SELECT
    o.operation_id,
    CAST(NULL AS VARCHAR) AS nuts_code,
    CAST(f.amount_eur AS DOUBLE) AS numerator,
    CAST(NULL AS DOUBLE) AS denominator
FROM counted_operation AS o
LEFT JOIN operation_funding AS f ON f.operation_id = o.operation_id AND f.amount_kind = 'total_eligible'
UNION ALL
SELECT CAST(NULL AS VARCHAR), nuts_code, CAST(NULL AS DOUBLE), persons
FROM region_stock
WHERE statistic = 'registered_long_term_unemployed'
