-- Grain: region of implementation of an operation. Inputs: operation_region, counted_operation. Population: operations to
-- count.
SELECT
    o.operation_id,
    coalesce(r.nuts_code, o.country) AS nuts_code,
    r.nuts_version,
    CASE WHEN r.operation_id IS NULL THEN CAST(1 AS DECIMAL(9, 8)) ELSE r.weight END AS weight,
    coalesce(r.method, 'none') AS method
FROM counted_operation AS o
LEFT JOIN operation_region AS r ON r.operation_id = o.operation_id AND r.role = 'implementation'
