-- What was published of each kind of amount in each currency, by list.
-- Grain: list, kind, currency. Population: all operations, also those that stand for many or stand in two lists.
-- sql: SELECT list_id, amount_kind, currency, count(*) AS n, sum(amount) AS total, min(amount) AS least, max(amount) AS most
-- sql: FROM operation_amount JOIN operation USING (operation_id) GROUP BY 1, 2, 3
-- key: list_id, amount_kind, currency
SELECT list_id, amount_kind, currency, count(*) AS n, sum(amount) AS total, min(amount) AS least, max(amount) AS most
FROM operation_amount JOIN operation USING (operation_id)
GROUP BY ALL
