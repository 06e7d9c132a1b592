-- Grain: quarter of one operation.
-- Inputs: operation, operation_amount, participation.
-- Population: cells of the operation s00000001234, of all indicators.
WITH granted AS (
  SELECT sum(amount) AS granted FROM operation_amount WHERE operation_id = 's00000001234' AND amount_kind = 'granted'
)
SELECT o.title, o.nuts_code, g.granted, p.period_start, sum(p.n) AS n
FROM operation o
JOIN participation p ON p.operation_id = o.operation_id
CROSS JOIN granted g
WHERE o.operation_id = 's00000001234' AND p.operation_id = 's00000001234'
GROUP BY o.title, o.nuts_code, g.granted, p.period_start
ORDER BY p.period_start
