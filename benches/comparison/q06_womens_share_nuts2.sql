-- Grain: NUTS 2 region of the operation.
-- Inputs: operation, participation.
-- Population: persons who entered.
WITH place AS (
  -- One row per operation: the NUTS 2 region of its main place.
  SELECT operation_id, substr(nuts_code, 1, 4) AS nuts2 FROM operation
),
counted AS (
  SELECT o.nuts2, sum(p.n) AS participants, sum(p.n) FILTER (WHERE p.sex = 'f') AS women
  FROM participation p
  JOIN place o ON o.operation_id = p.operation_id
  WHERE p.indicator_code = 'entry'
  GROUP BY o.nuts2
)
SELECT nuts2, participants, CAST(women AS DOUBLE) / participants AS share
FROM counted
ORDER BY nuts2
