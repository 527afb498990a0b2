SELECT coalesce(t."id", s."alp_0"::bigint) AS "id", coalesce(t."credit_lines", '1'''::integer) AS "credit_lines", t."odd ""name"""
FROM "demo"."credit" AS t
LEFT JOIN (SELECT "odd ""name""", avg("id") AS "alp_0" FROM "demo"."credit" GROUP BY "odd ""name""") AS s ON t."odd ""name""" IS NOT DISTINCT FROM s."odd ""name"""
