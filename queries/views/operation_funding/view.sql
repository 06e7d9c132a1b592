-- Grain: operation and kind of amount. Inputs: amount_eur. Population: amounts of operations to count.
SELECT operation_id, amount_kind, sum(amount_eur) AS amount_eur
FROM amount_eur
GROUP BY operation_id, amount_kind
