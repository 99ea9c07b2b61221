"""Every error of casebridge, sorted by what happens next.

    CasebridgeError
    ├── RejectedError          never retried
    │   ├── InvalidTemplate    the mapping template cannot be used; carries every Problem
    │   ├── InvalidMapping     the case does not give what the template needs; carries every Problem
    │   ├── RefusedByTarget    the target understood the request and said no
    │   │   └── DuplicateRefused   it said no because it holds such a record already
    │   ├── NotFound           the case or record that was asked for does not exist
    │   ├── NotAuthorised      the target does not accept our credentials
    │   ├── NotConfigured      a setting is missing or wrong; says where it looked
    │   ├── Conflict           the same request was planned before with other content, or has ended already
    │   └── NeedsPerson        nobody but a person can tell whether the record exists
    ├── TransientError         retried, up to the limit in the manifest
    │   ├── Unreachable        the request did not reach the target, or a read got no answer
    │   ├── Throttled          the target asks us to wait; carries retry_after
    │   ├── ClockSkew          the target's clock and ours disagree for a moment
    │   └── Fenced             another run is at work on this very action
    └── InDoubtError           a write left and no answer came: look the record up before sending it again

The text of an error never holds a value of a case: it may be shown in a log, a run note or a page.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from casebridge.core.problem import Problem

__all__ = [
    "CasebridgeError",
    "ClockSkew",
    "Conflict",
    "DuplicateRefused",
    "Fenced",
    "InDoubtError",
    "InvalidMapping",
    "InvalidTemplate",
    "NeedsPerson",
    "NotAuthorised",
    "NotConfigured",
    "NotFound",
    "RefusedByTarget",
    "RejectedError",
    "Throttled",
    "TransientError",
    "Unreachable",
]


class CasebridgeError(Exception):
    """The root of the family: `except CasebridgeError` catches them all.

    Attributes:
        may_have_happened: False when it is certain that nothing was written in the target.
    """

    may_have_happened = False


class RejectedError(CasebridgeError):
    """Trying again cannot help."""


class TransientError(CasebridgeError):
    """Trying again may help.

    Args:
        message: One sentence.
        retry_after: Seconds to wait at least, when the target or the protocol gave them.
    """

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class InDoubtError(CasebridgeError):
    """A write may or may not have happened: the next try looks before it creates.

    Args:
        message: One sentence.
        retry_after: Seconds until it makes sense to look, when the protocol gives them.
    """

    may_have_happened = True

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class _WithProblems(RejectedError):
    def __init__(self, subject: str, problems: Sequence[Problem]) -> None:
        self.subject = subject
        self.problems = tuple(problems)
        count = len(self.problems)
        heading = f"{subject}: {count} problem{'' if count == 1 else 's'}"
        super().__init__("\n".join([heading, *(f"  {number}. {p}" for number, p in enumerate(self.problems, 1))]))


class InvalidTemplate(_WithProblems):
    """A mapping template breaks the rules of its type."""


class InvalidMapping(_WithProblems):
    """A case does not give what a mapping template asks of it."""


class RefusedByTarget(RejectedError):
    """The target understood the request and refused it.

    Args:
        message: One sentence, with the target's own reason.
        code: The target's own code, as text.
    """

    def __init__(self, message: str, *, code: str = "") -> None:
        super().__init__(message)
        self.code = code


class DuplicateRefused(RefusedByTarget):
    """The target refused because it already holds such a record: after a lost answer, probably ours."""


class NotFound(RejectedError):
    """What was asked for does not exist."""


class NotAuthorised(RejectedError):
    """The target does not accept the credentials of the connection."""


class NotConfigured(RejectedError):
    """A setting is missing or cannot be right.

    Args:
        message: One sentence that says what is missing, where it was looked for and what to do.
        may_have_happened: True when a write had already left before this became clear.
    """

    def __init__(self, message: str, *, may_have_happened: bool = False) -> None:
        super().__init__(message)
        self.may_have_happened = may_have_happened


class Conflict(RejectedError):
    """The request contradicts what the ledger already holds."""


class NeedsPerson(RejectedError):
    """The action is parked: `casebridge resolve` decides it."""

    may_have_happened = True


class Unreachable(TransientError):
    """The target could not be reached, or did not answer a question that changes nothing."""


class Throttled(TransientError):
    """The target asks for a pause."""


class ClockSkew(TransientError):
    """The target refused a signature for its time; the next minute may be accepted."""


class Fenced(TransientError):
    """Another run holds this action right now."""
