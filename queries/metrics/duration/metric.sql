-- Grain: operation. Inputs: counted_operation. Population: operations to count; null where a date is missing or the last
-- day lies before the first.
SELECT
    operation_id,
    CASE WHEN end_date >= start_date THEN end_date - start_date + 1 END AS numerator,
    CASE WHEN end_date >= start_date THEN 1 END AS denominator
FROM counted_operation
