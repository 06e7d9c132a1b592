-- Stocks of registered unemployed persons on the regions of the newest NUTS over the years that count: the mean of a year, and
-- their sum (see views/13_stock.sql).
-- Grain: statistic and region. Population: regions of which all parts are published for each of these years.
-- sql: SELECT statistic, nuts_code, persons, person_years FROM region_stock
-- key: statistic, nuts_code
FROM stock
