SELECT (SELECT count(*) FROM "demo"."days") AS total, count(*) AS n, ARRAY[avg("humidity"::float8), avg("temperature"::float8)]::float8[] AS means, ARRAY[stddev_samp("humidity"::float8), stddev_samp("temperature"::float8)]::float8[] AS deviations FROM "demo"."days" WHERE "humidity" IS NOT NULL AND "temperature" IS NOT NULL;

SELECT ARRAY[sum("x0" * "x0"), sum("x0" * "x1"), sum("x1" * "x1")]::float8[] AS products FROM (SELECT ("humidity"::float8 - (80)::float8) / (10)::float8 AS "x0", ("temperature"::float8 - (20.5)::float8) / (2)::float8 AS "x1" FROM "demo"."days" WHERE "humidity" IS NOT NULL AND "temperature" IS NOT NULL) AS t;

CREATE TABLE "out"."made" AS
SELECT "day", (0.7071067811865475)::float8 * ("humidity"::float8 - (80)::float8) / (10)::float8 + (0.7071067811865475)::float8 * ("temperature"::float8 - (20.5)::float8) / (2)::float8 AS "PC1", (0.7071067811865475)::float8 * ("humidity"::float8 - (80)::float8) / (10)::float8 + (-0.7071067811865475)::float8 * ("temperature"::float8 - (20.5)::float8) / (2)::float8 AS "PC2"
FROM "demo"."days"
