-- Operations that count: each once, though it stands in two lists, and no rows that stand for many.
-- Grain: operation. Inputs: operation, operation_match.
SELECT *
FROM operation
WHERE NOT is_aggregate
  AND operation_id NOT IN (
    SELECT CASE WHEN preferred THEN other_operation_id ELSE operation_id END FROM operation_match
  )
