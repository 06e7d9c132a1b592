-- Sums of one kind of amount in euro of some operations only: of a country, a funding period, a fund and fields.
-- Grain: list. Population: operations that count and are all that.
-- compare: funding_{kind} --by list --period {period} --country {country} --where "fund = 'ESF' AND intervention LIKE 'ESF%2'"
-- each: kind = total_eligible | granted
-- each: period = 2014-2020
-- each: country = DE | SE
SELECT list_id AS key, sum(eur) AS value, count(eur) AS n, count(eur) / count(*) AS coverage
FROM counted LEFT JOIN (FROM kind_of_operation WHERE amount_kind = getvariable('kind')) USING (operation_id)
WHERE fund = 'ESF' AND period = getvariable('period') AND country = getvariable('country')
  AND intervention_list LIKE 'ESF%' AND intervention_code LIKE '%2'
GROUP BY ALL
