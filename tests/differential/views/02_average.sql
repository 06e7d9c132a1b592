-- Annual averages of the ECB's reference rates in ten-thousandths of a unit for one euro: they have four decimals, as the ECB
-- publishes them and as in the check values of the domain guide, section 4. lists/annual_average.sql compares them with the
-- daily rates.
-- Grain: currency and year. Inputs: price_level.
SELECT 'SEK' AS currency, year, CAST(value * 10000 AS HUGEINT) AS per_euro
FROM price_level
WHERE series = 'SEK_PER_EUR' AND value_status = 'ok'
UNION ALL
SELECT 'EUR', unnest(range(1999, 2100)), 10000
