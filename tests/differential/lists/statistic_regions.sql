-- Statistics on the regions of the newest NUTS: how many values, and what they add up to, by how they were taken over.
-- A region of the newest version is its own; another goes where the whole of it lies, if there is such a region.
-- Grain: statistic, region and relation. Population: all statistics.
-- sql: SELECT statistic, current_code, current_relation, count(*) AS n, count(value) AS numbers, sum(value) AS total
-- sql: FROM region_statistic_current GROUP BY 1, 2, 3
-- key: statistic, current_code, current_relation
WITH newest AS (
  SELECT max(nuts_version) AS version FROM region
)
SELECT statistic,
  CASE WHEN nuts_version = version THEN nuts_code WHEN exact THEN to_code END AS current_code,
  CASE WHEN nuts_version = version THEN 'same' WHEN exact THEN relation END AS current_relation,
  count(*) AS n, count(value) AS numbers, sum(value) AS total
FROM region_statistic, newest
LEFT JOIN region_conversion ON from_code = nuts_code AND from_version = nuts_version AND to_version = version
GROUP BY ALL
