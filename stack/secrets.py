"""The secrets of one copy: made at its first start, kept in its state folder, readable by its owner only."""

from __future__ import annotations

import base64
import json
import os
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from pkgutil import iter_modules
from secrets import token_bytes, token_urlsafe
from typing import Self

from casebridge import web
from stack.errors import StackError


@dataclass(frozen=True)
class Secrets:
    """What one copy must keep to itself.

    Attributes:
        fernet_key: encrypts the passwords of connections in Airflow's database, so it must outlive a restart.
        jwt_secret: signs the tokens of users and tasks.
        session_secret: signs the browser's session.
        password: of the user `admin`.
        inbox: the secret of each system that pushes at the inbox, by its name.
    """

    fernet_key: str
    jwt_secret: str
    session_secret: str
    password: str
    inbox: dict[str, str]

    @classmethod
    def keep(cls, file: Path) -> Self:
        """Return the secrets in this file, which is made with new ones if there is none."""
        if not file.exists():
            made = cls(
                fernet_key=base64.urlsafe_b64encode(token_bytes(32)).decode(),
                jwt_secret=token_urlsafe(64),
                session_secret=token_urlsafe(32),
                password=token_urlsafe(12),
                inbox=_inbox_secrets(),
            )
            write_private(file, json.dumps(asdict(made), indent=2) + "\n")
        try:
            content = json.loads(file.read_text())
            # A folder of an earlier version has none for a system that is new, and nothing depends on them yet.
            known = content.get("inbox", {})
            if missing := {name: secret for name, secret in _inbox_secrets().items() if name not in known}:
                content["inbox"] = known | missing
                write_private(file, json.dumps(content, indent=2) + "\n")
            return cls(**{field.name: content[field.name] for field in fields(cls)})
        except (ValueError, KeyError, TypeError) as problem:
            raise StackError(
                f"{file} is damaged, and without it the passwords of connections cannot be read: put it back, or start "
                f"anew with `make clean`."
            ) from problem


def _inbox_secrets() -> dict[str, str]:
    senders = Path(web.__file__).parent / "senders"  # importing them would import all of the inbox
    return {module.name: token_urlsafe(32) for module in iter_modules([str(senders)])}


def write_private(file: Path, content: str) -> None:
    """Write a file that only its owner can read from its first byte on, in one step: never half of it."""
    fresh = file.with_name(file.name + ".new")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as opened:
        opened.write(content)
    fresh.replace(file)
