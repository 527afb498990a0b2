CREATE VIEW "out"."made" AS
SELECT max("humidity") AS "max_humidity"
FROM "demo"."days"
