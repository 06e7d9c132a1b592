-- Granted support in euro, of one country, as the two countries publish different quantities under this name.
-- Grain: key. Population: operations that count; n are those with such an amount, coverage is their share.
-- compare: funding_granted --country {land} --by {by}
-- each: land = DE | SE
-- each: by = region | nuts3 | country | programme | intervention | period | list | beneficiary
WITH grouped AS (
  SELECT key, sum(eur) AS value, count(eur) AS n,
    CAST(coalesce(sum(weight) FILTER (eur IS NOT NULL), 0) AS DOUBLE) / CAST(sum(weight) AS DOUBLE) AS coverage
  FROM member
  LEFT JOIN (FROM part WHERE amount_kind = 'granted') USING (operation_id, dimension, key)
  WHERE dimension = getvariable('by') AND operation_id IN (SELECT operation_id FROM counted WHERE country = getvariable('land'))
  GROUP BY ALL
)
SELECT key, value, n, coverage
FROM shown LEFT JOIN grouped USING (key)
WHERE dimension = getvariable('by')
  AND (coverage IS NOT NULL OR key[:2] = getvariable('land') AND dimension IN ('region', 'nuts3'))
