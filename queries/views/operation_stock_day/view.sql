-- Grain: operation and statistic. Inputs: counted_operation, stock_year. Population: operations to count that have dates and a
-- day in a year that counts in their country. A span of more than 40 years is a mistake in a date, as in amount_year.
SELECT
    o.operation_id,
    y.statistic,
    sum(day_overlap(o.start_date, o.end_date, y.first_day, y.last_day)) AS stock_days,
    duration_days(o.start_date, o.end_date) AS operation_days
FROM counted_operation AS o
JOIN stock_year AS y ON y.country = o.country
WHERE
    o.start_date <= o.end_date AND y.first_day <= o.end_date AND y.last_day >= o.start_date
    AND date_part('year', o.end_date) - date_part('year', o.start_date) <= 40
GROUP BY o.operation_id, y.statistic, o.start_date, o.end_date
