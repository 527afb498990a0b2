SELECT count(*) AS n FROM "demo"."credit";

CREATE TEMP TABLE alp_ranked ON COMMIT DROP AS
SELECT alp_row.*, row_number() OVER (ORDER BY md5('0.1|0|' || coalesce(alp_row."id"::text, '')), md5('0.1|0|' || alp_row::text)) AS "alp_rank"
FROM "demo"."credit" AS alp_row;

CREATE TABLE "out"."made_0" AS
SELECT "id", "credit_lines", "odd ""name"""
FROM "pg_temp"."alp_ranked"
WHERE "alp_rank" > 0 AND "alp_rank" <= 100;

CREATE TABLE "out"."made_1" AS
SELECT "id", "credit_lines", "odd ""name"""
FROM "pg_temp"."alp_ranked"
WHERE "alp_rank" > 100 AND "alp_rank" <= 300;

DROP TABLE "pg_temp"."alp_ranked"
