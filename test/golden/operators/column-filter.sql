SELECT "odd ""name""", "id"
FROM "demo"."credit"
