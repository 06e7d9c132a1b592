-- The years of a statistic that count in a country, the same for all its regions: those in which at least every second of its
-- regions has a stock, of all that have one in some year.
-- Grain: statistic, country and year. Inputs: yearly_stock.
WITH known AS (
  SELECT statistic, nuts_code[:2] AS country, count(DISTINCT nuts_code) AS regions FROM yearly_stock GROUP BY ALL
)
SELECT statistic, nuts_code[:2] AS country, year
FROM yearly_stock JOIN known USING (statistic) WHERE known.country = nuts_code[:2]
GROUP BY ALL
HAVING count(*) * 2 >= any_value(regions)
