"""The operator's console: pages about actions, cases, templates and integrations. It imports no Airflow."""
