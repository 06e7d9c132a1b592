-- Stocks of persons over the years that count: their mean and their sum, of regions that have one in each of these years.
-- Grain: statistic and region. Inputs: yearly_stock, common_year.
WITH common AS (
  SELECT s.* FROM yearly_stock AS s
  JOIN common_year AS c ON c.statistic = s.statistic AND c.country = s.nuts_code[:2] AND c.year = s.year
),
span AS (
  SELECT statistic, country, count(*) AS years FROM common_year GROUP BY ALL
)
SELECT c.statistic, nuts_code, avg(persons) AS persons, fsum(persons) AS person_years
FROM common AS c JOIN span AS s ON s.statistic = c.statistic AND s.country = nuts_code[:2]
GROUP BY ALL
HAVING count(*) = any_value(years)
