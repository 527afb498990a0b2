SELECT (SELECT count(*) FROM "demo"."days") AS total, count(*) AS n, ARRAY[avg("humidity"::float8)]::float8[] AS means, ARRAY[stddev_samp("humidity"::float8)]::float8[] AS deviations FROM "demo"."days" WHERE "humidity" IS NOT NULL;

SELECT ARRAY[sum("x0" * "x0")]::float8[] AS products FROM (SELECT ("humidity"::float8 - (80)::float8) AS "x0" FROM "demo"."days" WHERE "humidity" IS NOT NULL) AS t;

CREATE VIEW "out"."made" AS
SELECT "day", "the ""sky""", "humidity", "temperature", "play", (1)::float8 * ("humidity"::float8 - (80)::float8) AS "PC1"
FROM "demo"."days"
