SELECT "c"."id" AS "id", "t"."name" AS "city"
FROM "demo"."credit" AS "c"
LEFT JOIN "demo"."people" AS "p" ON ("c"."id" = "p"."id") OR ("c"."credit_lines" > "p"."age")
CROSS JOIN "demo"."cities" AS "t"
