-- Grain: amount and region of implementation of an operation. Inputs: amount_eur, operation_place. Population: amounts of
-- operations to count that have a place; what no region could be given has the country's code.
SELECT
    a.operation_id, a.amount_kind, a.financing_source, a.currency, p.nuts_code, p.nuts_version, p.weight, p.method,
    a.amount, a.amount_eur
FROM amount_eur AS a
JOIN operation_place AS p ON p.operation_id = a.operation_id AND p.weight = 1
UNION ALL
SELECT
    a.operation_id, a.amount_kind, a.financing_source, a.currency, p.nuts_code, p.nuts_version, p.weight, p.method,
    largest_remainder(a.amount, p.weight) OVER (
        PARTITION BY a.operation_id, a.amount_kind, a.financing_source, a.currency ORDER BY p.nuts_code
    ),
    largest_remainder(a.amount_eur, p.weight) OVER (
        PARTITION BY a.operation_id, a.amount_kind, a.financing_source, a.currency ORDER BY p.nuts_code
    )
FROM amount_eur AS a
JOIN operation_place AS p ON p.operation_id = a.operation_id AND p.weight < 1
