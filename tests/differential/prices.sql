-- Total eligible expenditure in prices of 2020: money of each year in the currency of its country, at national consumer prices
-- first, and then in euro at the average rate of 2020, or in international dollars at the parity of 2020. What is published in
-- another currency comes into the national one at the rate of the year. Each year's money is rounded to the cent, once.
-- Grain: key. Population: operations that count with such an amount, in years with a price index.
-- compare: funding_{what} --by {by}
-- each: what = real | ppp
-- each: by = country | list | programme
WITH figure AS (
  SELECT country, year, series, CAST(value * 1000000 AS HUGEINT) AS value FROM price_level WHERE value_status = 'ok'
),
index AS (
  SELECT i.country, i.year, i.value AS own, b.value AS base, p.value AS per_dollar,
    CASE i.country WHEN 'SE' THEN 'SEK' ELSE 'EUR' END AS national
  FROM figure AS i
  JOIN figure AS b ON b.country = i.country AND b.series = i.series AND b.year = 2020
  JOIN figure AS p ON p.country = i.country AND p.series = 'PPP_GDP' AND p.year = 2020
  WHERE i.series = 'CPI_INDEX_2015'
),
-- A quotient of whole numbers: what is published in a currency, times what the national one is worth and prices have risen,
-- by euro or dollar of 2020.
priced AS (
  SELECT operation_id, sign(cents) AS sign,
    abs(cents) * CASE WHEN national = y.currency THEN 1 ELSE at_once.per_euro END * index.base * 1000000 AS above,
    CASE WHEN national = y.currency THEN 1 ELSE published.per_euro END * index.own
      * CASE getvariable('what') WHEN 'ppp' THEN per_dollar ELSE later.per_euro * 100 END AS below
  FROM year_part AS y
  LEFT JOIN index USING (country, year)
  LEFT JOIN average AS published ON published.currency = y.currency AND published.year = y.year
  LEFT JOIN average AS at_once ON at_once.currency = national AND at_once.year = y.year
  LEFT JOIN average AS later ON later.currency = national AND later.year = 2020
  WHERE amount_kind = 'total_eligible'
),
whole AS (
  SELECT operation_id, sum(CAST(sign * ((2 * above + below) // (2 * below)) AS DECIMAL(30, 0)) * 0.01) AS money
  FROM priced
  GROUP BY ALL
  HAVING count(*) = count(below)
)
SELECT key, sum(money) AS value, count(money) AS n, count(money) / count(*) AS coverage
FROM member LEFT JOIN whole USING (operation_id)
WHERE dimension = getvariable('by')
GROUP BY ALL
