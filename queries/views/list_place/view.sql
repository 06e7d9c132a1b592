-- Grain: list and region of implementation. Inputs: operation_place. Population: operations to count; one of several regions
-- counts in each.
SELECT list, nuts_code, count(*) AS n
FROM operation_place
GROUP BY list, nuts_code
