-- Grain: operation. Inputs: operation, operation_match. Population: all operations but aggregates and the entries of
-- other lists that repeat them.
SELECT o.*
FROM operation AS o
WHERE
    NOT o.is_aggregate
    AND o.operation_id NOT IN (
        SELECT CASE WHEN m.preferred THEN m.other_operation_id ELSE m.operation_id END
        FROM operation_match AS m
    )
