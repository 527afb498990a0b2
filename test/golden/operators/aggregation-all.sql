SELECT max("id") AS "max_id"
FROM "demo"."credit"
