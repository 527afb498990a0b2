DROP TABLE "out"."copied";

CREATE TABLE "out"."copied" AS
SELECT "day", "the ""sky""", "humidity", "temperature", "play"
FROM "demo"."days"
