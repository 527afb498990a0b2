SELECT "id", "credit_lines", "odd ""name"""
FROM "demo"."credit"
WHERE ("id" = 1 or "id" = 2)
