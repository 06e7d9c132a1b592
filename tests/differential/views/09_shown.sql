-- Keys that have a row in a comparison: those of operations and, for regions, also those without any, so that a gap is
-- seen as one: all regions of the level in the countries that have some, but for codes beyond the territory (Z).
-- Grain: dimension and key. Inputs: member, region.
SELECT DISTINCT dimension, key FROM member
UNION
SELECT m.dimension, r.nuts_code
FROM (SELECT DISTINCT dimension, substr(key, 1, 2) AS country, length(key) - 2 AS level FROM place) AS m
JOIN region AS r USING (country, level)
WHERE nuts_version = (SELECT max(nuts_version) FROM region) AND r.nuts_code[3] <> 'Z'
