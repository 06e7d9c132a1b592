-- Grain: indicator cell. Inputs: participation_cell, the disclosure-controlled counts of participants.
SELECT operation_id, CAST(NULL AS DOUBLE) AS numerator, CAST(NULL AS DOUBLE) AS denominator
FROM participation_cell
