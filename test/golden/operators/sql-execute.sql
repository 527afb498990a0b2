CREATE TABLE "out"."made" AS SELECT 'alpine_sql_output' FROM "demo"."credit" /* alpine_sql_input_1 ; */;

ANALYZE "out"."made"
