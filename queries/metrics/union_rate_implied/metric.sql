-- Grain: operation. Inputs: counted_operation, operation_funding. Population: operations to count; null where one of the two
-- amounts is missing or cannot be converted.
SELECT
    o.operation_id,
    CASE WHEN g.amount_eur > 0 THEN p.amount_eur END AS numerator,
    CASE WHEN g.amount_eur > 0 AND p.amount_eur IS NOT NULL THEN g.amount_eur END AS denominator
FROM counted_operation AS o
LEFT JOIN operation_funding AS g ON g.operation_id = o.operation_id AND g.amount_kind = 'granted'
LEFT JOIN operation_funding AS p ON p.operation_id = o.operation_id AND p.amount_kind = 'eu'
