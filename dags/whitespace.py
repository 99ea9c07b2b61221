"""Whitespace: worksheets."""

from casebridge.airflow.factory import action_dag

create_worksheet = action_dag("whitespace", "create_worksheet")
worksheet = action_dag("whitespace", "worksheet")
