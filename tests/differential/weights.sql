-- Weights of an operation and role add up to exactly 1: as many ones as operations, and no sum is less or more.
-- Grain: role. Population: all operations.
-- sql: SELECT role AS key, count(DISTINCT operation_id) AS operations, sum(weight) AS weights, CAST(1 AS DECIMAL(9, 8)) AS least,
-- sql: CAST(1 AS DECIMAL(9, 8)) AS most FROM operation_region GROUP BY 1
SELECT role AS key, count(*) AS operations, sum(weights) AS weights, min(weights) AS least, max(weights) AS most
FROM (SELECT operation_id, role, sum(weight) AS weights FROM operation_region GROUP BY ALL)
GROUP BY ALL
