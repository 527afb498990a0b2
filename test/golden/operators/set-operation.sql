SELECT "id", "credit_lines", "odd ""name""" FROM "demo"."credit"
UNION ALL
SELECT "id", "name", "age" FROM "demo"."people"
