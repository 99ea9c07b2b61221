"""Values into the types of a target and back. A failure says what was expected, never what stood there."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

import pendulum

from casebridge.core.case import Value
from casebridge.core.manifest import FieldType, TargetField
from casebridge.core.wall_time import UNDATED_YEAR

INTEGER_LIMIT = 2**63 - 1
_YES = frozenset({"true", "yes", "y", "1", "on"})
_NO = frozenset({"false", "no", "n", "0", "off"})
_FIRST_YEAR = 1000

DATE_FORMAT = "YYYY-MM-DD"
DATETIME_FORMAT = "YYYY-MM-DD HH:mm"
_TOKENS = frozenset(
    ["YYYY", "YY", "MMMM", "MMM", "MM", "M", "DD", "D", "dddd", "ddd", "HH", "H", "hh", "h", "mm", "m", "ss", "s", "A"]
)
_FORMAT_PARTS = re.compile(r"\[[^\]]*\]|(?P<letters>(?P<letter>[A-Za-z])(?P=letter)*)|(?P<percent>%)|[^A-Za-z%]")
_MINUTES_FOR_MONTHS = re.compile(r"^[^Hh]*mm?[^Hh]*$|[Hh][^A-Za-z]*MM?(?!M)")
_DIGITS_BEFORE, _DIGITS_AFTER = 18, 30
_NO_TEXT = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class ConversionError(ValueError):
    """A value does not fit the type of a field; the text says what would."""


def as_text(value: Value, *, timezone: str, date_format: str | None = None) -> str:
    """The value as people write it: yes and no, plain numbers, dates in the given time zone.

    Characters that are no text, such as the vertical tab of a word processor, are left out: neither XML nor a
    database takes them.

    Raises:
        ConversionError: A date or a number is out of every range.
    """
    match value:
        case None:
            return ""
        case bool():
            return "Yes" if value else "No"
        case datetime():
            return _four_digits(_local(value, timezone)).format(date_format or DATETIME_FORMAT)
        case date():
            return _four_digits(pendulum.datetime(value.year, value.month, value.day)).format(
                date_format or DATE_FORMAT
            )
        case Decimal():
            return _plain(value)
        case tuple():
            return _NO_TEXT.sub("", ", ".join(value))
        case _:
            return _NO_TEXT.sub("", str(value))


def to_wire(value: Value, field: TargetField, *, timezone: str, row_format: str | None = None) -> str | int | bool:
    """The value in the type of a target's field, as a JSON value; decimals and dates are text.

    Args:
        value: What the case gave; not empty.
        field: The field, as the manifest declares it.
        timezone: The target's time zone, `Europe/London`.
        row_format: The date format of the mapping row, in pendulum tokens.

    Raises:
        ConversionError: The value does not fit.
    """
    date_format = row_format or field.format
    match field.type:
        case FieldType.TEXT:
            text = as_text(value, timezone=timezone, date_format=date_format)
            if field.max_length is not None and len(text) > field.max_length:
                raise ConversionError(f"is {len(text):,} characters long; at most {field.max_length:,} can be taken")
            return text
        case FieldType.LIST:
            return ",".join(to_ids(as_text(value, timezone=timezone)))
        case FieldType.INTEGER:
            return to_integer(value)
        case FieldType.DECIMAL:
            return _plain(to_decimal(value))
        case FieldType.BOOLEAN:
            return to_boolean(value)
        case FieldType.DATE:
            moment = to_moment(value)
            day = _local(moment, timezone).date() if isinstance(moment, datetime) else moment
            return as_text(day, timezone=timezone, date_format=date_format)
        case FieldType.DATETIME:
            moment = to_moment(value)
            if not isinstance(moment, datetime):
                hour, minute = (int(part) for part in (field.date_only_time or "00:00").split(":"))
                moment = datetime.combine(moment, time(hour, minute), ZoneInfo(timezone))
            return as_text(moment, timezone=timezone, date_format=date_format)


def to_ids(text: str) -> list[str]:
    """The ids in a text with commas between them: trimmed, each once, in their order.

    Raises:
        ConversionError: There is none.
    """
    ids = list(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    if not ids:
        raise ConversionError("is an empty list; write one id or several with commas between them")
    return ids


def to_integer(value: Value) -> int:
    """A whole number.

    Raises:
        ConversionError: It is none.
    """
    if isinstance(value, int) and not isinstance(value, bool):
        number = value
    elif (isinstance(value, Decimal) and _is_plain(value) and value == value.to_integral_value()) or (
        isinstance(value, str) and re.fullmatch(r"[+-]?[0-9]{1,19}", value.strip())
    ):
        number = int(value)
    else:
        raise ConversionError("is not a whole number")
    if abs(number) > INTEGER_LIMIT:
        raise ConversionError("is too large for a whole number")
    return number


def to_decimal(value: Value) -> Decimal:
    """A number, with or without decimals.

    Raises:
        ConversionError: It is none.
    """
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        number = Decimal(value)
    elif isinstance(value, str) and re.fullmatch(r"[+-]?([0-9]{1,18}(\.[0-9]{0,30})?|\.[0-9]{1,30})", value.strip()):
        try:
            number = Decimal(value.strip())
        except InvalidOperation:
            raise ConversionError("is not a number") from None
    else:
        raise ConversionError("is not a number (write 1234.5, without spaces or thousands commas)")
    if not number.is_finite():
        raise ConversionError("is not a number")
    return number


def to_boolean(value: Value) -> bool:
    """A yes or a no.

    Raises:
        ConversionError: It is neither.
    """
    if isinstance(value, bool):
        return value
    word = str(value).strip().lower()
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise ConversionError("is neither yes nor no")


def to_moment(value: Value) -> date | datetime:
    """A date, or a date-time as it stands in the value.

    Raises:
        ConversionError: It is none.
    """
    if isinstance(value, date):
        return value
    if isinstance(value, str):
        text = value.strip()
        try:
            return date.fromisoformat(text) if len(text) <= len("2026-01-31") else datetime.fromisoformat(text)
        except ValueError:
            pass
    raise ConversionError("is not a date (a text must be written as 2026-01-31 or 2026-01-31T14:30)")


def from_wire(value: Value, field: TargetField, *, timezone: str) -> Value:
    """A value that the target gave, in the type that the manifest declares; dates come back in UTC.

    A date without offset is read in the target's time zone. In the hour that the clocks repeat in autumn the first
    of the two is meant. The year 1 is how .NET writes "no date".

    Raises:
        ConversionError: It does not fit.
    """
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    match field.type:
        case FieldType.TEXT | FieldType.LIST:
            return as_text(value, timezone=timezone)
        case FieldType.INTEGER:
            return to_integer(value)
        case FieldType.DECIMAL:
            return to_decimal(value)
        case FieldType.BOOLEAN:
            return to_boolean(value)
    moment = to_moment(value)
    if moment.year == UNDATED_YEAR:
        return None
    if field.type is FieldType.DATE:
        day = _local(moment, timezone) if isinstance(moment, datetime) else moment
        return date(day.year, day.month, day.day)
    if not isinstance(moment, datetime):
        moment = datetime.combine(moment, time.min)
    try:
        return (moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(timezone))).astimezone(UTC)
    except OverflowError:
        raise ConversionError("is a date out of range") from None


def is_date_format(text: str) -> bool:
    """True when every letter of a date format is a token such as YYYY, MM, DD, HH, mm."""
    parts = [found.groupdict() for found in _FORMAT_PARTS.finditer(text)]
    letters = [part["letters"] for part in parts if part["letters"]]
    return bool(letters) and set(letters) <= _TOKENS and not any(part["percent"] for part in parts)


def mixes_up_minutes(text: str) -> bool:
    """True when a date format has minutes (mm) without an hour, or months (MM) right after one."""
    return _MINUTES_FOR_MONTHS.search(re.sub(r"\[[^\]]*\]", "", text)) is not None


def _is_plain(number: Decimal) -> bool:
    exponent = number.as_tuple().exponent
    return isinstance(exponent, int) and exponent >= -_DIGITS_AFTER and number.adjusted() < _DIGITS_BEFORE + 1


def _plain(number: Decimal) -> str:
    if not _is_plain(number):
        raise ConversionError("is a number with too many digits")
    return format(number, "f")


def _four_digits(moment: pendulum.DateTime) -> pendulum.DateTime:
    if moment.year < _FIRST_YEAR:  # a slip of the pen, which pendulum would write with fewer digits
        raise ConversionError("is a date out of range")
    return moment


def _local(moment: datetime, timezone: str) -> pendulum.DateTime:
    aware = moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(timezone))
    try:
        # Through UTC: for a time that the clocks skip, pendulum's reading and Python's differ.
        return pendulum.instance(aware.astimezone(UTC)).in_timezone(timezone)
    except (OverflowError, ValueError):
        raise ConversionError("is a date out of range") from None
