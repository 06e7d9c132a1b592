-- Paid over granted support, both in euro.
-- Grain: key. Population: operations that count and publish both, granted above zero.
-- compare: paid_share --by {by}
-- each: by = region | list
WITH pair AS (
  SELECT operation_id, p.eur AS paid, g.eur AS granted
  FROM kind_of_operation AS p JOIN kind_of_operation AS g USING (operation_id)
  WHERE p.amount_kind = 'paid' AND g.amount_kind = 'granted' AND p.eur IS NOT NULL AND g.eur > 0
),
grouped AS (
  SELECT key, CAST(sum(paid * weight) AS DOUBLE) / nullif(CAST(sum(granted * weight) AS DOUBLE), 0) AS value, count(granted) AS n,
    CAST(coalesce(sum(weight) FILTER (granted IS NOT NULL), 0) AS DOUBLE) / CAST(sum(weight) AS DOUBLE) AS coverage
  FROM member LEFT JOIN pair USING (operation_id)
  WHERE dimension = getvariable('by')
  GROUP BY ALL
)
SELECT key, value, n, coverage
FROM shown LEFT JOIN grouped USING (key)
WHERE dimension = getvariable('by')
