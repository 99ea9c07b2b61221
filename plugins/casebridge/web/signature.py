"""How the body of a webhook is signed."""

from __future__ import annotations

import base64
import hashlib
import hmac

from casebridge.web.profile import Signature


def sign(how: Signature, secret: bytes, body: bytes) -> bytes:
    """The value of the signature's header."""
    code = hmac.new(secret, body, getattr(hashlib, how.algorithm))
    text = code.hexdigest() if how.encoding == "hex" else base64.b64encode(code.digest()).decode()
    return f"{how.prefix}{text}".encode()
