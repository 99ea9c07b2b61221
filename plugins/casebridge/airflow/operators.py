"""Operators: one step of an integration action each. The work is done by `casebridge.steps`."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator

from casebridge.airflow.hooks import CasebridgeHook, hook_class, values_in_task
from casebridge.airflow.mail import send_email
from casebridge.connectors import registry
from casebridge.installation import Installation

if TYPE_CHECKING:
    from airflow.sdk import Context

    from casebridge.store.action import Action, ActionRequest


class IntegrationOperator(BaseOperator):
    """A step of an integration action.

    Args:
        system: Name of the target system.
        action: Name of the action type.
    """

    # Rendered fields are stored by Airflow; case values must never be among them.
    template_fields = ()
    ui_color = "#e6f0ea"

    def __init__(self, *, system: str, action: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.system = system
        self.action = action

    @cached_property
    def _installation(self) -> Installation:
        return Installation(connection_values=values_in_task, send_email=send_email)

    def _hook(self, context: Context) -> CasebridgeHook:
        return hook_class(self.system)(context["params"].get("connection"))

    def _request(self, context: Context) -> ActionRequest:
        from casebridge.store.action import ActionRequest

        params = context["params"]
        instance = context["ti"]
        return ActionRequest(
            key=f"{instance.dag_id}:{instance.run_id}",
            system=self.system,
            action_type=self.action,
            record=registry.manifest(self.system).action(self.action).record,
            case_source=params.get("source", "local"),
            case_reference=str(params.get("case", "")),
            template=params.get("template", ""),
            connection=params.get("connection", ""),
            dag_id=instance.dag_id,
            run_id=instance.run_id,
            rule=params.get("rule") or "",
        )

    def _planned(self, context: Context) -> Action:
        return self._installation.ledger.planned(context["ti"].dag_id, context["ti"].run_id)


class ValidateMappings(IntegrationOperator):
    """Reads the case, evaluates all rows of the template and puts the plan on record.

    Its XCom is the action's id and nothing else.
    """

    def execute(self, context: Context) -> str:
        """Plans the action."""
        from casebridge.steps.plan import plan_action

        request = self._request(context)
        settings = self._hook(context).settings()
        return plan_action(
            request,
            ledger=self._installation.ledger,
            references=self._installation.references,
            catalogue=self._installation.catalogue,
            source=self._installation.source(request.case_source),
            timezone=settings.timezone,
            enabled=settings.enabled,
            template_version=context["params"].get("template_version") or "",
        ).id


class CallTarget(IntegrationOperator):
    """Calls the target, once, and records what is known afterwards. Safe to run again at any time."""

    def execute(self, context: Context) -> None:
        """Performs the action."""
        from casebridge.steps.call import call_target

        instance = context["ti"]
        call_target(
            self._planned(context).id,
            ledger=self._installation.ledger,
            connector=self._hook(context).get_conn(),
            attempt=instance.try_number,
            last=instance.try_number > instance.max_tries,
        )


class ApplyIncoming(IntegrationOperator):
    """Brings the record's data back onto the case, through every incoming template of the Reference."""

    def execute(self, context: Context) -> None:
        """Applies the incoming templates."""
        from casebridge.steps.apply import apply_incoming

        action = self._planned(context)
        apply_incoming(
            action,
            ledger=self._installation.ledger,
            catalogue=self._installation.catalogue,
            source=self._installation.source(action.case_source),
            connector=self._hook(context).get_conn(),
        )


class ReceiveUpdate(IntegrationOperator):
    """Reads a record again and applies it to every case that holds it in a Reference."""

    def execute(self, context: Context) -> None:
        """Applies the update."""
        from casebridge.steps.receive import receive_update

        receive_update(
            self._request(context),
            str(context["params"]["record"]),
            ledger=self._installation.ledger,
            references=self._installation.references,
            catalogue=self._installation.catalogue,
            source=self._installation.source,
            connector=self._hook(context).get_conn(),
        )
