SELECT count(*) AS n FROM "demo"."days";

SELECT setseed(0.5);

CREATE TEMP TABLE alp_ranked ON COMMIT DROP AS
SELECT s.*, "alp_rank" - alp_within + 1 AS "alp_first"
FROM (SELECT s.*, row_number() OVER (ORDER BY "the ""sky""", alp_within) AS "alp_rank" FROM (SELECT alp_row.*, row_number() OVER (PARTITION BY alp_row."the ""sky""" ORDER BY random()) AS alp_within, count(*) OVER (PARTITION BY alp_row."the ""sky""") AS "alp_size"
FROM "demo"."days" AS alp_row) AS s) AS s;

CREATE TABLE "out"."made_0" AS
SELECT r."day", r."the ""sky""", r."humidity", r."temperature", r."play"
FROM (SELECT s."alp_first" + floor(random() * s."alp_size")::bigint AS drawn FROM generate_series(1, 7) AS i JOIN "pg_temp"."alp_ranked" AS s ON s."alp_rank" = 1 + floor((i - 0.5) * 14 / 7)::bigint) AS d
JOIN "pg_temp"."alp_ranked" AS r ON r."alp_rank" = d.drawn;

DROP TABLE "pg_temp"."alp_ranked"
