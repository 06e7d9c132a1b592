-- Where operations that count take place, and the regions that hold each place, by what they are called in a comparison:
-- `region` are Länder and Swedish riksområden, the others one level of NUTS. Regions are nested in their codes.
-- Grain: operation, place and dimension. Inputs: location.
SELECT operation_id, nuts_code, weight, dimension, substr(nuts_code, 1, 2 + digits) AS key
FROM location
JOIN (VALUES ('DE', 'region', 1), ('SE', 'region', 2), ('DE', 'nuts1', 1), ('SE', 'nuts1', 1), ('DE', 'nuts2', 2),
  ('SE', 'nuts2', 2), ('DE', 'nuts3', 3), ('SE', 'nuts3', 3)) AS level(country, dimension, digits)
  ON country = substr(nuts_code, 1, 2) AND length(nuts_code) >= 2 + digits
