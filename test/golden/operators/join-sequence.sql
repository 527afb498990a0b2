SELECT row_number() OVER () AS "seq_id", "c"."id" AS "id"
FROM "demo"."credit" AS "c"
JOIN "demo"."people" AS "p" ON ("c"."id" = "p"."id")
