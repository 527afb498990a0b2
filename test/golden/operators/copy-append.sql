INSERT INTO "out"."copied" ("day", "the ""sky""", "humidity", "temperature", "play")
SELECT "day", "the ""sky""", "humidity", "temperature", "play"
FROM "demo"."days"
