"""Salesforce: a case for a conversation, and what became of it."""

from casebridge.airflow.factory import action_dag

create_case = action_dag("salesforce", "create_case")
case = action_dag("salesforce", "case")
