-- Grain: pair of entries for the same operation in two lists. Inputs: operation, operation_organisation.
-- A natural id counts without the programme code that some lists put before it ("<CCI>_<id>"). Without one, the same
-- body, title and first day are taken to be the same operation.
WITH entry AS (
    SELECT
        o.operation_id,
        o.list_id,
        o.country,
        o.start_date,
        regexp_replace(o.natural_id, '^[0-9]{4}[A-Z0-9]{8,12}_', '') AS bare_id,
        o.natural_id LIKE concat(o.programme_id, '\_%') AS is_repeated_elsewhere,
        lower(regexp_replace(o.title, '[^[:alnum:]]', '', 'g')) AS bare_title,
        b.organisation_id,
        o.source_id, o.source_file, o.source_location, o.source_row
    FROM operation AS o
    LEFT JOIN operation_organisation AS b ON b.operation_id = o.operation_id AND b.role = 'beneficiary'
    WHERE o.natural_id IS NOT NULL AND NOT o.is_aggregate
),
by_id AS (
    SELECT a.*, b.operation_id AS other_operation_id, b.is_repeated_elsewhere AS other_repeats, 'natural_id' AS basis, 1.0 AS score
    FROM entry AS a
    JOIN entry AS b ON a.bare_id = b.bare_id AND a.country = b.country AND a.list_id < b.list_id
    WHERE length(a.bare_id) >= 8
),
by_body AS (
    SELECT a.*, b.operation_id AS other_operation_id, b.is_repeated_elsewhere AS other_repeats, 'organisation, name and start' AS basis, 0.9 AS score
    FROM entry AS a
    JOIN entry AS b
        ON a.organisation_id = b.organisation_id AND a.bare_title = b.bare_title
        AND a.start_date = b.start_date AND a.list_id < b.list_id
    WHERE a.bare_id <> b.bare_id AND length(a.bare_title) >= 8
),
pair AS (
    SELECT * FROM by_id
    UNION ALL
    SELECT * FROM by_body WHERE operation_id NOT IN (SELECT operation_id FROM by_id)
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
