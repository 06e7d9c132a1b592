-- Grain: operation. Inputs: counted_operation, operation_funding. Population: operations to count; numerator is null where an
-- operation publishes no amount of this kind.
SELECT o.operation_id, f.amount_eur AS numerator
FROM counted_operation AS o
LEFT JOIN operation_funding AS f ON f.operation_id = o.operation_id AND f.amount_kind = 'eu'
