-- The region of comparison of every region of every version: its Land, or its Swedish riksområde.
-- Grain: NUTS code and version. Population: all regions; a country is in none.
-- sql: SELECT nuts_code, nuts_version, comparison_code FROM region_comparison
-- key: nuts_code, nuts_version
SELECT nuts_code, nuts_version,
  CASE
    WHEN country = 'DE' AND level >= 1 THEN nuts_code[:3]
    WHEN country = 'SE' AND level >= 2 THEN nuts_code[:4]
  END AS comparison_code
FROM region
