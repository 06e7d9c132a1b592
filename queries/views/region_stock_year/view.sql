-- Grain: statistic, region and year. Inputs: region_statistic_current, region_conversion, region. Population: published stocks
-- of persons of both sexes and all ages whose region lies whole in one of the newest version of NUTS.
WITH parts AS (
    -- How many regions of each version became one of the newest.
    SELECT from_version, to_code, to_version, count(*) AS n
    FROM region_conversion
    WHERE to_code IS NOT NULL AND length(from_code) = length(to_code)
    GROUP BY from_version, to_code, to_version
),
whole AS (
    -- One row per source, statistic, region and period in which all parts of the region have a figure.
    SELECT s.statistic, s.current_code AS nuts_code, s.period_start, sum(CAST(s.value AS DOUBLE)) AS persons
    FROM region_statistic_current AS s
    JOIN parts AS p
        ON p.from_version = s.nuts_version AND p.to_code = s.current_code AND p.to_version = s.current_version
    WHERE
        s.value_status IN ('ok', 'estimated', 'break') AND s.unit = 'persons' AND s.sex = 'total' AND s.age_group = 'total'
        AND s.population_group = 'total'
    GROUP BY s.source_id, s.statistic, s.current_code, s.period_start, p.n
    HAVING count(*) = p.n
),
yearly AS (
    -- Sources that differ about a year give their mean.
    SELECT statistic, nuts_code, CAST(date_part('year', period_start) AS BIGINT) AS year, avg(persons) AS persons
    FROM whole
    GROUP BY statistic, nuts_code, CAST(date_part('year', period_start) AS BIGINT)
),
only_district AS (
    -- Länder that are one district, which statistics give as a Land only (Berlin, Hamburg).
    SELECT substr(nuts_code, 1, 3) AS land, min(nuts_code) AS nuts_code
    FROM region
    WHERE level = 3 AND nuts_version = (SELECT max(nuts_version) FROM region)
    GROUP BY substr(nuts_code, 1, 3)
    HAVING count(*) = 1
),
given AS (
    -- Each figure under the code of its region, and under that of the one district that the region is.
    SELECT
        y.statistic, y.nuts_code AS published_code, y.year, y.persons,
        unnest(CASE WHEN d.nuts_code IS NULL THEN [y.nuts_code] ELSE [y.nuts_code, d.nuts_code] END) AS nuts_code
    FROM yearly AS y
    LEFT JOIN only_district AS d ON d.land = y.nuts_code
),
owned AS (
    SELECT *, bool_or(nuts_code = published_code) OVER (PARTITION BY statistic, nuts_code) AS has_own FROM given
)
SELECT statistic, nuts_code, year, persons
FROM owned
WHERE nuts_code = published_code OR NOT has_own
