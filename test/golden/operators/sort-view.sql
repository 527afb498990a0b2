SELECT "id", "credit_lines", "odd ""name"""
FROM "demo"."credit"
ORDER BY "id" NULLS LAST
