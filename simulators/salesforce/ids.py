"""Record ids: fifteen characters that differ by case, and three more that make them safe where case is lost."""

from __future__ import annotations

import re

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_SUFFIX = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_INSTANCE = "5g0"
_ID = re.compile(r"[0-9A-Za-z]{15}(?:[0-9A-Za-z]{3})?", re.ASCII)


def new_id(prefix: str, number: int) -> str:
    """The id (18 characters) of the number-th record of an object with that key prefix."""
    digits = ""
    while number:
        number, rest = divmod(number, 62)
        digits = _DIGITS[rest] + digits
    return long_id(prefix + _INSTANCE + digits.rjust(9, "0"))


def long_id(short: str) -> str:
    """The 18 characters of an id of 15."""
    chunks = (short[start : start + 5] for start in (0, 5, 10))
    return short + "".join(
        _SUFFIX[sum(1 << place for place, letter in enumerate(chunk) if letter.isascii() and letter.isupper())]
        for chunk in chunks
    )


def normal_id(text: str) -> str | None:
    """The id in 18 characters; None where the text has not the shape of one, or its last three do not fit."""
    if not _ID.fullmatch(text):
        return None
    whole = long_id(text[:15])
    return whole if len(text) == 15 or text[15:].upper() == whole[15:] else None
