SELECT "id", "credit_lines", "odd ""name"""
FROM "demo"."credit"
WHERE ("id" IS NULL) OR ("id" IS NOT NULL) OR ("id" IS NULL OR "id"::text = '') OR ("id" BETWEEN 1 AND "credit_lines" + 2) OR ("odd ""name"""::text LIKE '%' || ('rain')::text || '%') OR ("odd ""name"""::text LIKE '%' || (upper('rain'))::text || '%')
