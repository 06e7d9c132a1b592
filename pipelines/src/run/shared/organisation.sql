-- Grain: organisation. Inputs: organisation_name (one row per spelling and list).
-- The most frequent spelling names the organisation; a natural person has no name.
WITH spelling AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY organisation_id
            ORDER BY n DESC, source_id, source_file, source_row, name
        ) AS place
    FROM organisation_name
)
SELECT
    organisation_id,
    CASE WHEN natural_person THEN NULL ELSE name END AS name,
    kind,
    country,
    postcode,
    nuts_code,
    natural_person,
    source_id,
    source_file,
    source_location,
    source_row
FROM spelling
WHERE place = 1
