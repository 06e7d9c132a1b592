-- Grain: statistic, country and year. Inputs: region_stock_year. Population: years for which at least half of the country's
-- regions that have a stock in any year have one. So neither a region with a gap nor a figure of the country alone decides.
WITH stock AS (
    SELECT
        statistic, substr(nuts_code, 1, 2) AS country, year,
        row_number() OVER (PARTITION BY statistic, nuts_code ORDER BY year) = 1 AS is_first
    FROM region_stock_year
),
yearly AS (
    SELECT statistic, country, year, count(*) AS regions, count(*) FILTER (WHERE is_first) AS first_regions
    FROM stock
    GROUP BY statistic, country, year
),
-- Each region has one first year, so these add up to the regions of any year.
ever AS (
    SELECT *, sum(first_regions) OVER (PARTITION BY statistic, country) AS regions_ever FROM yearly
)
SELECT
    statistic,
    country,
    year,
    make_date(CAST(year AS INT), 1, 1) AS first_day,
    make_date(CAST(year AS INT), 12, 31) AS last_day,
    count(*) OVER (PARTITION BY statistic, country) AS years
FROM ever
WHERE 2 * regions >= regions_ever
