-- Grain: statistic, region and year. Inputs: region_statistic_current, region_conversion, only_subregion. Population: published stocks
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
finer AS (
    -- The regions that a region is as a whole, at most one of each finer level; a code begins with that of the region around it.
    SELECT nuts_code, min(only_code) AS nearest_code, max(only_code) AS finest_code FROM only_subregion GROUP BY nuts_code
),
given AS (
    -- Each figure under the code of its region, and under those of the finer regions that it is as a whole: statistics give
    -- Berlin as a Land only.
    SELECT
        y.statistic, y.nuts_code AS published_code, y.year, y.persons,
        unnest(
            CASE
                WHEN f.nuts_code IS NULL THEN [y.nuts_code]
                WHEN f.nearest_code = f.finest_code THEN [y.nuts_code, f.nearest_code]
                ELSE [y.nuts_code, f.nearest_code, f.finest_code]
            END
        ) AS nuts_code
    FROM yearly AS y
    LEFT JOIN finer AS f ON f.nuts_code = y.nuts_code
),
-- A region's own figures come before those of the region around it, in whatever year; of several around it the nearest counts.
nearest AS (
    SELECT *, max(published_code) OVER (PARTITION BY statistic, nuts_code) AS nearest_code FROM given
)
SELECT statistic, nuts_code, year, persons
FROM nearest
WHERE published_code = nearest_code
