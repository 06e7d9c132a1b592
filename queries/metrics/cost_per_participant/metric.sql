-- Grain: operation. Inputs: counted_operation, operation_funding, operation_participant. Population: operations to count; null
-- where an operation publishes no total eligible expenditure or no count of participants.
SELECT
    o.operation_id,
    CAST(f.amount_eur AS DOUBLE) AS numerator,
    CAST(CASE WHEN p.n > 0 THEN p.n END AS DOUBLE) AS denominator,
    coalesce(p.is_suppressed AND p.n IS NULL, false) AND f.amount_eur IS NOT NULL AS is_suppressed
FROM counted_operation AS o
LEFT JOIN operation_funding AS f ON f.operation_id = o.operation_id AND f.amount_kind = 'total_eligible'
LEFT JOIN operation_participant AS p ON p.operation_id = o.operation_id AND p.measure = 'participants'
