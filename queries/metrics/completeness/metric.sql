-- Grain: operation. Inputs: counted_operation, operation_amount, operation_organisation. Population: operations to count.
WITH paid_or_granted AS (
    SELECT DISTINCT operation_id FROM operation_amount
),
held AS (
    SELECT DISTINCT operation_id FROM operation_organisation WHERE role = 'beneficiary'
)
SELECT
    o.operation_id,
    CAST(o.title IS NOT NULL AS INT) + CAST(h.operation_id IS NOT NULL AS INT)
    + CAST(o.start_date IS NOT NULL AS INT) + CAST(o.end_date IS NOT NULL AS INT)
    + CAST(o.intervention_code IS NOT NULL AS INT) + CAST(a.operation_id IS NOT NULL AS INT)
    + CAST(coalesce(length(o.nuts_code), 0) > 2 AS INT) AS numerator,
    7 AS denominator
FROM counted_operation AS o
LEFT JOIN paid_or_granted AS a ON a.operation_id = o.operation_id
LEFT JOIN held AS h ON h.operation_id = o.operation_id
