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
year AS (
  -- One row per year that there are statistics of: its first and last day.
  SELECT DISTINCT period_start AS first_day, period_end AS last_day
  FROM region_statistic
  WHERE statistic = 'unemployed'
),
spread AS (
  -- One row per operation and year: the part of the amount that its days in the year carry.
  SELECT e.nuts_code, y.first_day,
         e.eur * (least(e.end_date, y.last_day) - greatest(e.start_date, y.first_day) + 1) / (e.end_date - e.start_date + 1) AS eur
  FROM euro e
  JOIN year y ON y.first_day <= e.end_date AND y.last_day >= e.start_date
),
money AS (
  SELECT nuts_code, first_day, sum(eur) AS eur FROM spread GROUP BY nuts_code, first_day
)
SELECT m.nuts_code, CAST(date_part('year', m.first_day) AS INT) AS year, CAST(u.value AS BIGINT) AS unemployed, m.eur,
       m.eur / CAST(u.value AS DOUBLE) AS eur_per_unemployed
FROM money m
JOIN region_statistic u ON u.nuts_code = m.nuts_code AND u.period_start = m.first_day
WHERE u.statistic = 'unemployed'
ORDER BY m.nuts_code, year
