SELECT ARRAY[corr("humidity"::float8, "humidity"::float8), corr("humidity"::float8, "temperature"::float8), corr("temperature"::float8, "temperature"::float8)] AS values FROM "demo"."days"
