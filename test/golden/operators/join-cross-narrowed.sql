SELECT "c"."id" AS "id"
FROM "demo"."credit" AS "c"
JOIN "demo"."people" AS "p" ON ("c"."id" = "p"."id") AND ("p"."age" < "c"."credit_lines")
CROSS JOIN "demo"."cities" AS "t"
