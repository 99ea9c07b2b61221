#!/bin/sh
# Run once by the PostgreSQL image, when its data folder is new: a database and a user for Airflow, and for casebridge.
# Neither user can connect to the other's database.
set -eu

for name in airflow casebridge; do
  case "$name" in
    airflow) password=$AIRFLOW_DB_PASSWORD ;;
    casebridge) password=$CASEBRIDGE_DB_PASSWORD ;;
  esac
  psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
    --set "name=$name" --set "password=$password" <<'SQL'
CREATE ROLE :"name" LOGIN PASSWORD :'password';
CREATE DATABASE :"name" OWNER :"name" ENCODING 'UTF8' TEMPLATE template0;
REVOKE ALL ON DATABASE :"name" FROM PUBLIC;
SQL
done
