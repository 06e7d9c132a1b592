-- Every operation once: how many of each list count, and that none does twice.
-- Grain: list. Population: operations that count.
-- sql: SELECT list_id AS key, count(*) AS n, count(DISTINCT operation_id) AS different FROM counted_operation GROUP BY 1
SELECT list_id AS key, count(DISTINCT operation_id) AS n, count(*) AS different
FROM counted
GROUP BY ALL
