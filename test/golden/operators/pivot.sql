SELECT DISTINCT "name"::text AS value FROM "demo"."people" WHERE "name" IS NOT NULL ORDER BY 1 LIMIT 1001;

CREATE TABLE "out"."made" AS
SELECT "id", sum(CASE WHEN "name"::text = 'it''s' THEN "age" END) AS "name_it's", sum(CASE WHEN "name"::text = 'x"y' THEN "age" END) AS "name_x""y"
FROM "demo"."people"
GROUP BY "id"
