-- Grain: operation and region of implementation. Inputs: counted_operation, operation, operation_region, operation_organisation,
-- only_subregion. Population: operations to count. An operation has at most one beneficiary.
WITH held AS (
    SELECT operation_id, min(organisation_id) AS organisation_id
    FROM operation_organisation
    WHERE role = 'beneficiary'
    GROUP BY operation_id
),
-- The finest region that a region is as a whole; a code begins with that of the region around it, and so comes behind it.
finest AS (
    SELECT nuts_code, max(only_code) AS only_code FROM only_subregion GROUP BY nuts_code
),
-- Several places in one region are one region, and places abroad are none of the country whose programme pays.
divided AS (
    SELECT
        r.operation_id,
        CASE WHEN substr(r.nuts_code, 1, 2) <> o.country THEN o.country ELSE CASE WHEN f.only_code IS NULL THEN r.nuts_code ELSE f.only_code END END AS nuts_code,
        max(r.nuts_version) AS nuts_version,
        sum(r.weight) AS weight,
        min(r.method) AS method
    FROM operation_region AS r
    JOIN operation AS o ON o.operation_id = r.operation_id
    LEFT JOIN finest AS f ON f.nuts_code = r.nuts_code
    WHERE r.role = 'implementation' AND r.weight <> 1
    GROUP BY
        r.operation_id,
        CASE WHEN substr(r.nuts_code, 1, 2) <> o.country THEN o.country ELSE CASE WHEN f.only_code IS NULL THEN r.nuts_code ELSE f.only_code END END
),
first_of AS (
    SELECT operation_id, min(nuts_code) AS nuts_code FROM divided GROUP BY operation_id
),
placed AS (
    SELECT r.operation_id, CASE WHEN f.only_code IS NULL THEN r.nuts_code ELSE f.only_code END AS nuts_code, r.nuts_version, r.weight, r.method, true AS is_first
    FROM operation_region AS r
    LEFT JOIN finest AS f ON f.nuts_code = r.nuts_code
    WHERE r.role = 'implementation' AND r.weight = 1
    UNION ALL
    SELECT d.operation_id, d.nuts_code, d.nuts_version, CAST(d.weight AS DECIMAL(9, 8)), d.method, d.nuts_code = f.nuts_code
    FROM divided AS d
    JOIN first_of AS f ON f.operation_id = d.operation_id
)
SELECT
    o.operation_id,
    CASE WHEN r.nuts_code IS NULL OR substr(r.nuts_code, 1, 2) <> o.country THEN o.country ELSE r.nuts_code END AS nuts_code,
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
