"""Runs casebridge on this machine: `python -m stack up`, or `make up`, which also installs what it needs."""

from __future__ import annotations

import argparse
import contextlib
import shlex
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType

from casebridge.core.errors import CasebridgeError
from stack import story
from stack.errors import StackError
from stack.home import DEFAULT, Home
from stack.processes import living
from stack.progress import Terminal
from stack.stack import Stack

STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interrupted(BaseException):
    """Someone asked us to stop; not an Exception, so that no step takes it for a failure of its own.

    Attributes:
        number: the signal's.
    """

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


@contextlib.contextmanager
def stopping_on_signals() -> Iterator[None]:
    """Turn the first signal that asks us to stop into an exception, and ignore the next: stopping takes seconds."""

    def stop(number: int, _: FrameType | None) -> None:
        for one in STOPPING:
            signal.signal(one, signal.SIG_IGN)
        raise Interrupted(number)

    for one in STOPPING:
        signal.signal(one, stop)
    yield


def demo(terminal: Terminal, given: argparse.Namespace) -> int:
    """Start everything, tell the story, stop everything."""
    # In a folder of its own, emptied each time: the story is about cases that nothing has happened to yet.
    home = given.home / "demo"
    with Stack(home, port=given.port, airflow_env=story.QUICK, fresh=True, progress=terminal) as stack:
        try:
            story.tell(stack, terminal)
        except Exception:
            # That a part has died explains more than that a request to it failed.
            stack.check()
            raise
    return 0


def up(terminal: Terminal, given: argparse.Namespace) -> int:
    """Start everything and stay until asked to stop."""
    with Stack(given.home, port=given.port, progress=terminal) as stack:
        user, password = stack.login
        terminal.note(f"\ncasebridge is up at {stack.api_url} - user {user}, password {password}")
        terminal.note(f"  inbox, where other systems push: {stack.inbox_url}/inbox")
        for name, url in sorted((name, one.url) for name, one in stack.simulators.items()):
            terminal.note(f"  simulator {name}: {url}")
        terminal.note('In another terminal: eval "$(make env)" && casebridge --help')
        terminal.note(f"Logs are in {stack.home.logs}. Ctrl-C, or `make down` elsewhere, stops it.")
        while True:
            stack.check()
            time.sleep(1)


def down(terminal: Terminal, given: argparse.Namespace) -> int:
    """Stop the copy that runs in this folder."""
    stopped = Home(given.home).stop_running()
    terminal.note(f"Stopped {', '.join(stopped)}." if stopped else "casebridge is not running here.")
    return 0


def status(terminal: Terminal, given: argparse.Namespace) -> int:
    """Say whether a copy runs in this folder, and where it is reached; exit code 3 when none runs."""
    home = Home(given.home)
    pid, about = home.lock.holder(), home.description()
    if pid is None:
        left = [session.name for session in home.record.leftovers()]
        terminal.note("casebridge is not running here.")
        if left:
            terminal.note(f"Left behind by an earlier run: {', '.join(left)}. `make down` stops it.")
        return 3
    if not about:
        terminal.note(f"casebridge is starting or stopping (process {pid}).")
        return 0
    terminal.note(f"casebridge is up at {about['api']} (process {pid})")
    terminal.note(f"  user {about['user']}, password {home.secrets().password}")
    addresses = {**about["simulators"], "inbox": f"{about['inbox']}/inbox"}
    for name, component in about["components"].items():
        address = addresses.get(name, "")
        terminal.note(f"  {name:<20}{'runs' if living(component) else 'has ended'}  {address}".rstrip())
    return 0


def env(terminal: Terminal, given: argparse.Namespace) -> int:
    """Print the variables with which the `casebridge` command belongs to what runs here; 3 if nothing."""
    about = Home(given.home).description()
    if not about:
        print("casebridge is not running here: start it with `make up`.", file=sys.stderr)
        return 3
    for name, value in sorted(about["environment"].items()):
        print(f"export {name}={shlex.quote(value)}")
    return 0


def clean(terminal: Terminal, given: argparse.Namespace) -> int:
    """Stop the copy that runs in this folder, and delete all of its data."""
    home = Home(given.home)
    home.stop_running()
    home.delete()
    terminal.note(f"Deleted {home.folder} with all databases and logs in it.")
    return 0


COMMANDS: dict[str, Callable[[Terminal, argparse.Namespace], int]] = {
    "demo": demo,
    "up": up,
    "down": down,
    "status": status,
    "env": env,
    "clean": clean,
}


def main(arguments: list[str] | None = None) -> int:
    """Do what the command line says, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m stack", description="Runs casebridge on this machine.")
    parser.add_argument("--home", type=Path, default=DEFAULT, help="the state folder (default: .casebridge)")
    commands = parser.add_subparsers(dest="command", required=True)
    for name, command in COMMANDS.items():
        one = commands.add_parser(name, help=command.__doc__)
        if name in ("demo", "up"):
            one.add_argument("--port", type=int, help="the port of Airflow's pages (default: a free one)")
    given = parser.parse_args(arguments)
    terminal = Terminal()
    try:
        with stopping_on_signals():
            return COMMANDS[given.command](terminal, given)
    except Interrupted as interrupted:
        return 128 + interrupted.number
    except (StackError, CasebridgeError) as problem:
        terminal.note(f"casebridge: {problem}")
        return 1


if __name__ == "__main__":
    sys.exit(main())
