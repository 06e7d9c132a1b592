-- Grain: amount of an operation. Inputs: counted_operation, operation_amount, operation_organisation, organisation.
-- Population: amounts of operations to count. An operation has at most one beneficiary, so no amount is repeated.
WITH beneficiary AS (
    SELECT operation_id, min(organisation_id) AS organisation_id
    FROM operation_organisation
    WHERE role = 'beneficiary'
    GROUP BY operation_id
)
SELECT
    o.operation_id,
    o.list_id,
    o.country,
    o.period,
    o.fund,
    o.nuts_code,
    o.intervention_list,
    o.intervention_code,
    o.start_date,
    o.end_date,
    o.title,
    g.name AS beneficiary,
    b.organisation_id,
    a.amount_kind,
    a.financing_source,
    a.amount,
    a.currency,
    a.derived,
    a.source_id,
    a.source_file,
    a.source_location
FROM operation_amount AS a
JOIN counted_operation AS o ON o.operation_id = a.operation_id
LEFT JOIN beneficiary AS b ON b.operation_id = a.operation_id
LEFT JOIN organisation AS g ON g.organisation_id = b.organisation_id
