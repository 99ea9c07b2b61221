"""The pure heart: values, templates, the mapping engine. No network, no database, no Airflow."""
