-- What was paid of the budgets of EU funds: payments so far over the budgets that they and their published shares imply.
-- Grain: key; n are pairs of member state and fund. Population: member states and funds (not their totals) with payments and
-- a share above zero, at the last year of which a share is published.
-- compare: absorption --by {by}
-- each: by = country | fund | period
WITH share AS (
  SELECT country, fund, period, max(period_end) AS last, arg_max(value, period_end) AS percent
  FROM programme_absorption
  WHERE measure = 'paid_share' AND value > 0 AND country <> 'EU' AND fund <> 'TOTAL'
  GROUP BY ALL
),
pair AS (
  SELECT s.country, s.fund, s.period, CAST(sum(value) AS DOUBLE) AS paid,
    paid * 100 / CAST(any_value(percent) AS DOUBLE) AS budget
  FROM share AS s JOIN programme_absorption AS p USING (country, fund, period)
  WHERE measure = 'paid_in_year' AND period_end <= last
  GROUP BY ALL
)
SELECT CASE getvariable('by') WHEN 'country' THEN country WHEN 'fund' THEN fund ELSE period END AS key,
  fsum(paid) / fsum(budget) AS value, count(*) AS n
FROM pair
GROUP BY ALL
