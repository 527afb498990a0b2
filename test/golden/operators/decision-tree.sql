SELECT "play"::text AS label, count(*) AS n, (SELECT count(*) FROM "demo"."days") AS total FROM "demo"."days" WHERE "play" IS NOT NULL AND "humidity" IS NOT NULL AND "the ""sky""" IS NOT NULL GROUP BY 1 ORDER BY 1 LIMIT 101;

SELECT DISTINCT "the ""sky"""::text AS value FROM "demo"."days" WHERE "play" IS NOT NULL AND "humidity" IS NOT NULL AND "the ""sky""" IS NOT NULL ORDER BY 1 LIMIT 101;

SELECT percentile_disc(ARRAY[0.03125, 0.0625, 0.09375, 0.125, 0.15625, 0.1875, 0.21875, 0.25, 0.28125, 0.3125, 0.34375, 0.375, 0.40625, 0.4375, 0.46875, 0.5, 0.53125, 0.5625, 0.59375, 0.625, 0.65625, 0.6875, 0.71875, 0.75, 0.78125, 0.8125, 0.84375, 0.875, 0.90625, 0.9375, 0.96875]::float8[]) WITHIN GROUP (ORDER BY "humidity"::float8) AS "b0", max("humidity"::float8) AS "m0" FROM "demo"."days" WHERE "play" IS NOT NULL AND "humidity" IS NOT NULL AND "the ""sky""" IS NOT NULL;

CREATE TEMP TABLE alp_tree ON COMMIT DROP AS SELECT (CASE "play"::text WHEN 'false' THEN 0 WHEN 'true' THEN 1 END)::smallint AS y, (CASE WHEN "humidity"::float8 <= (70)::float8 THEN CASE WHEN "humidity"::float8 <= (65)::float8 THEN 0 ELSE 1 END ELSE 2 END)::smallint AS "f0", (CASE "the ""sky"""::text WHEN 'it''s' THEN 0 WHEN 'rain' THEN 1 WHEN 'sun' THEN 2 END)::smallint AS "f1" FROM "demo"."days" WHERE "play" IS NOT NULL AND "humidity" IS NOT NULL AND "the ""sky""" IS NOT NULL;

SELECT node, f, v, y, count(*) AS n FROM (SELECT node, y, unnest(ARRAY[0, 1]) AS f, unnest(ARRAY["f0", "f1"]) AS v FROM (SELECT 0 AS node, * FROM "pg_temp"."alp_tree") AS t WHERE node IS NOT NULL) AS t GROUP BY node, f, v, y;

SELECT node, f, v, y, count(*) AS n FROM (SELECT node, y, unnest(ARRAY[0, 1]) AS f, unnest(ARRAY["f0", "f1"]) AS v FROM (SELECT CASE WHEN "f1" IN (1) THEN 2 END AS node, * FROM "pg_temp"."alp_tree") AS t WHERE node IS NOT NULL) AS t GROUP BY node, f, v, y;

DROP TABLE "pg_temp"."alp_tree"
