-- Grain: region of implementation of an operation. Inputs: operation_region, counted_operation. Population: operations to
-- count.
SELECT r.operation_id, r.nuts_code, r.nuts_version, r.weight, r.method
FROM operation_region AS r
JOIN counted_operation AS o ON o.operation_id = r.operation_id
WHERE r.role = 'implementation'
