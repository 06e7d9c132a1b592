-- Grain: region and finer level. Inputs: region. Population: regions of the newest version of NUTS that are one region of the
-- finer level; its code goes on with 0, which keeps a Land of which only one district is known from being taken for it.
WITH newest AS (
    SELECT nuts_code, level
    FROM region
    WHERE nuts_version = (SELECT max(nuts_version) FROM region)
),
held AS (
    SELECT substr(nuts_code, 1, 3) AS nuts_code, level, nuts_code AS part FROM newest WHERE level > 1
    UNION ALL
    SELECT substr(nuts_code, 1, 4) AS nuts_code, level, nuts_code AS part FROM newest WHERE level > 2
)
SELECT nuts_code, level, min(part) AS only_code
FROM held
GROUP BY nuts_code, level
HAVING count(*) = 1 AND min(part) = rpad(nuts_code, CAST(level + 2 AS INT), '0')
