-- Money in euro that is of no year: neither days of the operation nor a date of the amount. Kronor without a year have no rate.
-- Grain: operation and kind of amount. Inputs: operation_amount, counted. Population: amounts of operations that count and have
-- no year.
SELECT operation_id, amount_kind, CAST(sum(amount * 100) AS HUGEINT) AS euro_cents
FROM operation_amount JOIN counted USING (operation_id)
WHERE NOT coalesce(start_date <= end_date, false) AND amount_date IS NULL
GROUP BY ALL
HAVING count(*) = count(*) FILTER (currency = 'EUR')
