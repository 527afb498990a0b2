SELECT "the ""sky"""::text AS category, "play"::text AS series, avg("humidity")::float8 AS v FROM "demo"."days" GROUP BY 1, 2 ORDER BY 1, 2 LIMIT 1000
