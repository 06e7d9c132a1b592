-- Total eligible expenditure in euro that falls into the years of the statistic, for each registered unemployed person and year:
-- the money of an operation is spread evenly over its days, first and last included, and divided by the stocks of the same
-- years, added up.
-- Grain: key. Population: operations that count with total eligible expenditure and days in these years; one country, as the
-- law on registration is national. Where a year has no stock, or there is no such money, there is no value.
-- compare: funding_per_{who} --by {by} --country DE
-- each: who = unemployed | long_term_unemployed
-- each: by = region | nuts3
WITH persons AS (
  SELECT nuts_code AS key, person_years FROM stock WHERE statistic = 'registered_' || getvariable('who')
),
dated AS (
  -- Operations with their days, and how many of these lie in a year that counts.
  SELECT operation_id, end_date - start_date + 1 AS days,
    sum(least(end_date, make_date(c.year, 12, 31)) - greatest(start_date, make_date(c.year, 1, 1)) + 1) AS days_that_count
  FROM counted AS o JOIN common_year AS c ON c.country = o.country AND c.year BETWEEN year(start_date) AND year(end_date)
  WHERE c.statistic = 'registered_' || getvariable('who') AND o.country = 'DE'
    AND start_date <= end_date AND year(end_date) - year(start_date) <= 40
  GROUP BY ALL
),
grouped AS (
  SELECT key, fsum(CAST(eur AS DOUBLE) * CAST(weight AS DOUBLE) * CAST(days_that_count AS DOUBLE) / days) AS eur
  FROM member JOIN kind_of_operation USING (operation_id) JOIN dated USING (operation_id)
  WHERE dimension = getvariable('by') AND amount_kind = 'total_eligible' AND eur IS NOT NULL
  GROUP BY ALL
)
SELECT key, eur / person_years AS value
FROM shown LEFT JOIN grouped USING (key) LEFT JOIN persons USING (key)
WHERE dimension = getvariable('by') AND key[:2] = 'DE'
