-- Grain: pair of entries for the same operation in two lists. Inputs: operation, operation_organisation.
-- A natural id counts without the programme code that some lists put before it ("<CCI>_<id>"). Where the ids do not tell,
-- the same body, title and first day are taken to be the same operation. Everything begins with the few entries that have
-- a natural id; titles are compared last.
WITH entry AS (
    SELECT
        operation_id,
        list_id,
        country,
        start_date,
        regexp_replace(natural_id, '^[0-9]{4}[A-Z0-9]{8,12}_', '') AS bare_id,
        coalesce(natural_id LIKE concat(programme_id, '\_%'), false) AS is_repeated_elsewhere,
        title,
        source_id, source_file, source_location, source_row
    FROM operation
    WHERE NOT is_aggregate AND natural_id IS NOT NULL
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
    SELECT
        e.operation_id,
        e.list_id,
        e.bare_id,
        e.start_date,
        b.organisation_id,
        lower(regexp_replace(e.title, '[^[:alnum:]]', '', 'g')) AS bare_title
    FROM entry AS e
    JOIN operation_organisation AS b ON b.operation_id = e.operation_id AND b.role = 'beneficiary'
    WHERE e.is_repeated_elsewhere
),
same_body AS (
    SELECT
        b.operation_id,
        r.operation_id AS other_operation_id,
        r.list_id AS other_list_id,
        r.bare_id AS other_bare_id,
        r.start_date AS other_start_date,
        r.bare_title
    FROM repeated AS r
    JOIN operation_organisation AS b ON b.organisation_id = r.organisation_id AND b.role = 'beneficiary'
    WHERE length(r.bare_title) >= 8
),
by_body AS (
    SELECT
        a.*,
        s.other_operation_id,
        'organisation, name and start' AS basis,
        0.9 AS score
    FROM same_body AS s
    JOIN operation AS a ON a.operation_id = s.operation_id AND a.start_date = s.other_start_date
    WHERE
        NOT a.is_aggregate
        AND a.list_id <> s.other_list_id
        AND (regexp_replace(a.natural_id, '^[0-9]{4}[A-Z0-9]{8,12}_', '') IS DISTINCT FROM s.other_bare_id)
        AND NOT coalesce(a.natural_id LIKE concat(a.programme_id, '\_%'), false)
        AND lower(regexp_replace(a.title, '[^[:alnum:]]', '', 'g')) = s.bare_title
),
pair AS (
    SELECT
        operation_id, other_operation_id, basis, score, NOT is_repeated_elsewhere OR other_repeats AS preferred,
        source_id, source_file, source_location, source_row
    FROM by_id
    UNION ALL
    SELECT
        operation_id, other_operation_id, basis, score, true AS preferred,
        source_id, source_file, source_location, source_row
    FROM by_body
    WHERE NOT EXISTS (SELECT 1 FROM by_id WHERE by_id.operation_id = by_body.operation_id)
)
SELECT
    operation_id,
    other_operation_id,
    basis,
    CAST(score AS DECIMAL(9, 6)) AS score,
    -- The list that puts a programme code before the id repeats what another list published first.
    preferred,
    source_id, source_file, source_location, source_row
FROM pair
