SELECT "id", CASE WHEN "id" IS NULL THEN NULL ELSE ntile(4) OVER (PARTITION BY "id" IS NULL ORDER BY "id") END AS "q", CASE WHEN "id" < 10 THEN 1 WHEN "id" >= 10 AND "id" < 20.5 THEN 2 WHEN "id"::text IN ('a', 'it''s') THEN 3 END AS "own"
FROM "demo"."credit"
