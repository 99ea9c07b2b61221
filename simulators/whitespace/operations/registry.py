"""Which function answers which operation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from simulators.whitespace.inputs import Input
from simulators.whitespace.powersuite import PowerSuite

Operation = Callable[[PowerSuite, Input], dict[str, Any]]

#: By the vendor's name. An operation returns the members of its result, without the status members.
OPERATIONS: dict[str, Operation] = {}


def operation(name: str) -> Callable[[Operation], Operation]:
    """The function answers the operation of that name."""

    def register(function: Operation) -> Operation:
        OPERATIONS[name] = function
        return function

    return register
