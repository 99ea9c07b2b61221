"""Installs the locked packages and this project into `.venv`: `make install`.

It is run by the Python of the system, so it imports nothing but the standard library.
"""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
VENV = PROJECT / ".venv"
PYTHON = VENV / "bin" / "python"
UV = VENV / "bin" / "uv"

LOCKS = {
    "runtime": ["requirements.txt"],
    "development": ["requirements.txt", "requirements/dev.txt"],
}


def digest(files: list[str]) -> str:
    """Return what changes when another install is needed: the locks, the project's metadata, the Python, the place."""
    content = hashlib.sha256()
    for name in ["requirements/uv.txt", "pyproject.toml", *files]:
        content.update((PROJECT / name).read_bytes())
    content.update(repr((sys.version_info[:2], str(PROJECT))).encode())
    return content.hexdigest()


def refusal() -> str:
    """Return why this Python cannot do it, empty if it can. That it is new enough is checked in the Makefile."""
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        return (
            f"{sys.executable} cannot make virtual environments: install its venv module (on Debian and Ubuntu: "
            f"`apt-get install python3-venv`) and try again."
        )
    return ""


def install(purpose: str) -> None:
    """Bring `.venv` to the state of the locks for this purpose; when it is there already, that takes no time."""
    stamp = VENV / f"installed-for-{purpose}"
    files = LOCKS[purpose]
    wanted = digest(files)
    if PYTHON.exists() and stamp.exists() and stamp.read_text() == wanted:
        return
    started = time.monotonic()
    if not _works(UV, "--version") or not _works(PYTHON, "--version"):
        say("Making .venv and installing uv ...")
        if not _works(PYTHON, "-m", "pip", "--version"):
            run(sys.executable, "-m", "venv", "--clear", str(VENV))
        run(str(PYTHON), "-m", "pip", "install", "-q", "--no-compile", "--require-hashes", "-r", "requirements/uv.txt")
    say("Installing the locked packages ...")
    locks = [argument for name in files for argument in ("-r", name)]
    run(str(UV), "pip", "install", "-q", "--python", str(PYTHON), "--require-hashes", *locks)
    # Gives the `casebridge` command, and Airflow the connection types; setuptools comes from the lock.
    run(str(UV), "pip", "install", "-q", "--python", str(PYTHON), "--no-deps", "--no-build-isolation", "-e", ".")
    stamp.write_text(wanted)
    say(f"Installed in {time.monotonic() - started:.1f} s.")


def run(*command: str) -> None:
    """Run a step; its own words on standard error say what is wrong if it fails."""
    done = subprocess.run(command, cwd=PROJECT, env=_environment(), check=False)
    if done.returncode:
        raise SystemExit(f"casebridge: `{' '.join(command)}` failed, so the packages are not installed; see above.")


def say(line: str) -> None:
    """Tell at once, also where the output is no terminal."""
    print(line, flush=True)


def _works(program: Path, *arguments: str) -> bool:
    try:
        done = subprocess.run([str(program), *arguments], capture_output=True, check=False, env=_environment())
    except OSError:
        return False
    return done.returncode == 0


def _environment() -> dict[str, str]:
    # Another virtual environment that is active, or a path to other packages, must not mix in.
    dropped = ("VIRTUAL_ENV", "PYTHONPATH", "PYTHONHOME", "PYTHONDONTWRITEBYTECODE", "UV_SYSTEM_PYTHON")
    return {name: value for name, value in os.environ.items() if name not in dropped}


def _stop(number: int, _: object) -> None:
    # As an exception, it ends the running step too.
    raise SystemExit(128 + number)


def main() -> None:
    """Install for the runtime, or with `--dev` for the tests too."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _stop)
    reason = refusal()
    if reason:
        raise SystemExit(reason)
    install("development" if "--dev" in sys.argv[1:] else "runtime")


if __name__ == "__main__":
    main()
