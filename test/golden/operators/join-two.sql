SELECT "c"."id" AS "id", "p"."id" AS "p.id", "p"."name" AS "name"
FROM "demo"."credit" AS "c"
JOIN "demo"."people" AS "p" ON ("p"."id" = "c"."id")
