"""The adapters to Airflow: DAG factory, operators, hooks, retries, links. Nothing below them imports Airflow."""
