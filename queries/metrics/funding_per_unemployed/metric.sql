-- Grain: operation, and region of a statistic (rows without an operation carry the denominator). Inputs: counted_operation,
-- amount_eur, region_statistic, region. Population: operations to count; published stocks of persons of both sexes and all ages.
WITH money AS (
    SELECT operation_id, sum(amount_eur) AS numerator
    FROM amount_eur
    WHERE amount_kind = 'total_eligible'
    GROUP BY operation_id
),
-- Länder that are one district, which the statistic gives as a Land only (Berlin, Hamburg).
only_district AS (
    SELECT substr(nuts_code, 1, 3) AS land, min(nuts_code) AS nuts_code
    FROM region
    WHERE level = 3 AND nuts_version = (SELECT max(nuts_version) FROM region)
    GROUP BY substr(nuts_code, 1, 3)
    HAVING count(*) = 1
),
stock AS (
    SELECT coalesce(d.nuts_code, s.nuts_code) AS nuts_code, avg(CAST(s.value AS DOUBLE)) AS persons
    FROM region_statistic AS s
    LEFT JOIN only_district AS d ON d.land = s.nuts_code
    WHERE
        s.statistic = 'registered_unemployed' AND s.value_status = 'ok' AND s.unit = 'persons'
        AND s.sex = 'total' AND s.age_group = 'total' AND s.population_group = 'total' AND s.nuts_code IS NOT NULL
    GROUP BY coalesce(d.nuts_code, s.nuts_code)
)
SELECT o.operation_id, CAST(NULL AS VARCHAR) AS nuts_code, CAST(m.numerator AS DOUBLE) AS numerator, CAST(NULL AS DOUBLE) AS denominator
FROM counted_operation AS o
LEFT JOIN money AS m ON m.operation_id = o.operation_id
UNION ALL
SELECT CAST(NULL AS VARCHAR), nuts_code, CAST(NULL AS DOUBLE), persons FROM stock
