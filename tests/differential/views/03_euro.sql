-- Amounts in euro: money of another currency is spread evenly over the days of its operation, first and last included,
-- and the part of each year is converted at the average of that year. Without days, or without the average of a year, there is
-- no amount. All in whole numbers, ten digits below the cent, and rounded to the cent once.
-- Grain: amount. Inputs: operation_amount, average. Population: amounts of operations that count.
WITH published AS (
  SELECT a.operation_id, amount_kind, financing_source, currency, CAST(amount * 100 AS HUGEINT) AS cents, start_date, end_date
  FROM operation_amount AS a JOIN counted USING (operation_id)
),
year_part AS (
  SELECT p.*, y.year,
    least(end_date, make_date(y.year, 12, 31)) - greatest(start_date, make_date(y.year, 1, 1)) + 1 AS days_of_year,
    end_date - start_date + 1 AS days_of_all
  FROM published AS p, LATERAL (SELECT unnest(range(year(start_date), year(end_date) + 1)) AS year) AS y
  WHERE currency <> 'EUR' AND start_date <= end_date
),
converted AS (
  SELECT operation_id, amount_kind, financing_source, currency, count(*) = count(per_euro) AS every_year,
    sum(cents * days_of_year * 10000 * 10000000000::HUGEINT // (days_of_all * per_euro)) AS fine
  FROM year_part LEFT JOIN average USING (currency, year)
  GROUP BY ALL
)
SELECT operation_id, amount_kind, financing_source, p.currency,
  CAST(CASE
    WHEN p.currency = 'EUR' THEN cents
    WHEN every_year THEN sign(fine) * ((abs(fine) + 5000000000) // 10000000000)
  END AS DECIMAL(30, 0)) * 0.01 AS eur
FROM published AS p LEFT JOIN converted USING (operation_id, amount_kind, financing_source, currency)
