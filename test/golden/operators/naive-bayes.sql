SELECT "play"::text AS label, count(*) AS n, (SELECT count(*) FROM "demo"."days") AS total FROM "demo"."days" WHERE "play" IS NOT NULL AND "humidity" IS NOT NULL AND "the ""sky""" IS NOT NULL AND "temperature" IS NOT NULL GROUP BY 1 ORDER BY 1 LIMIT 101;

SELECT DISTINCT "the ""sky"""::text AS value FROM "demo"."days" WHERE "play" IS NOT NULL AND "humidity" IS NOT NULL AND "the ""sky""" IS NOT NULL AND "temperature" IS NOT NULL ORDER BY 1 LIMIT 101;

SELECT "play"::text AS label, ARRAY[avg("humidity"::float8), avg("temperature"::float8)]::float8[] AS means, ARRAY[var_samp("humidity"::float8), var_samp("temperature"::float8)]::float8[] AS variances FROM "demo"."days" WHERE "play" IS NOT NULL AND "humidity" IS NOT NULL AND "the ""sky""" IS NOT NULL AND "temperature" IS NOT NULL GROUP BY 1 UNION ALL SELECT NULL, ARRAY[avg("humidity"::float8), avg("temperature"::float8)]::float8[] AS means, ARRAY[var_samp("humidity"::float8), var_samp("temperature"::float8)]::float8[] AS variances FROM "demo"."days" WHERE "play" IS NOT NULL AND "humidity" IS NOT NULL AND "the ""sky""" IS NOT NULL AND "temperature" IS NOT NULL;

SELECT "play"::text AS label, "the ""sky"""::text AS value, count(*) AS n FROM "demo"."days" WHERE "play" IS NOT NULL AND "humidity" IS NOT NULL AND "the ""sky""" IS NOT NULL AND "temperature" IS NOT NULL GROUP BY 1, 2
