-- Operations, each with its share in each region.
-- Grain: key. Population: operations that count, of one country because lists of the two cut operations differently.
-- compare: operations --country {land} --by {by}
-- each: land = DE | SE
-- each: by = region | nuts3 | programme | intervention | period | fund | list | year
WITH grouped AS (
  SELECT key, sum(weight) AS value, count(*) AS n, 1.0::DOUBLE AS coverage
  FROM member
  WHERE dimension = getvariable('by') AND operation_id IN (SELECT operation_id FROM counted WHERE country = getvariable('land'))
  GROUP BY ALL
)
SELECT key, value, n, coverage
FROM shown LEFT JOIN grouped USING (key)
WHERE dimension = getvariable('by') AND (n > 0 OR key[:2] = getvariable('land') AND dimension IN ('region', 'nuts3'))
