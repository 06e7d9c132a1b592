-- Grain: operation, and region of a statistic (rows without an operation carry the denominator). Inputs: counted_operation,
-- operation_funding, operation_stock_day, region_stock. Population: operations to count, null without an amount or without days
-- in the years that count; regions with a stock of persons for each of these years.
SELECT
    o.operation_id,
    CAST(NULL AS VARCHAR) AS nuts_code,
    CAST(f.amount_eur AS DOUBLE) * d.stock_days / d.operation_days AS numerator,
    CAST(NULL AS DOUBLE) AS denominator
FROM counted_operation AS o
LEFT JOIN operation_funding AS f ON f.operation_id = o.operation_id AND f.amount_kind = 'total_eligible'
LEFT JOIN operation_stock_day AS d
    ON d.operation_id = o.operation_id AND d.statistic = 'registered_long_term_unemployed'
UNION ALL
SELECT CAST(NULL AS VARCHAR), nuts_code, CAST(NULL AS DOUBLE), person_years
FROM region_stock
WHERE statistic = 'registered_long_term_unemployed'
