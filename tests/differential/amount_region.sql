-- Money by region of implementation, as published and in euro: amounts are divided by the weights of their operation's places,
-- to the cent and by largest remainder, of equal remainders to the first code.
-- Grain: region, kind and currency. Population: amounts of operations that count and have a place; the country's code is for
-- what has no region.
-- sql: SELECT nuts_code, amount_kind, currency, count(*) AS n, sum(amount) AS amount, sum(amount_eur) AS eur
-- sql: FROM amount_region GROUP BY 1, 2, 3
-- key: nuts_code, amount_kind, currency
WITH published AS (
  SELECT operation_id, amount_kind, financing_source, currency, 'amount' AS money, CAST(amount * 100 AS HUGEINT) AS cents
  FROM operation_amount SEMI JOIN counted USING (operation_id)
  UNION ALL
  SELECT operation_id, amount_kind, financing_source, currency, 'eur', CAST(eur * 100 AS HUGEINT) FROM euro
),
share AS (
  SELECT operation_id, amount_kind, financing_source, currency, money, nuts_code, cents,
    CAST(sum(weight) * 100000000 AS HUGEINT) AS hundred_millionths,
    abs(cents) * hundred_millionths // 100000000 AS floor, abs(cents) * hundred_millionths % 100000000 AS rest
  FROM published JOIN location USING (operation_id)
  GROUP BY operation_id, amount_kind, financing_source, currency, money, nuts_code, cents
),
divided AS (
  SELECT nuts_code, amount_kind, currency, money, CAST(sign(cents) * (floor + CASE
    WHEN row_number() OVER (whole ORDER BY rest DESC, nuts_code) <= abs(cents) - sum(floor) OVER whole THEN 1 ELSE 0
  END) AS DECIMAL(30, 0)) * 0.01 AS part
  FROM share
  WINDOW whole AS (PARTITION BY operation_id, amount_kind, financing_source, currency, money)
)
SELECT nuts_code, amount_kind, currency, count(*) FILTER (money = 'amount') AS n, sum(part) FILTER (money = 'amount') AS amount,
  sum(part) FILTER (money = 'eur') AS eur
FROM divided
GROUP BY ALL
