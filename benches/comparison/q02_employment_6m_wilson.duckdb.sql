-- The same with CASE, which DuckDB adds up faster than FILTER.
-- Grain: country and intervention code.
-- Inputs: operation, participation.
-- Population: persons who left, and those of them who are employed after six months.
WITH counted AS (
  -- One row per country and code: leavers (n) and employed after six months (k).
  SELECT o.country, o.intervention_code AS code,
         CAST(sum(CASE WHEN p.indicator_code = 'leaving' THEN p.n ELSE 0 END) AS DOUBLE) AS n,
         CAST(sum(CASE WHEN p.indicator_code = 'employed_6m' THEN p.n ELSE 0 END) AS DOUBLE) AS k
  FROM participation p
  JOIN operation o ON o.operation_id = p.operation_id
  WHERE p.indicator_code IN ('leaving', 'employed_6m')
  GROUP BY o.country, o.intervention_code
),
wilson AS (
  -- Centre and half width of the 95 % interval (z = 1.959963984540054).
  SELECT country, code, n, k,
         (k + 1.9207294103470858) / (n + 3.8414588206941716) AS centre,
         1.959963984540054 * sqrt(k * (n - k) / n + 0.9603647051735429) / (n + 3.8414588206941716) AS half
  FROM counted
)
SELECT country, code, n, k, k / n AS rate, centre - half AS lower, centre + half AS upper
FROM wilson
ORDER BY country, code
