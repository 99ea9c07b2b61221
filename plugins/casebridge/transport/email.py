"""What a failure of a mail server means: can the message be on its way?"""

from __future__ import annotations

import smtplib
from collections.abc import Iterator
from contextlib import contextmanager

from casebridge.core.errors import InDoubtError, RefusedByTarget, Unreachable


@contextmanager
def told_by_mail_server(system: str) -> Iterator[None]:
    """Turns what `smtplib` raises into what happens next.

    Args:
        system: The title of the system that the message is for, for the sentence.
    """
    try:
        yield
    except smtplib.SMTPRecipientsRefused:
        raise RefusedByTarget(f"{system}: the mail server refuses the address that is to be written to") from None
    except (smtplib.SMTPServerDisconnected, TimeoutError, ConnectionResetError, BrokenPipeError):
        raise InDoubtError(f"{system}: the mail server broke off; the message may be on its way") from None
    except OSError as error:  # all others of smtplib's among them
        raise Unreachable(f"{system}: the mail server did not take the message ({type(error).__name__})") from None
