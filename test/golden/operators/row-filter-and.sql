SELECT "id", "credit_lines", "odd ""name"""
FROM "demo"."credit"
WHERE ("credit_lines" >= 7) AND ("odd ""name""" <> 'x')
