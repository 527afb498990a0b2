SELECT DISTINCT "the ""sky"""::text AS value FROM "demo"."days" WHERE "the ""sky""" IS NOT NULL ORDER BY 1 LIMIT 1001;

CREATE TABLE "out"."made" AS
SELECT count(CASE WHEN "the ""sky"""::text = 'rain' THEN 1 END) AS "the ""sky""_rain"
FROM "demo"."days"
