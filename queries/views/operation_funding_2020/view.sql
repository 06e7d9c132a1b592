-- Grain: operation and kind of amount. Inputs: amount_year. Population: amounts of operations to count.
SELECT
    operation_id,
    amount_kind,
    CASE WHEN count(amount_eur_2020) = count(*) THEN sum(amount_eur_2020) END AS amount_eur_2020,
    CASE WHEN count(amount_ppp_2020) = count(*) THEN sum(amount_ppp_2020) END AS amount_ppp_2020
FROM amount_year
GROUP BY operation_id, amount_kind
