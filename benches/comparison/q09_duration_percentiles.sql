-- Grain: country, fund and period.
-- Inputs: operation.
-- Population: operations with a first and a last day.
WITH duration AS (
  SELECT country, fund, period, CAST(end_date - start_date + 1 AS DOUBLE) AS days FROM operation
)
SELECT country, fund, period, count(*) AS operations,
       percentile_cont(0.1) WITHIN GROUP (ORDER BY days) AS p10,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY days) AS p50,
       percentile_cont(0.9) WITHIN GROUP (ORDER BY days) AS p90
FROM duration
GROUP BY country, fund, period
ORDER BY country, fund, period
