DROP TABLE "out"."copied";

CREATE TABLE "out"."copied" ("day" date, "the ""sky""" text, "humidity" integer, "temperature" numeric(5,2), "play" boolean);

COPY (SELECT "day", "the ""sky""", "humidity", "temperature", "play"
FROM "demo"."days") TO STDOUT;

COPY "out"."copied" ("day", "the ""sky""", "humidity", "temperature", "play") FROM STDIN
