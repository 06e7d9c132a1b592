-- The view where most questions about money begin, against the tables: sums by kind, currency and Land or Swedish län.
-- Grain: kind, currency and region. Population: amounts of operations that count.
-- sql: SELECT amount_kind, currency, nuts_code, count(*) AS n, sum(amount) AS total FROM funding GROUP BY 1, 2, 3
-- key: amount_kind, currency, nuts_code
SELECT amount_kind, currency, nuts_code, count(*) AS n, sum(amount) AS total
FROM operation_amount JOIN counted USING (operation_id)
GROUP BY ALL
