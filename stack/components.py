"""The parts of a copy that run as processes and can be stopped, killed and started again, one by one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from stack.errors import StackError
from stack.processes import Child, Processes, wait_until

READY = re.compile(r"^\S+ ready at (http://\S+:(\d+))$", re.MULTILINE)


@dataclass
class Component:
    """One process of a copy.

    Attributes:
        name: what people call it: scheduler, whitespace.
        command: the program and its arguments.
        environment: its environment.
        log: what it prints.
        processes: starts and stops it.
    """

    name: str
    command: list[str]
    environment: Mapping[str, str]
    log: Path
    processes: Processes

    def start(self) -> Child:
        """Start it; its log goes on where an earlier start left it."""
        return self.processes.start(self.name, self.command, log=self.log, environment=self.environment)

    def stop(self) -> None:
        """Ask it to stop and wait until it and all that it started have ended."""
        self.processes.stop(self.name)

    def kill(self) -> None:
        """End it and all that it started at once, without a chance to tidy up: for tests of what then happens."""
        self.child.kill()

    def restart(self) -> None:
        """Start it again, after stopping it if it runs."""
        self.stop()
        self.start()

    @property
    def child(self) -> Child:
        """Its process, as last started."""
        try:
            return self.processes[self.name]
        except KeyError:
            raise StackError(f"{self.name} has been stopped.") from None

    @property
    def pid(self) -> int:
        """Its process id."""
        return self.child.pid

    @property
    def is_running(self) -> bool:
        """Whether it runs."""
        return self.name in self.processes and self.child.is_running

    def why_it_ended(self) -> str:
        """Say how it ended, with the end of its log."""
        ended = f"{self.name} ended with exit code {self.child.exit_code}."
        return f"{ended} The end of {self.log}:\n{self.child.last_lines()}"


@dataclass
class Listener(Component):
    """A part that says in a line where it listens: a simulator, the inbox.

    Attributes:
        url: where it listens, once it is ready; a restart keeps the address.
    """

    url: str = ""

    def restart(self) -> None:
        """Start it again on the same port, and wait until it answers."""
        super().restart()
        self.wait_until_ready()

    def wait_until_ready(self, *, seconds: float = 30) -> None:
        """Wait for the line in which it says where it listens.

        Raises:
            StackError: it ended, or did not say so in time.
        """
        child = self.child
        if not wait_until(lambda: bool(self._ready_lines()) or not child.is_running, seconds=seconds):
            raise StackError(f"{self.name} is not ready after {seconds:g} s: see {self.log}.")
        if not self._ready_lines():
            raise StackError(self.why_it_ended())
        self.url, port = self._ready_lines()[-1]
        self.command = [*self.command[: self.command.index("--port")], "--port", port]

    def start(self) -> Child:
        """Start it, with a new log: the ready line in it must be this start's."""
        self.log.unlink(missing_ok=True)
        return super().start()

    def _ready_lines(self) -> list[tuple[str, str]]:
        return READY.findall(self.log.read_text()) if self.log.exists() else []


def first_ended(components: Mapping[str, Component]) -> Component | None:
    """Return a component that has ended by itself, None while all run."""
    return next((one for one in components.values() if not one.is_running), None)
