-- Grain: NUTS 1 region.
-- Inputs: operation, operation_amount, operation_organisation, exchange_rate.
-- Population: beneficiaries of granted amounts.
WITH annual_rate AS (
  -- One row per currency and year: units of the currency for one euro, mean of the published days.
  SELECT currency, CAST(date_part('year', rate_date) AS INT) AS year, avg(CAST(rate AS DOUBLE)) AS rate
  FROM exchange_rate
  GROUP BY currency, CAST(date_part('year', rate_date) AS INT)
),
euro AS (
  -- One row per operation: its granted amount at the mean rate of the year in which it starts.
  SELECT substr(o.nuts_code, 1, 3) AS nuts1, r.organisation_id,
         CAST(a.amount AS DOUBLE) / CASE a.currency WHEN 'EUR' THEN 1.0 ELSE x.rate END AS eur
  FROM operation o
  JOIN operation_amount a ON a.operation_id = o.operation_id
  JOIN operation_organisation r ON r.operation_id = o.operation_id AND r.role = 'beneficiary'
  LEFT JOIN annual_rate x
    ON x.currency = a.currency AND x.year = CAST(date_part('year', o.start_date) AS INT)
  WHERE a.amount_kind = 'granted'
),
beneficiary AS (
  -- One row per region and beneficiary.
  SELECT nuts1, organisation_id, sum(eur) AS eur FROM euro GROUP BY nuts1, organisation_id
),
ranked AS (
  SELECT nuts1, eur, row_number() OVER (PARTITION BY nuts1 ORDER BY eur, organisation_id) AS i FROM beneficiary
)
SELECT nuts1, count(*) AS beneficiaries, sum(eur) AS total_eur,
       10000 * sum(eur * eur) / (sum(eur) * sum(eur)) AS hhi,
       2 * sum(i * eur) / (count(*) * sum(eur)) - CAST(count(*) + 1 AS DOUBLE) / count(*) AS gini
FROM ranked
GROUP BY nuts1
ORDER BY nuts1
