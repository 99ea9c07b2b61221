"""Runs the whole of casebridge on one machine: PostgreSQL, Airflow and the simulators, without Docker."""
