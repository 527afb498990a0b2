SELECT "id", "odd ""name"""
FROM "demo"."credit"
