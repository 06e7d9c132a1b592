-- Sums of one kind of amount in euro, by everything that operations are compared by, with their ranks.
-- Grain: key. Population: operations that count; n are those with such an amount, coverage is their share.
-- compare: funding_{kind} --by {by}
-- each: kind = total_eligible | paid | eu
-- each: by = region | nuts3 | country | programme | intervention | period | list
WITH grouped AS (
  SELECT key, sum(eur) AS value, count(eur) AS n,
    CAST(coalesce(sum(weight) FILTER (eur IS NOT NULL), 0) AS DOUBLE) / CAST(sum(weight) AS DOUBLE) AS coverage
  FROM member
  LEFT JOIN (FROM part WHERE amount_kind = getvariable('kind')) USING (operation_id, dimension, key)
  WHERE dimension = getvariable('by')
  GROUP BY ALL
)
SELECT key, value, n, coverage,
  CASE WHEN value IS NOT NULL THEN rank() OVER (ORDER BY value DESC NULLS LAST) END AS rank_best,
  CASE WHEN value IS NOT NULL THEN count(value) OVER () + 1 - rank() OVER (ORDER BY value NULLS LAST) END AS rank_worst
FROM shown LEFT JOIN grouped USING (key)
WHERE dimension = getvariable('by')
