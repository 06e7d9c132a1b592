-- What an operation has of a kind of amount in euro, whoever pays it; null where a part of it is not known in euro.
-- Grain: operation and kind of amount. Inputs: euro.
SELECT operation_id, amount_kind, CASE WHEN count(eur) = count(*) THEN sum(eur) END AS eur
FROM euro
GROUP BY ALL
