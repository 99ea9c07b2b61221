"""Service provider: tickets."""

from casebridge.airflow.factory import action_dag

submit = action_dag("service_provider", "submit")
update = action_dag("service_provider", "update")
decline_solution = action_dag("service_provider", "decline_solution")
close = action_dag("service_provider", "close")
ticket_update = action_dag("service_provider", "ticket_update")
