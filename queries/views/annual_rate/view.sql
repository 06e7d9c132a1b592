-- Grain: currency and year. Inputs: price_level. Population: annual averages of exchange rates to the euro; sources that differ
-- about a year give none.
SELECT
    split_part(series, '_', 1) AS currency,
    year,
    CAST(min(value) AS DOUBLE) AS units_per_eur,
    min(status) AS status,
    CAST(make_date(CAST(year AS INT), 1, 1) AS INT) AS first_day,
    CAST(make_date(CAST(year AS INT), 12, 31) AS INT) AS last_day
FROM price_level
WHERE kind = 'exchange_rate' AND value_status = 'ok'
GROUP BY series, year
HAVING min(value) = max(value)
