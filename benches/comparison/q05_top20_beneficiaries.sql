-- Grain: beneficiary, the twenty with the largest sums.
-- Inputs: operation, operation_amount, operation_organisation, exchange_rate.
-- Population: granted amounts.
WITH annual_rate AS (
  -- One row per currency and year: units of the currency for one euro, mean of the published days.
  SELECT currency, CAST(date_part('year', rate_date) AS INT) AS year, avg(CAST(rate AS DOUBLE)) AS rate
  FROM exchange_rate
  GROUP BY currency, CAST(date_part('year', rate_date) AS INT)
),
euro AS (
  -- One row per operation: its granted amount at the mean rate of the year in which it starts.
  SELECT r.organisation_id,
         CAST(a.amount AS DOUBLE) / CASE a.currency WHEN 'EUR' THEN 1.0 ELSE x.rate END AS eur
  FROM operation o
  JOIN operation_amount a ON a.operation_id = o.operation_id
  JOIN operation_organisation r ON r.operation_id = o.operation_id AND r.role = 'beneficiary'
  LEFT JOIN annual_rate x
    ON x.currency = a.currency AND x.year = CAST(date_part('year', o.start_date) AS INT)
  WHERE a.amount_kind = 'granted'
)
SELECT organisation_id, count(*) AS operations, sum(eur) AS eur
FROM euro
GROUP BY organisation_id
ORDER BY eur DESC, organisation_id
LIMIT 20
