-- Grain: NUTS code and version. Inputs: region, code. Population: all regions; those that are coarser than the level of
-- comparison of their country, or of a country without one, have no region of comparison but a reason.
WITH comparison_level AS (
    SELECT split_part(code, '/', 1) AS country, CAST(split_part(code, '/', 2) AS BIGINT) AS level
    FROM code
    WHERE code_list = 'COMPARISON_LEVEL'
)
SELECT
    r.nuts_code,
    r.nuts_version,
    r.level,
    r.name,
    r.country,
    c.nuts_code AS comparison_code,
    c.name AS comparison_name,
    l.level AS comparison_level,
    CASE
        WHEN c.nuts_code IS NOT NULL THEN NULL
        WHEN l.level IS NULL THEN 'no level of comparison is declared for the country'
        WHEN r.level < l.level THEN 'coarser than the level of comparison'
        ELSE 'the region of comparison is not in the table of regions'
    END AS reason
FROM region AS r
LEFT JOIN comparison_level AS l ON l.country = r.country
LEFT JOIN region AS c
    ON c.nuts_version = r.nuts_version
    AND c.nuts_code = substr(r.nuts_code, 1, l.level + 2)
    AND c.level = l.level
