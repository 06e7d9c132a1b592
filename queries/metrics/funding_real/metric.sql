-- Grain: operation. Inputs: counted_operation, operation_funding_2020. Population: operations to count; null where a year of an
-- operation has no price level, or an operation publishes no total eligible expenditure.
SELECT o.operation_id, m.amount_eur_2020 AS numerator
FROM counted_operation AS o
LEFT JOIN operation_funding_2020 AS m ON m.operation_id = o.operation_id AND m.amount_kind = 'total_eligible'
