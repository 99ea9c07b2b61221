"""Reconciliation: a DAG for each system that can be listed."""

from casebridge.airflow.reconcile import reconcile_dags

# Airflow looks for DAGs among the names of this file.
globals().update(reconcile_dags())
