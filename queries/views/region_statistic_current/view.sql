-- Grain: statistic, region, period and group of people, of a source. Inputs: region_statistic, region_conversion.
-- Population: all rows of region_statistic.
WITH newest AS (
    SELECT max(to_version) AS nuts_version
    FROM region_conversion
)
SELECT
    s.source_id,
    s.statistic,
    s.nuts_code,
    s.nuts_version,
    s.region_code,
    s.place,
    s.period_start,
    s.period_end,
    s.sex,
    s.age_group,
    s.population_group,
    s.value,
    s.value_status,
    s.unit,
    s.flags,
    c.to_code AS current_code,
    n.nuts_version AS current_version,
    c.relation AS current_relation,
    CASE
        WHEN s.nuts_code IS NULL THEN 'the published region is no region of NUTS'
        WHEN c.from_code IS NULL THEN 'the region is not in the table of regions'
        ELSE c.reason
    END AS reason,
    s.source_file,
    s.source_location
FROM region_statistic AS s
CROSS JOIN newest AS n
LEFT JOIN region_conversion AS c
    ON c.from_code = s.nuts_code
    AND c.from_version = s.nuts_version
    AND c.to_version = n.nuts_version
