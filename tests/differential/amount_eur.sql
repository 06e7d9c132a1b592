-- Every amount that counts in euro: as published, or at annual averages weighted by days.
-- Grain: amount. Population: amounts of operations that count.
-- sql: SELECT operation_id, amount_kind, financing_source, currency, amount_eur AS eur FROM amount_eur
-- key: operation_id, amount_kind, financing_source, currency
FROM euro
