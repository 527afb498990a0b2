SELECT count(*) AS n FROM "demo"."credit";

CREATE TEMP TABLE alp_ranked ON COMMIT DROP AS
SELECT alp_row.*, row_number() OVER (ORDER BY random()) AS "alp_rank"
FROM "demo"."credit" AS alp_row;

CREATE TABLE "out"."made_0" AS
SELECT r."id", r."credit_lines", r."odd ""name"""
FROM (SELECT 1 + floor(random() * 3)::bigint AS drawn FROM generate_series(1, 7) AS i) AS d
JOIN "pg_temp"."alp_ranked" AS r ON r."alp_rank" = d.drawn;

DROP TABLE "pg_temp"."alp_ranked"
