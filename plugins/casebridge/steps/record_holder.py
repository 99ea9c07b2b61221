"""Which record an update is about: the one that its Reference holds on the case."""

from __future__ import annotations

from casebridge.core.catalogue import Catalogue
from casebridge.core.errors import TransientError
from casebridge.core.manifest import ReferenceUse
from casebridge.core.problem import Problem
from casebridge.core.template import MappingTemplate
from casebridge.store.ledger import Ledger
from casebridge.store.references import References


class RecordHolder:
    """Finds the record in a Reference.

    Args:
        ledger: Where creates are found that are not confirmed yet.
        references: The References.
        catalogue: Which templates store their record in a Reference.
    """

    def __init__(self, ledger: Ledger, references: References, catalogue: Catalogue) -> None:
        self._ledger = ledger
        self._references = references
        self._catalogue = catalogue

    def record_of(self, template: MappingTemplate, case_source: str, case_reference: str) -> str:
        """The id of the record in the template's Reference, "" when it holds none.

        Raises:
            TransientError: Its create is not confirmed yet; the update waits for it.
        """
        for held in self._references.of_case(case_reference, case_source):
            if (held.name, held.system, held.record) == (template.reference, template.system, template.action.record):
                return held.record_id
        storing = [
            other.id
            for action in self._catalogue.manifest(template.system).outgoing
            if action.reference is ReferenceUse.STORES and action.record == template.action.record
            for other in self._catalogue.valid(template.system, action.name)
            if other.reference == template.reference
        ]
        if self._ledger.is_awaited(template.system, case_source, case_reference, storing):
            raise TransientError(
                f'Reference "{template.reference}" of case {case_reference} holds no {template.action.record} yet: '
                "its create is not confirmed, and this update waits for it"
            )
        return ""


def empty_reference(template: MappingTemplate, case_reference: str) -> Problem:
    """The problem that there is no record to update."""
    return Problem(
        "empty_reference",
        f'Reference "{template.reference}" of case {case_reference} holds no {template.action.record}.',
        "Create one first, with a template that stores it in this Reference.",
    )
