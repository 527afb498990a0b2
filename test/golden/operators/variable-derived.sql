SELECT "id", (case when "id" = 1 then True else False end)::boolean AS "flag", ("id" / 2.0)::double precision AS "half", (3)::numeric(12,2) AS "price", (now())::timestamp AS "at"
FROM "demo"."credit"
