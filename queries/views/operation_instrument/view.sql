-- Grain: operation. Inputs: counted_operation, instrument, instrument_label. Population: operations to count that name an
-- instrument.
WITH basis AS (
    -- What held on the first day of the operation; without a day only what always held.
    SELECT
        o.operation_id,
        min(i.name) AS name,
        CASE WHEN count(DISTINCT i.legal_basis) = 1 THEN min(i.legal_basis) END AS legal_basis,
        CASE WHEN count(DISTINCT i.lmp_category) = 1 THEN min(i.lmp_category) END AS lmp_category
    FROM counted_operation AS o
    JOIN instrument AS i
        ON i.instrument_id = o.instrument_id
        AND (o.start_date IS NULL OR i.valid_from IS NULL OR i.valid_from <= o.start_date)
        AND (o.start_date IS NULL OR i.valid_to IS NULL OR i.valid_to >= o.start_date)
    GROUP BY o.operation_id
),
-- Local names with a region around the operation's, valid on its first day; the smallest region names it.
local_name AS (
    SELECT
        o.operation_id,
        l.label,
        row_number() OVER (
            PARTITION BY o.operation_id ORDER BY length(l.nuts_code) DESC, l.valid_from DESC, l.label
        ) AS place
    FROM counted_operation AS o
    JOIN instrument_label AS l
        ON l.instrument_id = o.instrument_id
        AND starts_with(o.nuts_code, l.nuts_code)
        AND o.start_date IS NOT NULL
        AND (l.valid_from IS NOT NULL OR l.valid_to IS NOT NULL)
        AND (l.valid_from IS NULL OR l.valid_from <= o.start_date)
        AND (l.valid_to IS NULL OR l.valid_to >= o.start_date)
)
SELECT
    o.operation_id,
    o.instrument_id,
    b.name,
    b.legal_basis,
    b.lmp_category,
    n.label AS local_name
FROM counted_operation AS o
LEFT JOIN basis AS b ON b.operation_id = o.operation_id
LEFT JOIN local_name AS n ON n.operation_id = o.operation_id AND n.place = 1
WHERE o.instrument_id IS NOT NULL
