-- Grain: operation. Inputs: operation_place. Population: operations to count.
SELECT operation_id, country, period, fund, programme, intervention, instrument, beneficiary, list, year
FROM operation_place
WHERE is_first
