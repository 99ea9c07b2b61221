"""The signature of a request: made of the keys and the minute, and of nothing else of it."""

from __future__ import annotations

from base64 import b64encode
from datetime import datetime
from hashlib import sha256
from hmac import new
from zoneinfo import ZoneInfo


def minute_of(moment: datetime, timezone: str) -> str:
    """The minute that is signed, `YYYYMMDDHHMM` in the target's wall time.

    Args:
        moment: With offset.
        timezone: In Location/Area form.
    """
    return moment.astimezone(ZoneInfo(timezone)).strftime("%Y%m%d%H%M")


def signed_headers(public_key: str, private_key: str, minute: str) -> dict[str, str]:
    """The two headers of a request in that minute.

    The base64 is over the 64 hexadecimal characters of the HMAC, not over its 32 bytes (FACT: public clients).
    """
    token = sha256(f"{public_key}{minute}".encode()).hexdigest()
    mac = new(private_key.encode(), token.encode(), sha256).hexdigest()
    return {"X-Public": public_key, "X-Hash": b64encode(mac.encode()).decode()}
