-- Grain: NUTS 2 region of the operation.
-- Inputs: operation, participation.
-- Population: persons who entered.
WITH counted AS (
  SELECT substr(o.nuts_code, 1, 4) AS nuts2, sum(p.n) AS participants,
         sum(CASE WHEN p.sex = 'f' THEN p.n ELSE 0 END) AS women
  FROM participation p
  JOIN operation o ON o.operation_id = p.operation_id
  WHERE p.indicator_code = 'entry'
  GROUP BY substr(o.nuts_code, 1, 4)
)
SELECT nuts2, participants, CAST(women AS DOUBLE) / participants AS share
FROM counted
ORDER BY nuts2
