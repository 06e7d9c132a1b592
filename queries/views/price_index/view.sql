-- Grain: country and year. Inputs: price_level. Population: years with a national consumer price index of 2015 = 100; sources
-- that differ about a year give none.
WITH national AS (
    SELECT country, year, CAST(min(value) AS DECIMAL(9, 4)) AS index_2015
    FROM price_level
    WHERE series = 'CPI_INDEX_2015' AND value_status = 'ok'
    GROUP BY country, year
    HAVING min(value) = max(value)
),
parity AS (
    SELECT country, year, CAST(min(value) AS DECIMAL(12, 6)) AS units_per_dollar
    FROM price_level
    WHERE series = 'PPP_GDP' AND value_status = 'ok'
    GROUP BY country, year
    HAVING min(value) = max(value)
)
SELECT
    n.country,
    c.currency,
    n.year,
    n.index_2015,
    b.index_2015 AS base_index_2015,
    b.year AS base_year,
    p.units_per_dollar AS base_units_per_dollar
FROM national AS n
JOIN national AS b ON b.country = n.country AND b.year = 2020
JOIN (VALUES ('DE', 'EUR'), ('SE', 'SEK')) AS c (country, currency) ON c.country = n.country
LEFT JOIN parity AS p ON p.country = b.country AND p.year = b.year
