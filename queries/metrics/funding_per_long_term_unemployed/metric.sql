-- Grain: operation, and region of a statistic (rows without an operation carry the denominator). Inputs: counted_operation,
-- amount_eur, region_statistic. Population: operations to count; published stocks of persons of both sexes and all ages.
WITH money AS (
    SELECT operation_id, sum(amount_eur) AS numerator
    FROM amount_eur
    WHERE amount_kind = 'total_eligible'
    GROUP BY operation_id
),
stock AS (
    SELECT nuts_code, avg(CAST(value AS DOUBLE)) AS persons
    FROM region_statistic
    WHERE
        statistic = 'long_term_unemployed' AND value_status = 'ok' AND unit = 'persons'
        AND sex = 'T' AND age_group = 'TOTAL' AND nuts_code IS NOT NULL
    GROUP BY nuts_code
)
SELECT o.operation_id, CAST(NULL AS VARCHAR) AS nuts_code, CAST(m.numerator AS DOUBLE) AS numerator, CAST(NULL AS DOUBLE) AS denominator
FROM counted_operation AS o
LEFT JOIN money AS m ON m.operation_id = o.operation_id
UNION ALL
SELECT CAST(NULL AS VARCHAR), nuts_code, CAST(NULL AS DOUBLE), persons FROM stock
