-- Grain: pair of entries for the same operation in two lists. Inputs: operation, operation_organisation.
-- A natural id counts without the programme code that some lists put before it ("<CCI>_<id>"). Where the ids do not tell,
-- the same body, title and first day are taken to be the same operation.
WITH entry AS (
    SELECT
        o.operation_id,
        o.list_id,
        o.country,
        o.start_date,
        regexp_replace(o.natural_id, '^[0-9]{4}[A-Z0-9]{8,12}_', '') AS bare_id,
        o.natural_id LIKE concat(o.programme_id, '\_%') AS is_repeated_elsewhere,
        o.title,
        b.organisation_id,
        o.source_id, o.source_file, o.source_location, o.source_row
    FROM operation AS o
    LEFT JOIN operation_organisation AS b ON b.operation_id = o.operation_id AND b.role = 'beneficiary'
    WHERE NOT o.is_aggregate
),
by_id AS (
    SELECT a.*, b.operation_id AS other_operation_id, b.is_repeated_elsewhere AS other_repeats, 'natural_id' AS basis, 1.0 AS score
    FROM entry AS a
    JOIN entry AS b ON a.bare_id = b.bare_id AND a.country = b.country AND a.list_id < b.list_id
    WHERE length(a.bare_id) >= 8
),
-- Only lists that repeat others by programme code are matched by body: two lists of one country otherwise hold
-- operations of their own.
repeated AS (
    SELECT *, lower(regexp_replace(title, '[^[:alnum:]]', '', 'g')) AS bare_title
    FROM entry
    WHERE is_repeated_elsewhere
),
by_body AS (
    SELECT
        a.*,
        r.operation_id AS other_operation_id,
        true AS other_repeats,
        'organisation, name and start' AS basis,
        0.9 AS score
    FROM entry AS a
    JOIN repeated AS r
        ON a.organisation_id = r.organisation_id AND a.start_date = r.start_date
        AND lower(regexp_replace(a.title, '[^[:alnum:]]', '', 'g')) = r.bare_title
    WHERE
        a.list_id <> r.list_id
        AND (a.bare_id IS DISTINCT FROM r.bare_id)
        AND length(r.bare_title) >= 8
        AND coalesce(a.is_repeated_elsewhere, false) = false
),
pair AS (
    SELECT
        operation_id, other_operation_id, basis, score, is_repeated_elsewhere, other_repeats,
        source_id, source_file, source_location, source_row
    FROM by_id
    UNION ALL
    SELECT
        operation_id, other_operation_id, basis, score, is_repeated_elsewhere, other_repeats,
        source_id, source_file, source_location, source_row
    FROM by_body
    WHERE operation_id NOT IN (SELECT operation_id FROM by_id)
)
SELECT
    operation_id,
    other_operation_id,
    basis,
    CAST(score AS DECIMAL(9, 6)) AS score,
    -- The list that puts a programme code before the id repeats what another list published first.
    NOT coalesce(is_repeated_elsewhere, false) OR coalesce(other_repeats, false) AS preferred,
    source_id, source_file, source_location, source_row
FROM pair
