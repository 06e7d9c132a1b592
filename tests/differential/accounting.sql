-- Accounting closes for every file, and what it ignored has its reasons.
-- Grain: file. Population: all files.
-- sql: SELECT file_name AS key, rows_read, rows_loaded + rows_quarantined + rows_ignored AS accounted,
-- sql: rows_ignored AS with_reason FROM source_file
SELECT file_name AS key, rows_loaded + rows_quarantined + rows_ignored AS rows_read, rows_read AS accounted,
  CAST(coalesce((SELECT sum(n) FROM ignored_rows AS i WHERE i.source_file = f.source_file), 0) AS BIGINT) AS with_reason
FROM source_file AS f
