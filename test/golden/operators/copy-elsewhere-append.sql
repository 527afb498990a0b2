COPY (SELECT "day", "the ""sky""", "humidity", "temperature", "play"
FROM "demo"."days") TO STDOUT;

COPY "out"."copied" ("day", "the ""sky""", "humidity", "temperature", "play") FROM STDIN
