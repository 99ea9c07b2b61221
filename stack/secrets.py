"""The secrets of one copy: made at its first start, kept in its state folder, readable by its owner only."""

from __future__ import annotations

import base64
import json
import os
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from secrets import token_bytes, token_urlsafe
from typing import Self

from stack.errors import StackError


@dataclass(frozen=True)
class Secrets:
    """What one copy must keep to itself.

    Attributes:
        fernet_key: encrypts the passwords of connections in Airflow's database, so it must outlive a restart.
        jwt_secret: signs the tokens of users and tasks.
        session_secret: signs the browser's session.
        password: of the user `admin`.
        inbox_jadu_cxm: signs the webhooks of Jadu CXM.
        inbox_whitespace: stands in the pokes of Whitespace.
    """

    fernet_key: str
    jwt_secret: str
    session_secret: str
    password: str
    inbox_jadu_cxm: str
    inbox_whitespace: str

    @classmethod
    def keep(cls, file: Path) -> Self:
        """Return the secrets in this file, which is made with new ones if there is none."""
        if not file.exists():
            made = cls(
                fernet_key=base64.urlsafe_b64encode(token_bytes(32)).decode(),
                jwt_secret=token_urlsafe(64),
                session_secret=token_urlsafe(32),
                password=token_urlsafe(12),
                **_inbox_secrets(),
            )
            write_private(file, json.dumps(asdict(made), indent=2) + "\n")
        try:
            content = json.loads(file.read_text())
            # A folder of an earlier version has none for the inbox, and nothing depends on them yet.
            if missing := {name: secret for name, secret in _inbox_secrets().items() if name not in content}:
                content |= missing
                write_private(file, json.dumps(content, indent=2) + "\n")
            return cls(**{field.name: content[field.name] for field in fields(cls)})
        except (ValueError, KeyError, TypeError) as problem:
            raise StackError(
                f"{file} is damaged, and without it the passwords of connections cannot be read: put it back, or start "
                f"anew with `make clean`."
            ) from problem


def _inbox_secrets() -> dict[str, str]:
    return {"inbox_jadu_cxm": token_urlsafe(32), "inbox_whitespace": token_urlsafe(32)}


def write_private(file: Path, content: str) -> None:
    """Write a file that only its owner can read from its first byte on, in one step: never half of it."""
    fresh = file.with_name(file.name + ".new")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as opened:
        opened.write(content)
    fresh.replace(file)
