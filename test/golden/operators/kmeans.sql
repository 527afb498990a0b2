SELECT count(*) AS n, (SELECT count(*) FROM "demo"."credit") AS total, ARRAY[var_pop("id"::float8)]::float8[] AS variances FROM "demo"."credit" WHERE "id" IS NOT NULL;

CREATE TEMP TABLE alp_seeds ON COMMIT DROP AS SELECT "id"::float8 AS "x0", row_number() OVER (ORDER BY md5('0' || alp_row::text)) AS alp_rank FROM "demo"."credit" AS alp_row WHERE "id" IS NOT NULL ORDER BY md5('0' || alp_row::text) LIMIT 10000;

SELECT ARRAY["x0"] AS center FROM "pg_temp"."alp_seeds" ORDER BY alp_rank LIMIT 1;

SELECT ARRAY["x0"] AS center FROM (SELECT s.*, least((("x0" - (1)::float8) * ("x0" - (1)::float8))) AS d FROM "pg_temp"."alp_seeds" AS s) AS s WHERE d > 0 ORDER BY -ln(greatest((('x' || substr(md5('0|1|' || alp_rank::text), 1, 8))::bit(32)::bigint & 2147483647) / 2147483648.0, 1e-12)::float8) / d LIMIT 1;

DROP TABLE "pg_temp"."alp_seeds";

SELECT c, count(*) AS n, ARRAY[avg("x0")] AS center, sum(d) AS within FROM (SELECT "x0", (CASE WHEN "d0" <= least("d0", "d1") THEN 0 WHEN "d1" <= least("d0", "d1") THEN 1 END) AS c, least("d0", "d1") AS d FROM (SELECT t.*, (("x0" - (1)::float8) * ("x0" - (1)::float8)) AS "d0", (("x0" - (9)::float8) * ("x0" - (9)::float8)) AS "d1" FROM (SELECT "id"::float8 AS "x0" FROM "demo"."credit" WHERE "id" IS NOT NULL) AS t) AS t) AS t GROUP BY c;

SELECT c, count(*) AS n, ARRAY[avg("x0")] AS center, sum(d) AS within FROM (SELECT "x0", (CASE WHEN "d0" <= least("d0", "d1") THEN 0 WHEN "d1" <= least("d0", "d1") THEN 1 END) AS c, least("d0", "d1") AS d FROM (SELECT t.*, (("x0" - (1.5)::float8) * ("x0" - (1.5)::float8)) AS "d0", (("x0" - (8)::float8) * ("x0" - (8)::float8)) AS "d1" FROM (SELECT "id"::float8 AS "x0" FROM "demo"."credit" WHERE "id" IS NOT NULL) AS t) AS t) AS t GROUP BY c;

CREATE TABLE "out"."made" AS
SELECT s."id", s."credit_lines", s."odd ""name""", CASE WHEN "alp_d0_0" <= "alp_least_0" THEN 0 WHEN "alp_d1_0" <= "alp_least_0" THEN 1 END AS "cluster"
FROM (SELECT s.*, CASE WHEN "alp_d0_0" + "alp_d1_0" IS NOT NULL THEN least("alp_d0_0", "alp_d1_0") END AS "alp_least_0" FROM (SELECT s.*, (("id"::float8 - (1.5)::float8) * ("id"::float8 - (1.5)::float8)) AS "alp_d0_0", (("id"::float8 - (8)::float8) * ("id"::float8 - (8)::float8)) AS "alp_d1_0" FROM "demo"."credit" AS s) AS s) AS s
