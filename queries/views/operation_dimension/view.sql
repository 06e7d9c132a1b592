-- Grain: operation. Inputs: counted_operation, operation_organisation. Population: operations to count. An operation has at
-- most one beneficiary.
WITH held AS (
    SELECT operation_id, min(organisation_id) AS organisation_id
    FROM operation_organisation
    WHERE role = 'beneficiary'
    GROUP BY operation_id
)
SELECT
    o.operation_id,
    o.country,
    o.period,
    o.fund,
    o.programme_id AS programme,
    CASE WHEN o.intervention_code IS NOT NULL THEN concat(coalesce(o.intervention_list, '?'), ' ', o.intervention_code) END
    AS intervention,
    o.instrument_id AS instrument,
    h.organisation_id AS beneficiary,
    o.list_id AS list,
    CAST(date_part('year', o.start_date) AS VARCHAR) AS year
FROM counted_operation AS o
LEFT JOIN held AS h ON h.operation_id = o.operation_id
