SELECT "id" AS "x" FROM "demo"."cities"
EXCEPT
SELECT "age" AS "x" FROM "demo"."people"
