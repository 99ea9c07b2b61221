"""What may stand in an arrival: short texts without control characters."""

from __future__ import annotations

import hashlib
import json
import re

from casebridge.web.refusal import Refusal

LONGEST = 200
# Control characters, which would break a line of a log, and halves of characters, which no database takes.
_UNFIT = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029]")

UNFIT_IN_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""What neither a database nor XML takes; lines and tabs are fine in a text that people wrote."""


def checked(name: str, text: str) -> str:
    """The text without blanks around it.

    Raises:
        Refusal: It is too long, or holds characters that have no place in a name or a reference.
    """
    text = text.strip()
    if len(text) > LONGEST or _UNFIT.search(text):
        raise Refusal(400, f"{name} is too long or holds control characters")
    return text


def digest(*parts: str) -> str:
    """The same for the same parts, and different for all others."""
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
