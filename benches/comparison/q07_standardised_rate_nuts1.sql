-- Grain: NUTS 1 region of the operation.
-- Inputs: operation, participation.
-- Population: persons who left; rates of employment after six months, as they are and with the strata of all regions together.
WITH cell AS (
  -- One row per region and stratum: leavers (n) and employed after six months (k).
  SELECT substr(o.nuts_code, 1, 3) AS nuts1, p.sex, p.age_group, p.education,
         CAST(sum(CASE WHEN p.indicator_code = 'leaving' THEN p.n ELSE 0 END) AS DOUBLE) AS n,
         CAST(sum(CASE WHEN p.indicator_code = 'employed_6m' THEN p.n ELSE 0 END) AS DOUBLE) AS k
  FROM participation p
  JOIN operation o ON o.operation_id = p.operation_id
  WHERE p.indicator_code IN ('leaving', 'employed_6m')
  GROUP BY substr(o.nuts_code, 1, 3), p.sex, p.age_group, p.education
),
standard AS (
  -- One row per stratum: its weight, the leavers of all regions.
  SELECT sex, age_group, education, sum(n) AS weight FROM cell GROUP BY sex, age_group, education
)
SELECT c.nuts1, sum(c.k) / sum(c.n) AS crude, sum(s.weight * c.k / c.n) / sum(s.weight) AS standardised
FROM cell c
JOIN standard s ON s.sex = c.sex AND s.age_group = c.age_group AND s.education = c.education
WHERE c.n > 0
GROUP BY c.nuts1
ORDER BY c.nuts1
