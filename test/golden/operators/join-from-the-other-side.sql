SELECT "c"."id" AS "id"
FROM "demo"."credit" AS "c"
JOIN "demo"."people" AS "p" ON ("c"."id" = "p"."id")
RIGHT JOIN "demo"."cities" AS "t" ON ("t"."id" = "p"."id")
