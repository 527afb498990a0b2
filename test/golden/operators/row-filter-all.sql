SELECT "id", "credit_lines", "odd ""name"""
FROM "demo"."credit"
