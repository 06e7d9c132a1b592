-- Grain: country, fund and programming period. Inputs: programme_absorption. Population: member states and funds with payments and a
-- published share of the available budget; the last year that has one. The budget follows from payments so far and the share.
WITH so_far AS (
    SELECT
        country, fund, period, period_end,
        sum(CAST(value AS DOUBLE)) OVER (PARTITION BY country, fund, period ORDER BY period_end) AS paid
    FROM programme_absorption
    WHERE measure = 'paid_in_year' AND value_status = 'ok' AND programme_id IS NULL
),
share AS (
    SELECT
        country, fund, period, period_end, CAST(value AS DOUBLE) / 100 AS paid_share,
        row_number() OVER (PARTITION BY country, fund, period ORDER BY period_end DESC) AS back
    FROM programme_absorption
    WHERE measure = 'paid_share' AND value_status = 'ok' AND programme_id IS NULL
)
SELECT
    s.country,
    s.fund,
    s.period,
    p.paid AS numerator,
    CASE WHEN s.paid_share > 0 THEN p.paid / s.paid_share END AS denominator
FROM share AS s
LEFT JOIN so_far AS p
    ON p.country = s.country AND p.fund = s.fund AND p.period = s.period AND p.period_end = s.period_end
WHERE s.back = 1 AND s.country <> 'EU' AND s.fund <> 'TOTAL'
