-- Total eligible expenditure in euro for each planned participant.
-- Grain: key. Population: operations that count and publish both.
-- compare: cost_per_planned_participant --by {by}
-- each: by = region | programme | list
WITH planned AS (
  SELECT operation_id, eur, sum(value) AS participants
  FROM kind_of_operation JOIN operation_target USING (operation_id)
  WHERE amount_kind = 'total_eligible' AND eur IS NOT NULL AND measure = 'planned_participants'
  GROUP BY ALL
),
grouped AS (
  SELECT key, CAST(sum(eur * weight) AS DOUBLE) / nullif(CAST(sum(participants * weight) AS DOUBLE), 0) AS value,
    count(participants) AS n,
    CAST(coalesce(sum(weight) FILTER (participants IS NOT NULL), 0) AS DOUBLE) / CAST(sum(weight) AS DOUBLE) AS coverage
  FROM member LEFT JOIN planned USING (operation_id)
  WHERE dimension = getvariable('by')
  GROUP BY ALL
)
SELECT key, value, n, coverage
FROM shown LEFT JOIN grouped USING (key)
WHERE dimension = getvariable('by')
