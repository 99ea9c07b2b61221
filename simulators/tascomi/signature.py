"""The signature of a request: made from the keys and the minute, and from nothing else of it."""

from __future__ import annotations

from base64 import b64encode
from datetime import datetime, timedelta
from hashlib import sha256
from hmac import compare_digest, new
from zoneinfo import ZoneInfo


def signature(public_key: str, private_key: str, wall_time: datetime) -> str:
    """What ``X-Hash`` must be in the minute of that wall time (FACT).

    Base64 is over the 64 hex characters of the HMAC, not over its 32 bytes.
    """
    token = sha256(f"{public_key}{wall_time:%Y%m%d%H%M}".encode()).hexdigest()
    mac = new(private_key.encode(), token.encode(), sha256).hexdigest()
    return b64encode(mac.encode()).decode()


def is_signed(
    given: str, public_key: str, private_key: str, *, now: datetime, zone: ZoneInfo, tolerance_min: int
) -> bool:
    """Whether the signature is that of this minute in that zone, or of one at most ``tolerance_min`` away.

    Args:
        given: The header ``X-Hash``.
        public_key: The key that the request names.
        private_key: What belongs to it.
        now: The server's moment, with its zone.
        zone: Whose wall time is signed.
        tolerance_min: Minutes before and after that are taken too; 0 is the exact minute.
    """
    minutes = (now + timedelta(minutes=away) for away in range(-tolerance_min, tolerance_min + 1))
    sent = given.encode("utf-8", "replace")
    return any(
        compare_digest(sent, signature(public_key, private_key, minute.astimezone(zone)).encode()) for minute in minutes
    )
