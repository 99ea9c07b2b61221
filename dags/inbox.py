"""The inbox: what other systems push at casebridge."""

from casebridge.airflow.inbox import inbox_dag

inbox = inbox_dag()
