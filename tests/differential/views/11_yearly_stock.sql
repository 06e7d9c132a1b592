-- Yearly stocks of persons, both sexes and all ages and groups together, on the regions of the newest NUTS: those that became
-- one region are added up, in years in which all of them are published. A region with one region at
-- the next level, of the same code and a 0, gives it its stocks where that one has none of its own in any year (Berlin as a Land).
-- Grain: statistic, region and year. Inputs: region_statistic, region_conversion, region.
WITH newest AS (
  SELECT nuts_code, country, level, parent_nuts_code FROM region WHERE nuts_version = (SELECT max(nuts_version) FROM region)
),
successor AS (
  SELECT nuts_code AS from_code, nuts_version AS from_version, nuts_code AS code FROM region
  WHERE nuts_version = (SELECT max(nuts_version) FROM region)
  UNION ALL
  SELECT c.from_code, from_version, to_code FROM region_conversion AS c
  WHERE to_version = (SELECT max(nuts_version) FROM region) AND exact AND length(from_code) = length(to_code)
),
added AS (
  SELECT statistic, code, from_version, year(period_start) AS year, sum(value) AS persons, count(*) AS parts
  FROM region_statistic JOIN successor ON from_code = nuts_code AND from_version = nuts_version
  WHERE unit = 'persons' AND sex = 'total' AND age_group = 'total' AND population_group = 'total' AND value IS NOT NULL
  GROUP BY ALL
),
whole AS (
  SELECT statistic, code, year, avg(CAST(persons AS DOUBLE)) AS persons
  FROM added JOIN (SELECT code, from_version, count(*) AS parts FROM successor GROUP BY ALL) USING (code, from_version, parts)
  GROUP BY ALL
),
undivided AS (
  SELECT parent_nuts_code AS code, any_value(nuts_code) AS part, any_value(level) AS level
  FROM newest
  WHERE level > 1
  GROUP BY parent_nuts_code
  HAVING count(*) = 1 AND any_value(nuts_code) = parent_nuts_code || '0'
),
with_nuts2 AS (
  FROM whole
  UNION ALL
  SELECT w.statistic, u.part, w.year, w.persons
  FROM whole AS w JOIN undivided AS u USING (code)
  WHERE u.level = 2 AND NOT EXISTS (FROM whole AS own WHERE own.statistic = w.statistic AND own.code = u.part)
),
with_districts AS (
  FROM with_nuts2
  UNION ALL
  SELECT w.statistic, u.part, w.year, w.persons
  FROM with_nuts2 AS w JOIN undivided AS u USING (code)
  WHERE u.level = 3 AND NOT EXISTS (FROM with_nuts2 AS own WHERE own.statistic = w.statistic AND own.code = u.part)
)
SELECT statistic, code AS nuts_code, year, persons FROM with_districts
