-- Grain: operation and statistic. Inputs: counted_operation, stock_year. Population: operations to count that have dates and a
-- day in a year that counts in their country. A span of more than 40 years is a mistake in a date, as in amount_year.
WITH span AS (
    -- Many operations share their first and last day.
    SELECT DISTINCT country, start_date, end_date
    FROM counted_operation
    WHERE start_date <= end_date AND date_part('year', end_date) - date_part('year', start_date) <= 40
),
span_day AS (
    SELECT
        s.country, s.start_date, s.end_date, y.statistic,
        sum(day_overlap(s.start_date, s.end_date, y.first_day, y.last_day)) AS stock_days
    FROM span AS s
    JOIN stock_year AS y ON y.country = s.country
    WHERE y.first_day <= s.end_date AND y.last_day >= s.start_date
    GROUP BY s.country, s.start_date, s.end_date, y.statistic
)
SELECT o.operation_id, d.statistic, d.stock_days, duration_days(o.start_date, o.end_date) AS operation_days
FROM counted_operation AS o
JOIN span_day AS d ON d.country = o.country AND d.start_date = o.start_date AND d.end_date = o.end_date
