-- Grain: amount of an operation. Inputs: operation_amount, counted_operation, annual_rate. Population: amounts of operations to
-- count.
WITH money AS (
    SELECT
        a.operation_id, a.amount_kind, a.financing_source, a.amount, a.currency, a.derived,
        CAST(o.start_date AS INT) AS first_day, CAST(o.end_date AS INT) AS last_day
    FROM operation_amount AS a
    JOIN counted_operation AS o ON o.operation_id = a.operation_id
),
-- Days of each year in which an amount of another currency was spent, with the rate of the year.
year_share AS (
    SELECT
        m.operation_id, m.amount_kind, m.financing_source, m.currency, m.amount,
        m.last_day - m.first_day + 1 AS days,
        least(m.last_day, r.last_day) - greatest(m.first_day, r.first_day) + 1 AS days_of_year,
        r.units_per_eur
    FROM money AS m
    JOIN annual_rate AS r ON r.currency = m.currency
    WHERE r.first_day <= m.last_day AND r.last_day >= m.first_day AND m.first_day <= m.last_day
),
converted AS (
    SELECT
        operation_id, amount_kind, financing_source, currency,
        sum(CAST(amount AS DOUBLE) * days_of_year / days / units_per_eur) AS eur,
        sum(days_of_year) = max(days) AS is_whole
    FROM year_share
    GROUP BY operation_id, amount_kind, financing_source, currency
)
SELECT
    m.operation_id, m.amount_kind, m.financing_source, m.amount, m.currency, m.derived,
    CASE
        WHEN m.currency = 'EUR' THEN m.amount
        WHEN c.is_whole THEN CAST(round(c.eur, 2) AS DECIMAL(18, 2))
    END AS amount_eur,
    CASE
        WHEN m.currency = 'EUR' THEN 'none'
        WHEN c.is_whole THEN 'ECB annual averages weighted by days'
        WHEN m.currency IS NULL THEN 'no currency published'
        WHEN m.first_day IS NULL OR m.last_day IS NULL THEN 'no dates, so no year to convert at'
        WHEN m.last_day < m.first_day THEN 'the operation ends before it begins'
        ELSE 'no rate for a year of the operation'
    END AS fx_method
FROM money AS m
LEFT JOIN converted AS c
    ON c.operation_id = m.operation_id AND c.amount_kind = m.amount_kind
    AND c.financing_source = m.financing_source AND c.currency = m.currency AND m.currency <> 'EUR'
