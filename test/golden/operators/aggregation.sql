CREATE TEMP TABLE alp_groups ON COMMIT DROP AS
SELECT "the ""sky""", count(*) AS "n", count(DISTINCT "humidity") AS "count_distinct_humidity", avg("temperature") AS "avg_temperature", rank() OVER (ORDER BY count(*)) AS "r", count(*) - count("humidity") AS "alp_nulls_0", count(*) - count("temperature") AS "alp_nulls_1"
FROM "demo"."days"
GROUP BY "the ""sky""";

CREATE TABLE "out"."made" AS
SELECT "the ""sky""", "n", "count_distinct_humidity", "avg_temperature", "r"
FROM "pg_temp"."alp_groups";

SELECT ARRAY[coalesce(sum("alp_nulls_0"), 0)::text, coalesce(sum("alp_nulls_1"), 0)::text] AS nulls FROM "pg_temp"."alp_groups";

DROP TABLE "pg_temp"."alp_groups"
