SELECT (SELECT count(*) FROM "demo"."credit" WHERE true) AS total, count(*) AS n, ARRAY[avg("id"::float8)]::float8[] AS means, avg("credit_lines"::float8) AS y FROM "demo"."credit" WHERE true AND "credit_lines" IS NOT NULL AND "id" IS NOT NULL;

SELECT ARRAY[sum("x0" * "x0")]::float8[] AS sxx, ARRAY[sum("x0" * y)]::float8[] AS sxy, sum(y * y) AS syy FROM (SELECT "id"::float8 - (5.5)::float8 AS "x0", "credit_lines"::float8 - (2)::float8 AS y FROM "demo"."credit" WHERE true AND "credit_lines" IS NOT NULL AND "id" IS NOT NULL) AS t
