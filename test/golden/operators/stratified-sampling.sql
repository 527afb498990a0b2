SELECT count(*) AS n FROM "demo"."days";

CREATE TEMP TABLE alp_ranked ON COMMIT DROP AS
SELECT "day", "the ""sky""", "humidity", "temperature", "play", row_number() OVER (ORDER BY (alp_within - 0.5) / "alp_size", "alp_size", "the ""sky""") AS "alp_rank"
FROM (SELECT alp_row.*, row_number() OVER (PARTITION BY alp_row."the ""sky""" ORDER BY md5('0|0|' || coalesce(alp_row."day"::text, '')), md5('0|0|' || alp_row::text)) AS alp_within, count(*) OVER (PARTITION BY alp_row."the ""sky""") AS "alp_size"
FROM "demo"."days" AS alp_row) AS s;

CREATE TABLE "out"."made_0" AS
SELECT "day", "the ""sky""", "humidity", "temperature", "play"
FROM "pg_temp"."alp_ranked"
WHERE "alp_rank" > 0 AND "alp_rank" <= 3;

CREATE TABLE "out"."made_1" AS
SELECT "day", "the ""sky""", "humidity", "temperature", "play"
FROM "pg_temp"."alp_ranked"
WHERE "alp_rank" > 3 AND "alp_rank" <= 7;

DROP TABLE "pg_temp"."alp_ranked"
