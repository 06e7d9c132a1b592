-- Grain: operation and kind of amount. Inputs: amount_eur. Population: amounts of operations to count.
SELECT operation_id, amount_kind, CASE WHEN count(amount_eur) = count(*) THEN sum(amount_eur) END AS amount_eur
FROM amount_eur
GROUP BY operation_id, amount_kind
