-- HHI of fields of intervention in total eligible expenditure in euro.
-- Grain: key. Population: operations that count with a field and an amount above zero.
-- compare: intervention_mix --by {by}
-- each: by = region | country | programme
WITH field AS (
  SELECT key, intervention_list, intervention_code, sum(eur * weight) AS x
  FROM member
  JOIN counted USING (operation_id)
  JOIN kind_of_operation USING (operation_id)
  WHERE dimension = getvariable('by') AND amount_kind = 'total_eligible' AND eur > 0 AND intervention_code IS NOT NULL
  GROUP BY ALL
),
grouped AS (
  SELECT key, fsum((x / total) ^ 2) AS value
  FROM (SELECT key, x, sum(x) OVER (PARTITION BY key) AS total FROM field)
  GROUP BY ALL
)
SELECT key, value
FROM shown LEFT JOIN grouped USING (key)
WHERE dimension = getvariable('by')
