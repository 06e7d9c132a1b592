-- Grain: programme. Inputs: participation_cell, programme. Population: programmes that have counts of participants of their own.
WITH counted AS (
    SELECT DISTINCT programme_id
    FROM participation_cell
    WHERE operation_id IS NULL AND programme_id IS NOT NULL
)
SELECT
    CAST(NULL AS VARCHAR) AS operation_id,
    p.country,
    p.period,
    p.fund,
    c.programme_id AS programme,
    CAST(NULL AS VARCHAR) AS intervention,
    CAST(NULL AS VARCHAR) AS instrument,
    CAST(NULL AS VARCHAR) AS beneficiary,
    CAST(NULL AS VARCHAR) AS list,
    CAST(NULL AS VARCHAR) AS year
FROM counted AS c
LEFT JOIN (
    SELECT programme_id, min(country) AS country, min(period) AS period, min(fund) AS fund
    FROM programme
    GROUP BY programme_id
) AS p ON p.programme_id = c.programme_id
