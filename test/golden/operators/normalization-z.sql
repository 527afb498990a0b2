CREATE TABLE "out"."made" AS
SELECT (t."id"::float8 - s."alp_0") / nullif(s."alp_1", 0) AS "id", t."credit_lines", t."odd ""name"""
FROM "demo"."credit" AS t
CROSS JOIN (SELECT avg("id"::float8) AS "alp_0", stddev_samp("id"::float8) AS "alp_1" FROM "demo"."credit") AS s
