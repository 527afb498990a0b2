COPY (SELECT "day", "the ""sky""", "humidity", "temperature", "play"
FROM "demo"."days") TO STDOUT WITH DELIMITER AS E'\t' CSV HEADER
