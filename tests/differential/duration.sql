-- Mean days of operations, first and last included.
-- Grain: key. Population: operations that count with a first and a last day, the last not before the first, of one country
-- because lists of the two cut operations differently.
-- compare: duration --country {land} --by {by}
-- each: land = DE | SE
-- each: by = region | programme | list
WITH dated AS (
  SELECT operation_id, end_date - start_date + 1 AS days, 1 AS one
  FROM counted
  WHERE start_date <= end_date
),
grouped AS (
  SELECT key, CAST(sum(days * weight) AS DOUBLE) / nullif(CAST(sum(one * weight) AS DOUBLE), 0) AS value, count(one) AS n,
    CAST(coalesce(sum(weight) FILTER (one IS NOT NULL), 0) AS DOUBLE) / CAST(sum(weight) AS DOUBLE) AS coverage
  FROM member LEFT JOIN dated USING (operation_id)
  WHERE dimension = getvariable('by') AND operation_id IN (SELECT operation_id FROM counted WHERE country = getvariable('land'))
  GROUP BY ALL
)
SELECT key, value, n, coverage
FROM shown LEFT JOIN grouped USING (key)
WHERE dimension = getvariable('by') AND (coverage IS NOT NULL OR key[:2] = getvariable('land') AND dimension = 'region')
