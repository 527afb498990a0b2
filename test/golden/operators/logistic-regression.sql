SELECT DISTINCT "odd ""name"""::text AS value FROM "demo"."credit" WHERE "odd ""name""" IS NOT NULL AND "id" IS NOT NULL ORDER BY 1 LIMIT 3;

SELECT (SELECT count(*) FROM "demo"."credit" WHERE true) AS total, count(*) AS used, coalesce(sum((CASE WHEN "odd ""name"""::text = 'good' THEN 1 ELSE 0 END)), 0) AS good, ARRAY[avg("id"::float8)]::float8[] AS means, ARRAY[stddev_pop("id"::float8)]::float8[] AS deviations FROM "demo"."credit" WHERE true AND "odd ""name""" IS NOT NULL AND "id" IS NOT NULL;

SELECT ARRAY[sum(w * 1 * 1), sum(w * 1 * "x1"), sum(w * "x1" * "x1")] AS h, ARRAY[sum((y - p) * 1), sum((y - p) * "x1")] AS g,
  sum(CASE WHEN y = 1 THEN ln(greatest(p, 1e-300)) ELSE ln(greatest(1 - p, 1e-300)) END) AS ll
FROM (SELECT t.*, p * (1 - p) AS w FROM (
  SELECT t.*, CASE WHEN eta >= 0 THEN 1 / (1 + exp(-least(eta, 700))) ELSE exp(greatest(eta, -700)) / (1 + exp(greatest(eta, -700))) END AS p FROM (
    SELECT t.*, ((0)::float8 + (0)::float8 * "x1") AS eta FROM (
      SELECT (CASE WHEN "odd ""name"""::text = 'good' THEN 1 ELSE 0 END)::float8 AS y, (("id"::float8 - (5)::float8) / (2)::float8) AS "x1" FROM "demo"."credit" WHERE true AND "odd ""name""" IS NOT NULL AND "id" IS NOT NULL) AS t) AS t) AS t) AS t
