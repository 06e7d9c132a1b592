-- Sums over all rows of a file as published are the sums of what was loaded from it, where all rows were loaded.
-- Grain: file, kind and currency. Population: files of lists without rejected rows or rows that stand elsewhere; published zeros
-- may be fillers, which make no amount.
-- sql: SELECT file_name, amount_kind, currency, sum(total) AS total FROM control_total AS t
-- sql: JOIN source_file AS f ON f.source_file = t.source_file AND rows_quarantined = 0
-- sql: WHERE t.source_file NOT IN (SELECT source_file FROM ignored_rows
-- sql: WHERE reason IN ('repeated_page', 'other_rendition', 'older_vintage')) GROUP BY 1, 2, 3 HAVING sum(total) <> 0
-- key: file_name, amount_kind, currency
SELECT file_name, amount_kind, currency, sum(amount) AS total
FROM operation_amount AS a JOIN source_file AS f ON f.source_file = a.source_file
WHERE rows_quarantined = 0
  AND NOT EXISTS (FROM ignored_rows AS i WHERE i.source_file = f.source_file
    AND reason IN ('repeated_page', 'other_rendition', 'older_vintage'))
GROUP BY ALL
HAVING sum(amount) <> 0
