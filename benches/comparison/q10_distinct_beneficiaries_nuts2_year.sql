-- Grain: NUTS 2 region and year in which operations start.
-- Inputs: operation, operation_organisation.
-- Population: beneficiaries.
WITH started AS (
  SELECT substr(o.nuts_code, 1, 4) AS nuts2, CAST(date_part('year', o.start_date) AS INT) AS year, r.organisation_id
  FROM operation o
  JOIN operation_organisation r ON r.operation_id = o.operation_id AND r.role = 'beneficiary'
)
SELECT nuts2, year, count(DISTINCT organisation_id) AS beneficiaries
FROM started
GROUP BY nuts2, year
ORDER BY nuts2, year
