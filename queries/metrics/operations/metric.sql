-- Grain: operation. Inputs: counted_operation. Population: operations to count.
SELECT operation_id, 1 AS numerator
FROM counted_operation
