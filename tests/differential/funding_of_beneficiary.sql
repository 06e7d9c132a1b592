-- Sums of one kind of amount in euro by beneficiary.
-- Grain: beneficiary. Population: operations that count; n are those with such an amount, coverage is their share.
-- compare: funding_{kind} --by beneficiary
-- each: kind = total_eligible | paid | eu
SELECT key, sum(eur) AS value, count(eur) AS n, count(eur) / count(*) AS coverage
FROM member
LEFT JOIN (FROM part WHERE amount_kind = getvariable('kind')) USING (operation_id, dimension, key)
WHERE dimension = 'beneficiary'
GROUP BY ALL
