"""Retention: values of cases that are no longer needed are erased."""

from casebridge.airflow.retention import retention_dag

retention = retention_dag()
