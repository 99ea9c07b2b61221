"""The mailbox: an SMTP address whose mails are read as they come.

FACT: SSP reads mailboxes. Here the mail is taken by SMTP, so that a sender needs no mail server in between.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from simulators.fields import BadField
from simulators.gateway import log_unexpected

_LARGEST = 10 * 1024 * 1024


class Mailbox:
    """An SMTP listener, where one was asked for.

    Args:
        take: Reads one mail.
    """

    def __init__(self, take: Callable[[bytes], Any]) -> None:
        self.address: str | None = None
        self._take = take
        self._server: asyncio.Server | None = None

    async def open(self, host: str, port: int) -> str:
        """The mailbox listens there, and no longer elsewhere; where it listens is returned.

        Raises:
            BadField: The package ``aiosmtpd`` is missing, or the port cannot be had.
        """
        try:
            from aiosmtpd.smtp import SMTP  # only tests have it: nothing but this needs it
        except ImportError:
            raise BadField(
                "No mailbox can be opened: install the development packages (make install-dev), "
                "or give the mail to the admin call mail."
            ) from None
        self.close()
        try:
            self._server = await asyncio.get_running_loop().create_server(
                lambda: SMTP(self, hostname="ssp7.example.org", enable_SMTPUTF8=True, data_size_limit=_LARGEST),
                host,
                port,
            )
        except OSError as error:
            raise BadField(f"No mailbox can be opened at {host} port {port}: {error.strerror or error}.") from None
        self.address = f"{host}:{self._server.sockets[0].getsockname()[1]}"
        return self.address

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 (aiosmtpd's name)
        """The mail has been read before it is accepted."""
        try:
            self._take(envelope.content)
        except Exception:
            log_unexpected("ssp7 mail")
            return "451 Requested action aborted: error in processing"
        return "250 Message accepted for delivery"

    def close(self) -> None:
        """Nothing listens."""
        if self._server is not None:
            self._server.close()
        self._server = self.address = None
