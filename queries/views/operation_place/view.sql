-- Grain: operation and region of implementation. Inputs: counted_operation, operation_region, operation_organisation. Population:
-- operations to count. An operation has at most one beneficiary.
WITH held AS (
    SELECT operation_id, min(organisation_id) AS organisation_id
    FROM operation_organisation
    WHERE role = 'beneficiary'
    GROUP BY operation_id
),
-- Several places in one region are one region.
divided AS (
    SELECT operation_id, nuts_code, max(nuts_version) AS nuts_version, sum(weight) AS weight, min(method) AS method
    FROM operation_region
    WHERE role = 'implementation' AND weight <> 1
    GROUP BY operation_id, nuts_code
),
first_of AS (
    SELECT operation_id, min(nuts_code) AS nuts_code FROM divided GROUP BY operation_id
),
placed AS (
    SELECT operation_id, nuts_code, nuts_version, weight, method, true AS is_first
    FROM operation_region
    WHERE role = 'implementation' AND weight = 1
    UNION ALL
    SELECT d.operation_id, d.nuts_code, d.nuts_version, CAST(d.weight AS DECIMAL(9, 8)), d.method, d.nuts_code = f.nuts_code
    FROM divided AS d
    JOIN first_of AS f ON f.operation_id = d.operation_id
)
SELECT
    o.operation_id,
    coalesce(r.nuts_code, o.country) AS nuts_code,
    r.nuts_version,
    CASE WHEN r.operation_id IS NULL THEN CAST(1 AS DECIMAL(9, 8)) ELSE r.weight END AS weight,
    coalesce(r.method, 'none') AS method,
    coalesce(r.is_first, true) AS is_first,
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
LEFT JOIN placed AS r ON r.operation_id = o.operation_id
LEFT JOIN held AS h ON h.operation_id = o.operation_id
