-- Grain: amount of an operation and calendar year. Inputs: operation_amount, counted_operation, annual_rate, price_index.
-- Population: amounts of operations to count; one row without a year where no dates are published.
WITH money AS (
    SELECT
        a.operation_id, a.amount_kind, a.financing_source, a.amount, a.currency, o.country, o.start_date, o.end_date,
        CASE
            WHEN o.start_date IS NOT NULL AND o.end_date IS NOT NULL AND o.end_date >= o.start_date
                THEN date_part('year', o.start_date)
            WHEN a.amount_date IS NOT NULL THEN date_part('year', a.amount_date)
        END AS first_year,
        CASE
            WHEN o.start_date IS NOT NULL AND o.end_date IS NOT NULL AND o.end_date >= o.start_date
                THEN date_part('year', o.end_date)
            WHEN a.amount_date IS NOT NULL THEN date_part('year', a.amount_date)
        END AS last_year,
        CASE
            WHEN o.start_date IS NOT NULL AND o.end_date IS NOT NULL AND o.end_date >= o.start_date THEN 'days'
            WHEN a.amount_date IS NOT NULL THEN 'year of the amount'
            WHEN o.start_date IS NULL OR o.end_date IS NULL THEN 'no dates'
            ELSE 'the operation ends before it begins'
        END AS year_method
    FROM operation_amount AS a
    JOIN counted_operation AS o ON o.operation_id = a.operation_id
),
-- A span of more than 40 years is a mistake in a date, not a project.
spread AS (
    SELECT
        *,
        unnest(
            CASE
                WHEN first_year IS NULL OR last_year - first_year > 40 THEN [CAST(NULL AS BIGINT)]
                ELSE range(CAST(first_year AS BIGINT), CAST(last_year AS BIGINT) + 1)
            END
        ) AS year
    FROM money
),
days AS (
    SELECT
        *,
        CASE
            WHEN year IS NULL OR year_method <> 'days' THEN 1
            ELSE day_overlap(
                start_date, end_date, make_date(CAST(year AS INT), 1, 1), make_date(CAST(year AS INT), 12, 31)
            )
        END AS days,
        year IS NOT NULL AND first_year < last_year AS is_divided
    FROM spread
),
-- Most amounts fall into one year, which has them whole.
part AS (
    SELECT operation_id, amount_kind, financing_source, currency, country, year, year_method, days, amount
    FROM days
    WHERE NOT is_divided
    UNION ALL
    SELECT
        operation_id, amount_kind, financing_source, currency, country, year, year_method, days,
        largest_remainder(amount, days) OVER (
            PARTITION BY operation_id, amount_kind, financing_source, currency ORDER BY year
        ) AS amount
    FROM days
    WHERE is_divided
),
-- Rates as decimals, so that a cent is rounded where it is exact.
rate AS (
    SELECT currency, year, CAST(units_per_eur AS DECIMAL(12, 6)) AS units_per_eur FROM annual_rate
    UNION ALL
    SELECT 'EUR', year, CAST(1 AS DECIMAL(12, 6)) FROM (SELECT DISTINCT year FROM price_index)
),
-- Money in the currency of the country, whose prices turn it into that of the base year.
national AS (
    SELECT
        m.*,
        CASE WHEN m.currency = 'EUR' THEN CAST(1 AS DECIMAL(12, 6)) ELSE r.units_per_eur END AS units_per_eur,
        b.units_per_eur AS base_units_per_eur,
        p.index_2015,
        p.base_index_2015,
        p.base_units_per_dollar,
        CASE
            WHEN m.currency = p.currency THEN m.amount
            ELSE CAST(m.amount * n.units_per_eur / r.units_per_eur AS DECIMAL(18, 2))
        END AS amount_national
    FROM part AS m
    LEFT JOIN rate AS r ON r.currency = m.currency AND r.year = m.year
    LEFT JOIN price_index AS p ON p.country = m.country AND p.year = m.year
    LEFT JOIN rate AS n ON n.currency = p.currency AND n.year = m.year
    LEFT JOIN rate AS b ON b.currency = p.currency AND b.year = p.base_year
),
priced AS (
    SELECT *, CAST(amount_national AS DECIMAL(18, 2)) * base_index_2015 AS weighted FROM national
)
SELECT
    operation_id,
    amount_kind,
    financing_source,
    currency,
    country,
    year,
    year_method,
    days,
    amount,
    CASE
        WHEN currency = 'EUR' THEN amount
        ELSE CAST(amount / units_per_eur AS DECIMAL(18, 2))
    END AS amount_eur,
    CAST(weighted / (index_2015 * base_units_per_eur) AS DECIMAL(18, 2)) AS amount_eur_2020,
    CAST(weighted / (index_2015 * base_units_per_dollar) AS DECIMAL(18, 2)) AS amount_ppp_2020,
    CASE
        WHEN year IS NULL AND year_method IN ('days', 'year of the amount') THEN 'the dates span more than 40 years'
        WHEN year IS NULL THEN year_method
        WHEN currency IS NULL THEN 'no currency published'
        WHEN index_2015 IS NULL THEN 'no national price index for the year'
        WHEN weighted IS NULL OR base_units_per_eur IS NULL THEN 'no exchange rate for the year'
        ELSE 'national consumer prices to 2020, then the average rate or parity of 2020'
    END AS price_method
FROM priced
