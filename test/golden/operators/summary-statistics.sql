SELECT left("humidity"::text, 100) AS value, count(*) AS n FROM "demo"."days" WHERE "humidity" IS NOT NULL GROUP BY "humidity"::text ORDER BY 2 DESC, "humidity"::text LIMIT 3;

SELECT ARRAY[]::text[] AS groups, ARRAY[(count("humidity"))::text, (count(DISTINCT "humidity"))::text, (count(*) - count("humidity"))::text, (0)::text, (sum(CASE WHEN "humidity" = 0 THEN 1 ELSE 0 END))::text, (sum(CASE WHEN "humidity" > 0 THEN 1 ELSE 0 END))::text, (sum(CASE WHEN "humidity" < 0 THEN 1 ELSE 0 END))::text, (min("humidity")::text)::text, (percentile_cont(0.25) WITHIN GROUP (ORDER BY "humidity"))::text, (percentile_cont(0.5) WITHIN GROUP (ORDER BY "humidity"))::text, (percentile_cont(0.75) WITHIN GROUP (ORDER BY "humidity"))::text, (max("humidity")::text)::text, (avg("humidity"))::text, (stddev_samp("humidity"))::text, (stddev_samp("humidity") / nullif(avg("humidity"), 0))::text] AS values FROM "demo"."days";

SELECT left("the ""sky"""::text, 100) AS value, count(*) AS n FROM "demo"."days" WHERE "the ""sky""" IS NOT NULL GROUP BY "the ""sky"""::text ORDER BY 2 DESC, "the ""sky"""::text LIMIT 3;

SELECT ARRAY[]::text[] AS groups, ARRAY[(count("the ""sky"""))::text, (count(DISTINCT "the ""sky"""))::text, (count(*) - count("the ""sky"""))::text, (sum(CASE WHEN "the ""sky""" = '' THEN 1 ELSE 0 END))::text, (NULL)::text, (NULL)::text, (NULL)::text, (min("the ""sky"""::text)::text)::text, (NULL)::text, (NULL)::text, (NULL)::text, (max("the ""sky"""::text)::text)::text, (NULL)::text, (NULL)::text, (NULL)::text] AS values FROM "demo"."days";

SELECT left("play"::text, 100) AS value, count(*) AS n FROM "demo"."days" WHERE "play" IS NOT NULL GROUP BY "play"::text ORDER BY 2 DESC, "play"::text LIMIT 3;

SELECT ARRAY[]::text[] AS groups, ARRAY[(count("play"))::text, (count(DISTINCT "play"::text))::text, (count(*) - count("play"))::text, (0)::text, (NULL)::text, (NULL)::text, (NULL)::text, (NULL)::text, (NULL)::text, (NULL)::text, (NULL)::text, (NULL)::text, (NULL)::text, (NULL)::text, (NULL)::text] AS values FROM "demo"."days"
