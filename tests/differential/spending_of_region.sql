-- Total eligible expenditure of a calendar year by region: each year's part of an operation is divided over its places, to the
-- cent and by largest remainder; so is what has no year.
-- Grain: region. Population: operations that count with such an amount.
-- compare: spending --by {by}
-- each: by = region | nuts3
WITH of_year AS (
  SELECT operation_id, year, CAST(sum(euro_cents) AS HUGEINT) AS cents
  FROM year_part
  WHERE amount_kind = 'total_eligible'
  GROUP BY ALL
  HAVING count(*) = count(euro_cents)
  UNION ALL
  SELECT operation_id, NULL, euro_cents FROM undated WHERE amount_kind = 'total_eligible'
),
share AS (
  SELECT operation_id, year, nuts_code, cents, CAST(sum(weight) * 100000000 AS HUGEINT) AS hundred_millionths,
    abs(cents) * hundred_millionths // 100000000 AS floor, abs(cents) * hundred_millionths % 100000000 AS rest
  FROM of_year JOIN location USING (operation_id)
  GROUP BY operation_id, year, nuts_code, cents
),
divided AS (
  SELECT operation_id, nuts_code, sign(cents) * (floor + CASE
    WHEN row_number() OVER (whole ORDER BY rest DESC, nuts_code) <= abs(cents) - sum(floor) OVER whole THEN 1 ELSE 0
  END) AS cents
  FROM share
  WINDOW whole AS (PARTITION BY operation_id, year)
)
SELECT key, CAST(sum(cents) AS DECIMAL(30, 0)) * 0.01 AS value, count(DISTINCT operation_id) FILTER (cents IS NOT NULL) AS n
FROM place LEFT JOIN divided USING (operation_id, nuts_code)
WHERE dimension = getvariable('by')
GROUP BY ALL
UNION ALL
SELECT key, NULL, NULL FROM shown ANTI JOIN place USING (dimension, key) WHERE dimension = getvariable('by')
