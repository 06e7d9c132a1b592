-- Grain: statistic and region. Inputs: region_stock_year, stock_year. Population: regions that have a stock of persons for each
-- year that counts in their country.
SELECT s.statistic, s.nuts_code, avg(s.persons) AS persons, sum(s.persons) AS person_years
FROM region_stock_year AS s
JOIN stock_year AS y ON y.statistic = s.statistic AND y.country = substr(s.nuts_code, 1, 2) AND y.year = s.year
GROUP BY s.statistic, s.nuts_code, y.years
HAVING count(*) = y.years
