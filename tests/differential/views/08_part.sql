-- Money of each kind by what operations are compared by. Money of an operation of several places is divided by their weights
-- so that the cents add up: whole cents first, and what is left goes to the largest remainders, of equal ones to the first
-- code.
-- Grain: operation, dimension, key and kind of amount. Inputs: kind_of_operation, member, location, place.
WITH share AS (
  SELECT operation_id, amount_kind, nuts_code, sign(eur) AS sign, CAST(abs(eur) * 100 AS HUGEINT) AS cents,
    CAST(sum(weight) * 100000000 AS HUGEINT) AS hundred_millionths,
    cents * hundred_millionths // 100000000 AS floor, cents * hundred_millionths % 100000000 AS rest
  FROM kind_of_operation JOIN location USING (operation_id)
  WHERE eur IS NOT NULL
  GROUP BY operation_id, amount_kind, nuts_code, eur
),
divided AS (
  SELECT operation_id, amount_kind, nuts_code, CAST(sign * (floor + CASE
    WHEN row_number() OVER (whole ORDER BY rest DESC, nuts_code) <= cents - sum(floor) OVER whole THEN 1 ELSE 0
  END) AS DECIMAL(30, 0)) * 0.01 AS eur
  FROM share
  WINDOW whole AS (PARTITION BY operation_id, amount_kind)
)
SELECT operation_id, dimension, key, amount_kind, eur
FROM member JOIN kind_of_operation USING (operation_id)
WHERE dimension NOT IN ('region', 'nuts1', 'nuts2', 'nuts3')
UNION ALL
SELECT operation_id, dimension, key, amount_kind, sum(eur)
FROM place JOIN divided USING (operation_id, nuts_code)
GROUP BY ALL
