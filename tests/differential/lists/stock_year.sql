-- The years of each statistic of persons that count in a country (see views/12_common_year.sql), with their first and last day.
-- Grain: statistic, country and year. Population: statistics of persons.
-- sql: SELECT statistic, country, year, first_day, last_day, years FROM stock_year
-- key: statistic, country, year
SELECT statistic, country, year, make_date(year, 1, 1) AS first_day, make_date(year, 12, 31) AS last_day,
  count(*) OVER (PARTITION BY statistic, country) AS years
FROM common_year
