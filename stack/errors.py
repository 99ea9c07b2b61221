"""What can go wrong while the product is started or stopped, said in one sentence."""

from __future__ import annotations


class StackError(RuntimeError):
    """The product cannot be started or stopped; the message names the thing and the way out."""


class AlreadyRunning(StackError):
    """Another process holds this folder.

    Attributes:
        pid: the process that holds it, 0 when it could not be read.
    """

    def __init__(self, message: str, *, pid: int) -> None:
        super().__init__(message)
        self.pid = pid
