-- The annual averages of SEK for a euro that the code list states are those of the daily rates, to its four decimals.
-- Grain: year. Population: years of which both are known.
-- sql: SELECT year AS key, CAST(value AS DECIMAL(12, 4)) AS rate FROM price_level WHERE series = 'SEK_PER_EUR'
-- sql: AND year IN (SELECT date_part('year', rate_date) FROM exchange_rate WHERE currency = 'SEK')
WITH daily AS (
  SELECT year(rate_date) AS year, sum(CAST(rate * 1000000 AS HUGEINT)) AS millionths, count(*) AS days
  FROM exchange_rate
  WHERE currency = 'SEK'
  GROUP BY ALL
)
SELECT year AS key, CAST((millionths + 50 * days) // (100 * days) AS DECIMAL(12, 0)) * 0.0001 AS rate
FROM daily
WHERE year IN (SELECT year FROM average WHERE currency = 'SEK')
