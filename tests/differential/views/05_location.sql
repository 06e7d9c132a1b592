-- Where operations that count take place. What has one region at the next level of NUTS, of the same code and a 0, is that
-- region, and so on below; a place in another country than that of the programme is in none of its regions.
-- Grain: operation and place. Inputs: counted, operation_region, region.
WITH whole AS (
  SELECT parent_nuts_code AS code, any_value(nuts_code) AS part
  FROM region
  WHERE nuts_version = (SELECT max(nuts_version) FROM region) AND level > 1
  GROUP BY parent_nuts_code
  HAVING count(*) = 1 AND any_value(nuts_code) = parent_nuts_code || '0'
)
SELECT operation_id, CASE WHEN country <> r.nuts_code[:2] THEN country ELSE coalesce(b.part, a.part, r.nuts_code) END AS nuts_code,
  sum(weight) AS weight
FROM counted
JOIN operation_region AS r USING (operation_id)
LEFT JOIN whole AS a ON a.code = r.nuts_code
LEFT JOIN whole AS b ON b.code = coalesce(a.part, r.nuts_code)
WHERE role = 'implementation'
GROUP BY ALL
