-- How unevenly total eligible expenditure in euro is spread over beneficiaries: HHI, Gini and Theil of their sums. One
-- beneficiary alone has all of it (HHI 1); it is neither equal nor unequal.
-- Grain: key. Population: beneficiaries with a name, or natural persons (one each and operation), of operations that count
-- and publish an amount above zero.
-- compare: beneficiary_{index} --by {by}
-- each: index = hhi | gini | theil
-- each: by = region | programme
WITH share AS (
  SELECT key, organisation_id, sum(eur * weight) AS x
  FROM member
  JOIN kind_of_operation USING (operation_id)
  JOIN operation_organisation USING (operation_id)
  JOIN organisation USING (organisation_id)
  WHERE dimension = getvariable('by') AND amount_kind = 'total_eligible' AND eur > 0 AND role = 'beneficiary'
    AND (name IS NOT NULL OR natural_person)
  GROUP BY ALL
),
placed AS (
  SELECT key, x, row_number() OVER (PARTITION BY key ORDER BY x) AS place, count(*) OVER (PARTITION BY key) AS units,
    sum(x) OVER (PARTITION BY key) AS total
  FROM share
),
grouped AS (
  SELECT key, CASE
    WHEN getvariable('index') = 'hhi' THEN fsum((x / total) ^ 2)
    WHEN units = 1 THEN NULL
    WHEN getvariable('index') = 'gini' THEN CAST(sum((2 * place - units - 1) * x) AS DOUBLE) / CAST(units * total AS DOUBLE)
    ELSE fsum(x / total * ln(x * units / total))
  END AS value
  FROM placed
  GROUP BY key, units, total
)
SELECT key, value
FROM shown LEFT JOIN grouped USING (key)
WHERE dimension = getvariable('by')
