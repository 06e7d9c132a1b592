-- Grain: spelling of an organisation, the best of each organisation first. Inputs: organisation_name.
-- The most frequent spelling names the organisation, of equally frequent ones the first by list and letters; a natural
-- person has no name. The run keeps the first row of each organisation.
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
FROM organisation_name
ORDER BY organisation_id, n DESC, list_id, name
