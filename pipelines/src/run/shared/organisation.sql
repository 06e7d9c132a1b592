-- Grain: organisation. Inputs: organisation_name (one row per spelling and list).
-- The most frequent spelling names the organisation, of equally frequent ones the first by list and letters; a natural
-- person has no name and one row only. The rank is one text, so that an aggregate finds the best: a window would sort all
-- spellings with all their columns.
WITH spelling AS (
    SELECT
        *,
        concat(lpad(CAST(1000000000000 - n AS VARCHAR), 13, '0'), list_id, chr(31), name) AS rank
    FROM organisation_name
    WHERE NOT natural_person
),
best AS (
    SELECT organisation_id, min(rank) AS rank
    FROM spelling
    GROUP BY organisation_id
)
SELECT
    s.organisation_id,
    s.name,
    s.kind,
    s.country,
    s.postcode,
    s.nuts_code,
    s.natural_person,
    s.source_id,
    s.source_file,
    s.source_location,
    s.source_row
FROM best AS b
JOIN spelling AS s ON s.organisation_id = b.organisation_id AND s.rank = b.rank
UNION ALL
SELECT
    organisation_id,
    NULL AS name,
    kind,
    country,
    postcode,
    nuts_code,
    natural_person,
    source_id,
    source_file,
    source_location,
    source_row
FROM organisation_name
WHERE natural_person
