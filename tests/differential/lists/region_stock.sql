-- Mean yearly stocks of registered unemployed persons on the regions of the newest NUTS (see views/9_stock.sql).
-- Grain: statistic and region. Population: regions all of whose parts are published.
-- sql: SELECT statistic, nuts_code, persons FROM region_stock
-- key: statistic, nuts_code
FROM stock
