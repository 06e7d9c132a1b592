-- Total eligible expenditure by calendar year: each year's part of an amount, to the cent, at the average rate of that year.
-- What has no year is in no year, and with the others in everything else.
-- Grain: key. Population: operations that count with such an amount.
-- compare: spending --by {by}
-- each: by = year | programme | list
WITH of_year AS (
  SELECT operation_id, CAST(year AS VARCHAR) AS year, CAST(sum(euro_cents) AS DECIMAL(30, 0)) * 0.01 AS eur
  FROM year_part
  WHERE amount_kind = 'total_eligible'
  GROUP BY ALL
  HAVING count(*) = count(euro_cents)
),
money AS (
  SELECT operation_id, eur FROM of_year
  UNION ALL
  SELECT operation_id, CAST(euro_cents AS DECIMAL(30, 0)) * 0.01 FROM undated WHERE amount_kind = 'total_eligible'
)
SELECT key, sum(eur) AS value, count(DISTINCT operation_id) FILTER (eur IS NOT NULL) AS n
FROM (
  SELECT operation_id, year AS key, eur FROM of_year WHERE getvariable('by') = 'year'
  UNION ALL
  SELECT operation_id, key, eur FROM member LEFT JOIN money USING (operation_id)
  WHERE dimension = getvariable('by') AND dimension <> 'year'
)
GROUP BY ALL
