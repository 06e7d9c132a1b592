-- Grain: amount of an operation and calendar year. Inputs: operation_amount, counted_operation, annual_rate, price_index.
-- Population: amounts of operations to count; one row without a year where no dates are published.
WITH money AS (
    SELECT
        a.operation_id, a.amount_kind, a.financing_source, a.amount, a.currency, o.country,
        CASE WHEN o.start_date <= o.end_date THEN o.start_date ELSE a.amount_date END AS first_day,
        CASE WHEN o.start_date <= o.end_date THEN o.end_date ELSE a.amount_date END AS last_day,
        CASE
            WHEN o.start_date <= o.end_date THEN 'days'
            WHEN a.amount_date IS NOT NULL THEN 'year of the amount'
            WHEN o.start_date IS NULL OR o.end_date IS NULL THEN 'no dates'
            ELSE 'the operation ends before it begins'
        END AS year_method
    FROM operation_amount AS a
    JOIN counted_operation AS o ON o.operation_id = a.operation_id
),
span AS (
    SELECT
        *,
        CAST(date_part('year', first_day) AS BIGINT) AS first_year,
        CAST(date_part('year', last_day) AS BIGINT) AS last_year
    FROM money
),
-- A span of more than 40 years is a mistake in a date, not a project. Most amounts fall into one year, which has them whole.
spread AS (
    SELECT
        operation_id, amount_kind, financing_source, currency, country, year_method, amount,
        last_year - first_year BETWEEN 1 AND 40 AS is_divided,
        unnest(
            CASE
                WHEN last_year - first_year <= 40 THEN range(first_year, last_year + 1)
                ELSE [CAST(NULL AS BIGINT)]
            END
        ) AS year,
        unnest(CASE WHEN last_year - first_year <= 40 THEN year_days(first_day, last_day) END) AS days,
        unnest(
            CASE WHEN last_year - first_year BETWEEN 1 AND 40 THEN apportion(amount, year_days(first_day, last_day)) END
        ) AS part
    FROM span
),
yearly AS (
    SELECT
        operation_id, amount_kind, financing_source, currency, country, year, year_method,
        coalesce(days, 1) AS days,
        CASE WHEN is_divided THEN part ELSE amount END AS amount
    FROM spread
),
-- Rates as decimals, so that a cent is rounded where it is exact.
rate AS (
    SELECT currency, year, CAST(units_per_eur AS DECIMAL(12, 6)) AS units_per_eur FROM annual_rate
),
-- What turns money of a year into the currency of its country, whose prices turn it into that of the base year.
price AS (
    SELECT
        p.country, p.year, p.currency, p.index_2015, p.base_index_2015, p.base_units_per_dollar,
        CASE WHEN p.currency = 'EUR' THEN CAST(1 AS DECIMAL(12, 6)) ELSE n.units_per_eur END AS national_units_per_eur,
        CASE WHEN p.currency = 'EUR' THEN CAST(1 AS DECIMAL(12, 6)) ELSE b.units_per_eur END AS base_units_per_eur
    FROM price_index AS p
    LEFT JOIN rate AS n ON n.currency = p.currency AND n.year = p.year
    LEFT JOIN rate AS b ON b.currency = p.currency AND b.year = p.base_year
),
rated AS (
    SELECT
        m.*,
        CASE WHEN m.currency = 'EUR' THEN CAST(1 AS DECIMAL(12, 6)) ELSE r.units_per_eur END AS units_per_eur
    FROM yearly AS m
    LEFT JOIN rate AS r ON r.currency = m.currency AND r.year = m.year
),
national AS (
    SELECT
        m.*, p.base_units_per_eur, p.index_2015, p.base_index_2015, p.base_units_per_dollar,
        CASE
            WHEN m.currency = p.currency THEN m.amount
            ELSE CAST(m.amount * p.national_units_per_eur / m.units_per_eur AS DECIMAL(18, 2))
        END AS amount_national
    FROM rated AS m
    LEFT JOIN price AS p ON p.country = m.country AND p.year = m.year
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
