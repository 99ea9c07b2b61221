"""What an action would send. Nothing is sent and nothing is recorded."""

from __future__ import annotations

from dataclasses import dataclass

from casebridge.core.mapping import evaluate
from casebridge.core.payload import Payload
from casebridge.core.ports import CaseSource
from casebridge.core.problem import Problem
from casebridge.core.template import MappingTemplate


@dataclass(frozen=True)
class Preview:
    """The evaluated mappings of a template on a case. Holds case values: for the eyes of who asked only."""

    template: MappingTemplate
    case_reference: str
    payload: Payload
    problems: tuple[Problem, ...]

    @property
    def would_be_sent(self) -> bool:
        """False when a problem would stop the action."""
        return not any(problem.stops for problem in self.problems)


def preview(template: MappingTemplate, case_reference: str, *, source: CaseSource, timezone: str) -> Preview:
    """What a template makes of a case.

    Raises:
        NotFound: There is no such case.
        Unreachable: The case source gave no answer.
    """
    payload, problems = evaluate(template, source.read(case_reference), timezone=timezone)
    return Preview(template, case_reference, payload, tuple(problems))
