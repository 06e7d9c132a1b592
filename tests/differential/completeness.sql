-- Facts that the lists publish of their operations, of seven: title, beneficiary, first day, last day, field of
-- intervention, an amount of any kind, a place below the country.
-- Grain: key. Population: operations that count.
-- compare: completeness --by {by}
-- each: by = region | programme | list
WITH facts AS (
  SELECT operation_id, 7 AS facts,
    (title IS NOT NULL)::INT + (start_date IS NOT NULL)::INT + (end_date IS NOT NULL)::INT + (intervention_code IS NOT NULL)::INT
    + EXISTS (FROM operation_organisation AS b WHERE b.operation_id = o.operation_id AND role = 'beneficiary')::INT
    + EXISTS (FROM operation_amount AS a WHERE a.operation_id = o.operation_id)::INT
    + EXISTS (FROM operation_region AS r WHERE r.operation_id = o.operation_id AND role = 'implementation'
        AND length(r.nuts_code) > 2)::INT AS filled
  FROM counted AS o
),
grouped AS (
  SELECT key, CAST(sum(filled * weight) AS DOUBLE) / nullif(CAST(sum(facts * weight) AS DOUBLE), 0) AS value, count(facts) AS n,
    CAST(coalesce(sum(weight) FILTER (facts IS NOT NULL), 0) AS DOUBLE) / CAST(sum(weight) AS DOUBLE) AS coverage
  FROM member LEFT JOIN facts USING (operation_id)
  WHERE dimension = getvariable('by')
  GROUP BY ALL
)
SELECT key, value, n, coverage
FROM shown LEFT JOIN grouped USING (key)
WHERE dimension = getvariable('by')
