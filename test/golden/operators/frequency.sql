SELECT left("the ""sky"""::text, 1000) AS value, count(*) AS n, count(*)::float8 / sum(count(*)) OVER () AS share FROM "demo"."days" GROUP BY "the ""sky"""::text ORDER BY 2 DESC, 1 LIMIT 1000;

SELECT left("play"::text, 1000) AS value, count(*) AS n, count(*)::float8 / sum(count(*)) OVER () AS share FROM "demo"."days" GROUP BY "play"::text ORDER BY 2 DESC, 1 LIMIT 1000
