-- Total eligible expenditure in euro for each registered unemployed person of the region, by the mean of the yearly stocks.
-- Grain: key. Population: operations that count with total eligible expenditure; one country, as the law on registration
-- is national. Where there is no stock or no such money, there is no value.
-- compare: funding_per_{who} --by {by} --country DE
-- each: who = unemployed | long_term_unemployed
-- each: by = region | nuts3
WITH persons AS (
  SELECT nuts_code AS key, persons FROM stock WHERE statistic = 'registered_' || getvariable('who')
),
grouped AS (
  SELECT key, CAST(sum(eur * weight) AS DOUBLE) AS eur
  FROM member JOIN kind_of_operation USING (operation_id)
  WHERE dimension = getvariable('by') AND amount_kind = 'total_eligible'
    AND operation_id IN (SELECT operation_id FROM counted WHERE country = 'DE')
  GROUP BY ALL
)
SELECT key, eur / persons AS value
FROM shown LEFT JOIN grouped USING (key) LEFT JOIN persons USING (key)
WHERE dimension = getvariable('by') AND key[:2] = 'DE'
