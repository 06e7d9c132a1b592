-- Rows of every table by source, and as many as loaded where a source's file makes operations.
-- Grain: table and source. Population: all rows.
-- sql: SELECT 'operation' AS name, source_id, count(*) AS n FROM operation GROUP BY 2
-- sql: UNION ALL SELECT 'operation_amount', source_id, count(*) FROM operation_amount GROUP BY 2
-- sql: UNION ALL SELECT 'operation_region', source_id, count(*) FROM operation_region GROUP BY 2
-- sql: UNION ALL SELECT 'operation_organisation', source_id, count(*) FROM operation_organisation GROUP BY 2
-- sql: UNION ALL SELECT 'operation_fund', source_id, count(*) FROM operation_fund GROUP BY 2
-- sql: UNION ALL SELECT 'operation_target', source_id, count(*) FROM operation_target GROUP BY 2
-- sql: UNION ALL SELECT 'region_statistic', source_id, count(*) FROM region_statistic GROUP BY 2
-- sql: UNION ALL SELECT 'exchange_rate', source_id, count(*) FROM exchange_rate GROUP BY 2
-- sql: UNION ALL SELECT 'finding', source_id, count(*) FROM finding GROUP BY 2
-- key: name, source_id
SELECT name, source_id, count(*) AS n
FROM (
  SELECT 'operation' AS name, source_id FROM operation
  UNION ALL SELECT 'operation_amount', source_id FROM operation_amount
  UNION ALL SELECT 'operation_region', source_id FROM operation_region
  UNION ALL SELECT 'operation_organisation', source_id FROM operation_organisation
  UNION ALL SELECT 'operation_fund', source_id FROM operation_fund
  UNION ALL SELECT 'operation_target', source_id FROM operation_target
  UNION ALL SELECT 'region_statistic', source_id FROM region_statistic
  UNION ALL SELECT 'exchange_rate', source_id FROM exchange_rate
  UNION ALL SELECT 'finding', source_id FROM finding
)
GROUP BY ALL
