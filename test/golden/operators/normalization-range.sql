CREATE TABLE "out"."made" AS
SELECT (t."id"::float8 - s."alp_0") / nullif(s."alp_1" - s."alp_0", 0) * (2::float8) + (-1::float8) AS "id", (t."credit_lines"::float8 - s."alp_2") / nullif(s."alp_3" - s."alp_2", 0) * (2::float8) + (-1::float8) AS "credit_lines", t."odd ""name"""
FROM "demo"."credit" AS t
CROSS JOIN (SELECT min("id"::float8) AS "alp_0", max("id"::float8) AS "alp_1", min("credit_lines"::float8) AS "alp_2", max("credit_lines"::float8) AS "alp_3" FROM "demo"."credit") AS s
