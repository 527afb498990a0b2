CREATE TABLE "out"."made" AS
SELECT sum("n") AS "sum_n"
FROM "demo"."days"
