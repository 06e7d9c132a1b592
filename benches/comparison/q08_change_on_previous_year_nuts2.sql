-- Grain: NUTS 2 region of the operation and year.
-- Inputs: operation, participation.
-- Population: persons who entered.
WITH place AS (
  -- One row per operation: the NUTS 2 region of its main place.
  SELECT operation_id, substr(nuts_code, 1, 4) AS nuts2 FROM operation
),
counted AS (
  SELECT o.nuts2, CAST(date_part('year', p.period_start) AS INT) AS year, sum(p.n) AS participants
  FROM participation p
  JOIN place o ON o.operation_id = p.operation_id
  WHERE p.indicator_code = 'entry'
  GROUP BY o.nuts2, CAST(date_part('year', p.period_start) AS INT)
),
compared AS (
  SELECT nuts2, year, participants, lag(participants) OVER (PARTITION BY nuts2 ORDER BY year) AS previous FROM counted
)
SELECT nuts2, year, participants, CAST(participants AS DOUBLE) / previous - 1 AS change
FROM compared
ORDER BY nuts2, year
