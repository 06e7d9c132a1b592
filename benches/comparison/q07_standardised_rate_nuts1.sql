-- Grain: NUTS 1 region of the operation.
-- Inputs: operation, participation.
-- Population: persons who left; rates of employment after six months, as they are and with the strata of all regions together.
WITH place AS (
  -- One row per operation: the NUTS 1 region of its main place.
  SELECT operation_id, substr(nuts_code, 1, 3) AS nuts1 FROM operation
),
cell AS (
  -- One row per region and stratum: leavers (n) and employed after six months (k).
  SELECT o.nuts1, p.sex, p.age_group, p.education,
         CAST(sum(p.n) FILTER (WHERE p.indicator_code = 'leaving') AS DOUBLE) AS n,
         CAST(coalesce(sum(p.n) FILTER (WHERE p.indicator_code = 'employed_6m'), 0) AS DOUBLE) AS k
  FROM participation p
  JOIN place o ON o.operation_id = p.operation_id
  WHERE p.indicator_code IN ('leaving', 'employed_6m')
  GROUP BY o.nuts1, p.sex, p.age_group, p.education
),
weighted AS (
  -- The same rows with the weight of their stratum: the leavers of all regions.
  SELECT nuts1, n, k, sum(n) OVER (PARTITION BY sex, age_group, education) AS weight FROM cell
)
SELECT nuts1, sum(k) / sum(n) AS crude, sum(weight * k / n) / sum(weight) AS standardised
FROM weighted
WHERE n > 0
GROUP BY nuts1
ORDER BY nuts1
