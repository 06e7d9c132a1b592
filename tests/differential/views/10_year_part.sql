-- Money of each calendar year, as published and in euro at the average rate of the year: amounts are spread over the days of
-- their operation, to the cent (whole cents first, what is left to the largest remainders, of equal ones to the first year).
-- Without days of an operation an amount lies in the year of its own date.
-- Grain: amount and year. Inputs: operation_amount, average. Population: amounts of operations that count and have a year.
WITH published AS (
  SELECT operation_id, amount_kind, financing_source, currency, country, sign(amount) AS sign,
    CAST(abs(amount) * 100 AS HUGEINT) AS cents, coalesce(start_date <= end_date, false) AS has_days,
    CASE WHEN has_days THEN start_date ELSE date_trunc('year', amount_date)::DATE END AS first,
    CASE WHEN has_days THEN end_date ELSE make_date(year(amount_date), 12, 31) END AS last
  FROM operation_amount JOIN counted USING (operation_id)
),
share AS (
  SELECT p.*, y.year, last - first + 1 AS days,
    least(last, make_date(y.year, 12, 31)) - greatest(first, make_date(y.year, 1, 1)) + 1 AS days_of_year,
    cents * days_of_year // days AS floor, cents * days_of_year % days AS rest
  FROM published AS p, LATERAL (SELECT unnest(range(year(first), year(last) + 1)) AS year) AS y
),
divided AS (
  SELECT operation_id, amount_kind, financing_source, currency, country, year, sign, floor + CASE
    WHEN row_number() OVER (whole ORDER BY rest DESC, year) <= cents - sum(floor) OVER whole THEN 1 ELSE 0
  END AS part
  FROM share
  WINDOW whole AS (PARTITION BY operation_id, amount_kind, financing_source, currency)
)
SELECT operation_id, amount_kind, financing_source, currency, country, year, sign * part AS cents,
  sign * ((2 * part * 10000 + per_euro) // (2 * per_euro)) AS euro_cents
FROM divided LEFT JOIN average USING (currency, year)
