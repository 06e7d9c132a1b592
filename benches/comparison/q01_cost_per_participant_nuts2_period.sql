-- Grain: NUTS 2 region and funding period.
-- Inputs: operation, operation_amount, exchange_rate, participation.
-- Population: operations with total eligible costs; participants are those who entered.
WITH annual_rate AS (
  -- One row per currency and year: units of the currency for one euro, mean of the published days.
  SELECT currency, CAST(date_part('year', rate_date) AS INT) AS year, avg(CAST(rate AS DOUBLE)) AS rate
  FROM exchange_rate
  GROUP BY currency, CAST(date_part('year', rate_date) AS INT)
),
euro AS (
  -- One row per operation: its total eligible amount at the mean rate of the year in which it starts.
  SELECT substr(o.nuts_code, 1, 4) AS nuts2, o.period,
         CAST(a.amount AS DOUBLE) / CASE a.currency WHEN 'EUR' THEN 1.0 ELSE x.rate END AS eur
  FROM operation o
  JOIN operation_amount a ON a.operation_id = o.operation_id
  LEFT JOIN annual_rate x
    ON x.currency = a.currency AND x.year = CAST(date_part('year', o.start_date) AS INT)
  WHERE a.amount_kind = 'total_eligible'
),
cost AS (
  SELECT nuts2, period, sum(eur) AS eur FROM euro GROUP BY nuts2, period
),
place AS (
  -- One row per operation: the NUTS 2 region of its main place.
  SELECT operation_id, substr(nuts_code, 1, 4) AS nuts2, period FROM operation
),
people AS (
  -- One row per region and period: persons who entered.
  SELECT o.nuts2, o.period, sum(p.n) AS participants
  FROM participation p
  JOIN place o ON o.operation_id = p.operation_id
  WHERE p.indicator_code = 'entry'
  GROUP BY o.nuts2, o.period
)
SELECT c.nuts2, c.period, c.eur, p.participants, c.eur / p.participants AS eur_per_participant
FROM cost c
JOIN people p ON p.nuts2 = c.nuts2 AND p.period = c.period
ORDER BY c.nuts2, c.period
