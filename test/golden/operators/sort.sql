SELECT "id", "credit_lines", "odd ""name""", row_number() OVER (ORDER BY "id" DESC NULLS LAST, "odd ""name""" NULLS LAST) AS "row_number"
FROM "demo"."credit"
ORDER BY "row_number"
LIMIT 10
