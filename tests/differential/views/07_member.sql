-- What each operation that counts belongs to, by what it can be compared by. Of several regions each has its share of it;
-- an operation without a region of the level has none there.
-- Grain: operation, dimension and key. Inputs: counted, operation_organisation, place.
WITH coded AS (
  SELECT operation_id, country, programme_id AS programme, period, fund, list_id AS list,
    intervention_list || ' ' || intervention_code AS intervention, CAST(year(start_date) AS VARCHAR) AS year
  FROM counted
),
single AS (
  UNPIVOT coded ON COLUMNS(* EXCLUDE operation_id) INTO NAME dimension VALUE key
)
SELECT operation_id, dimension, key, CAST(1 AS DECIMAL(20, 8)) AS weight FROM single
UNION ALL SELECT operation_id, 'beneficiary', organisation_id, 1
  FROM operation_organisation SEMI JOIN counted USING (operation_id) WHERE role = 'beneficiary'
UNION ALL SELECT operation_id, dimension, key, sum(weight) FROM place GROUP BY ALL
