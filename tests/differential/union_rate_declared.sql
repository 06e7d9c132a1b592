-- The declared co-financing rate, weighted by total eligible expenditure in euro.
-- Grain: key. Population: operations that count and publish a rate and total eligible expenditure.
-- compare: union_rate_declared --by {by}
-- each: by = region | programme | list
WITH rated AS (
  SELECT operation_id, CAST(union_rate * eur AS DECIMAL(28, 8)) AS union_part, eur
  FROM counted JOIN kind_of_operation USING (operation_id)
  WHERE amount_kind = 'total_eligible' AND union_rate IS NOT NULL AND eur IS NOT NULL
),
grouped AS (
  SELECT key, CAST(sum(union_part * weight) AS DOUBLE) / nullif(CAST(sum(eur * weight) AS DOUBLE), 0) AS value, count(eur) AS n,
    CAST(coalesce(sum(weight) FILTER (eur IS NOT NULL), 0) AS DOUBLE) / CAST(sum(weight) AS DOUBLE) AS coverage
  FROM member LEFT JOIN rated USING (operation_id)
  WHERE dimension = getvariable('by')
  GROUP BY ALL
)
SELECT key, value, n, coverage
FROM shown LEFT JOIN grouped USING (key)
WHERE dimension = getvariable('by')
