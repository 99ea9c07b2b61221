"""Idox Cloud (Tascomi): Service Requests."""

from casebridge.airflow.factory import action_dag

create_service_request = action_dag("tascomi", "create_service_request")
update_service_request = action_dag("tascomi", "update_service_request")
service_request = action_dag("tascomi", "service_request")
