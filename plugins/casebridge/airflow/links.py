"""Links from a task to the case and to the record, for the people who watch runs.

The plugin registers them, and the server looks them up when a person opens a task. Were they named in the operators,
every task would look up and store its links at its end, whether anybody comes or not.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, ClassVar

from airflow.sdk import BaseOperatorLink

from casebridge.airflow.operators import ApplyIncoming, CallTarget, ReceiveUpdate, ValidateMappings
from casebridge.core.errors import CasebridgeError
from casebridge.installation import Installation

if TYPE_CHECKING:
    from airflow.sdk import BaseOperator
    from airflow.sdk.types import TaskInstanceKey

    from casebridge.store.action import Action


class CaseLink(BaseOperatorLink):
    """The page of the case."""

    name = "Case"
    operators: ClassVar = [ValidateMappings, ApplyIncoming, ReceiveUpdate]

    def get_link(self, operator: BaseOperator, *, ti_key: TaskInstanceKey) -> str:
        """Address of the case's page, or "" when its source has none."""
        action = _action(ti_key)
        return action.case_url if action else ""


class RecordLink(BaseOperatorLink):
    """The page of the record in the target system."""

    name = "Record"
    operators: ClassVar = [CallTarget, ApplyIncoming, ReceiveUpdate]

    def get_link(self, operator: BaseOperator, *, ti_key: TaskInstanceKey) -> str:
        """Address of the record's page, or "" when there is no record or no page."""
        action = _action(ti_key)
        return action.record_url if action else ""


def _action(key: TaskInstanceKey) -> Action | None:
    try:
        return Installation().ledger.of_run(key.dag_id, key.run_id)
    except CasebridgeError as error:
        logging.getLogger(__name__).warning("No link: %s", error)
        return None
