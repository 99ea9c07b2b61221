"""Telephone numbers: one form to compare them in, and the many forms in which people store them."""

from __future__ import annotations

import re

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat, format_number

_NO_DIGIT = re.compile(r"\D+")
_FEWEST_DIGITS = 4
_GROUPS = (
    (5, 3, 3),
    (4, 3, 4),
    (3, 4, 4),
    (4, 3, 3),
    (3, 3, 4),
    (3, 3, 3),
    (5, 2, 2, 2),
    (3, 2, 2, 3),
    (2, 2, 2, 2, 2),
)
"""How people group the digits of a national number, where a search must guess it."""


class Number:
    """A telephone number that Contacts are searched for.

    Args:
        text: As the case has it, best with its country code.
        region: The country in which a number without a country code is read, in two letters; "" for the number's own.
    """

    def __init__(self, text: str, region: str = "") -> None:
        self._text = text.strip()
        self._parsed = _parse(self._text, region)
        code = self._parsed.country_code if self._parsed else 0
        self._region = region or (phonenumbers.region_code_for_country_code(code) if code else "")
        self._is_at_home = bool(code) and phonenumbers.country_code_for_region(self._region) == code
        self.normal = format_number(self._parsed, PhoneNumberFormat.E164) if self._parsed else _digits(self._text)

    def variants(self) -> list[str]:
        """The forms in which it may be stored, without doubles. The national ones only where they mean this number."""
        forms = [self._text, self.normal]
        if self._parsed is not None:
            code, national = self._parsed.country_code, phonenumbers.national_significant_number(self._parsed)
            international = format_number(self._parsed, PhoneNumberFormat.INTERNATIONAL).replace("-", " ")
            grouped = international.partition(" ")[2]
            written = (grouped, national, f"{national[:3]} {national[3:]}", f"{national[:4]} {national[4:]}")
            forms += [f"{code}{national}"]
            forms += [f"{prefix}{code}{gap}{one}" for prefix in ("+", "00") for gap in (" ", "") for one in written]
            if self._is_at_home:
                local = format_number(self._parsed, PhoneNumberFormat.NATIONAL)
                forms += [local, _digits(local), local.replace("-", " "), *written]
                forms += [f"+{code} (0){national}", f"+{code}(0){national}", f"+{code} (0){grouped}"]
        return list(dict.fromkeys(form for form in forms if form))

    def words(self) -> list[str]:
        """The number as a full-text search sees it, in the ways in which its digits may be grouped."""
        found = [_NO_DIGIT.sub(" ", form).strip() for form in self.variants()]
        if self._parsed is not None:
            national = phonenumbers.national_significant_number(self._parsed)
            local = _digits(format_number(self._parsed, PhoneNumberFormat.NATIONAL))
            found += [_grouped(digits, sizes) for digits in (local, national) for sizes in _GROUPS]
        return [words for words in dict.fromkeys(found) if len(_digits(words)) >= _FEWEST_DIGITS]

    def is_same(self, stored: str | None) -> bool:
        """Whether a stored number is this one."""
        if not stored:
            return False
        if self._parsed is None:
            return bool(self.normal) and _digits(stored) == self.normal
        found = _parse(stored, self._region)
        return found is not None and format_number(found, PhoneNumberFormat.E164) == self.normal


def _parse(text: str, region: str) -> PhoneNumber | None:
    given = f"+{text[2:]}" if text.startswith("00") else text
    try:
        found = phonenumbers.parse(given, region or None)
    except NumberParseException:
        return None
    return found if phonenumbers.is_possible_number(found) else None


def _digits(text: str) -> str:
    return _NO_DIGIT.sub("", text)


def _grouped(digits: str, sizes: tuple[int, ...]) -> str:
    """The digits in groups of these sizes; "" where they are not as many."""
    if sum(sizes) != len(digits):
        return ""
    starts = [sum(sizes[:at]) for at in range(len(sizes))]
    return " ".join(digits[start : start + size] for start, size in zip(starts, sizes, strict=True))
