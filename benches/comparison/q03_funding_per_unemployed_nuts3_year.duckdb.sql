-- The same with a row made for each year, which DuckDB joins faster than ranges of days.
-- Grain: NUTS 3 region and year.
-- Inputs: operation, operation_amount, exchange_rate, region_statistic.
-- Population: granted amounts, spread evenly over the days of each operation; years with a count of unemployed persons.
WITH annual_rate AS (
  -- One row per currency and year: units of the currency for one euro, mean of the published days.
  SELECT currency, CAST(date_part('year', rate_date) AS INT) AS year, avg(CAST(rate AS DOUBLE)) AS rate
  FROM exchange_rate
  GROUP BY currency, CAST(date_part('year', rate_date) AS INT)
),
euro AS (
  -- One row per operation: its granted amount at the mean rate of the year in which it starts.
  SELECT o.nuts_code, o.start_date, o.end_date,
         CAST(a.amount AS DOUBLE) / CASE a.currency WHEN 'EUR' THEN 1.0 ELSE x.rate END AS eur
  FROM operation o
  JOIN operation_amount a ON a.operation_id = o.operation_id
  LEFT JOIN annual_rate x
    ON x.currency = a.currency AND x.year = CAST(date_part('year', o.start_date) AS INT)
  WHERE a.amount_kind = 'granted'
),
part AS (
  -- One row per operation and year in which it has days.
  SELECT nuts_code, start_date, end_date, eur,
         unnest(generate_series(year(start_date), year(end_date))) AS year
  FROM euro
),
spread AS (
  -- The part of the amount that its days in the year carry.
  SELECT nuts_code, year,
         eur * (least(end_date, make_date(year, 12, 31)) - greatest(start_date, make_date(year, 1, 1)) + 1)
             / (end_date - start_date + 1) AS eur
  FROM part
),
money AS (
  SELECT nuts_code, year, sum(eur) AS eur FROM spread GROUP BY nuts_code, year
)
SELECT m.nuts_code, m.year, CAST(u.value AS BIGINT) AS unemployed, m.eur,
       m.eur / CAST(u.value AS DOUBLE) AS eur_per_unemployed
FROM money m
JOIN region_statistic u ON u.nuts_code = m.nuts_code AND u.period_start = make_date(m.year, 1, 1)
WHERE u.statistic = 'unemployed'
ORDER BY m.nuts_code, m.year
