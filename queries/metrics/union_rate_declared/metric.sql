-- Grain: operation. Inputs: counted_operation, operation_funding. Population: operations to count; null where rate or amount is
-- missing.
SELECT
    o.operation_id,
    o.union_rate * f.amount_eur AS numerator,
    CASE WHEN o.union_rate IS NOT NULL THEN f.amount_eur END AS denominator
FROM counted_operation AS o
LEFT JOIN operation_funding AS f ON f.operation_id = o.operation_id AND f.amount_kind = 'total_eligible'
