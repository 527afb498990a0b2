SELECT "odd ""name""", count(*) AS "n", count(DISTINCT "id") AS "count_distinct_id", rank() OVER (ORDER BY count(*)) AS "r"
FROM "demo"."credit"
GROUP BY "odd ""name"""
