"""Reading inbound e-mail: which ticket or task a mail is for, and what it says.

FACT: a mail becomes a new ticket, a message of a ticket, an update text of a task or the solution of a task; tags in
the body of a mail that becomes a ticket are fields of its form; a ticket is found by a number format.
How a task is found, and how a mail carries an external reference, a solution or a closure, is ASSUMED: each is a
format in the settings.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parseaddr
from html import unescape

from simulators.fields import BadField, Fields

# What XML 1.0 cannot carry: a mail can, and a text with one of these could never be sent on.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LABEL, _VALUE = "LABEL", "Value"


@dataclass(frozen=True)
class MailSettings:
    """How mails are read.

    Attributes:
        failover_person: Who has sent a mail whose address is in no one's record (FACT that there is one).
        tag_format: A line that is a tag (FACT, with this example).
        ticket_number_formats: What stands before a ticket's number (FACT, with this example).
        task_number_formats: What stands before a task's number or id.
        external_reference_formats: What stands before the external system's own number.
        solution_formats: What in the subject says that the body is the task's solution.
        closed_formats: What in the subject says that the task is closed.
    """

    failover_person: str = "service.desk@example.org"
    tag_format: str = "[[LABEL]]: [[Value]]"
    ticket_number_formats: tuple[str, ...] = ("TicketId:",)
    task_number_formats: tuple[str, ...] = ("TaskId:",)
    external_reference_formats: tuple[str, ...] = ("ExternalId:",)
    solution_formats: tuple[str, ...] = ("[Solution]",)
    closed_formats: tuple[str, ...] = ("[Closed]",)

    def changed(self, fields: Fields | None) -> MailSettings:
        """These settings with the named ones replaced."""
        if fields is None:
            return self
        tag_format = fields.text("tag_format", self.tag_format)
        if tag_format.count(_LABEL) != 1 or tag_format.count(_VALUE) != 1 or "\n" in tag_format:
            raise BadField(f'Field "mail.tag_format" must be one line with {_LABEL} and {_VALUE} once each.')
        lists = [name for name in vars(self) if name.endswith("_formats")]
        changed = MailSettings(
            failover_person=fields.text("failover_person", self.failover_person),
            tag_format=tag_format,
            **{name: _formats(fields, name, getattr(self, name)) for name in lists},
        )
        fields.end()
        return changed


@dataclass(frozen=True)
class Mail:
    """What a mail says.

    Attributes:
        sender: The address in From.
        text: The body without the lines that only carry a number.
        says: solution, closed or nothing more than its text.
    """

    sender: str
    subject: str
    text: str
    ticket: str | None
    task: str | None
    external_reference: str | None
    says: str | None
    tags: dict[str, str]


def read(content: bytes, settings: MailSettings) -> Mail:
    """A mail as it came (RFC 5322)."""
    message: EmailMessage = message_from_bytes(content, policy=policy.default)
    subject = _clean(str(message.get("Subject", "")))
    body = _body(message)
    both = f"{subject}\n{body}"
    formats = (settings.ticket_number_formats, settings.task_number_formats, settings.external_reference_formats)
    ticket, task, reference = (_value_after(both, some) for some in formats)
    carriers = [pattern for some in formats for pattern in map(_number, some)]
    lines = [line for line in body.splitlines() if not any(one.fullmatch(line.strip()) for one in carriers)]
    lowered = subject.casefold()
    says = next(
        (
            what
            for what, some in (("solution", settings.solution_formats), ("closed", settings.closed_formats))
            if any(one.casefold() in lowered for one in some)
        ),
        None,
    )
    sender = parseaddr(str(message.get("From", "")))[1]
    return Mail(sender, subject, "\n".join(lines).strip(), ticket, task, reference, says, _tags(body, settings))


def _value_after(text: str, formats: tuple[str, ...]) -> str | None:
    found = (pattern.search(text) for pattern in map(_number, formats))
    return next((one[1] for one in found if one), None)


def _number(form: str) -> re.Pattern[str]:
    return re.compile(rf"{re.escape(form)}[ \t]*([^\s\],;]+)\]?", re.IGNORECASE)


def _tags(body: str, settings: MailSettings) -> dict[str, str]:
    """The tags of the body; of two with one label the last counts. A value ends with its line."""
    pattern = re.escape(settings.tag_format).replace(_LABEL, r"(?P<label>[^\[\]\n]+?)")
    # The example shows the value without the brackets that its format has.
    value = re.escape(f"[[{_VALUE}]]") if f"[[{_VALUE}]]" in settings.tag_format else _VALUE
    line = re.compile(pattern.replace(value, r"(?P<value>.*)"))
    found = (line.fullmatch(one.strip()) for one in body.splitlines())
    return {one["label"].strip(): one["value"].strip() for one in found if one}


def _body(message: EmailMessage) -> str:
    part = message.get_body(("plain", "html"))
    if part is None:
        return ""
    try:
        text = str(part.get_content())
    except (LookupError, UnicodeError, KeyError):  # a charset or type that nobody knows
        payload = part.get_payload(decode=True)
        text = payload.decode("latin-1") if isinstance(payload, bytes) else ""
    if part.get_content_subtype() == "html":
        text = unescape(re.sub(r"<[^>]*>", "", re.sub(r"(?i)<(br|/p|/div)[^>]*>", "\n", text)))
    return _clean(text.replace("\r\n", "\n"))


def _clean(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)


def _formats(fields: Fields, name: str, now: tuple[str, ...]) -> tuple[str, ...]:
    given = fields.value(name, list(now))
    if not isinstance(given, list) or not all(isinstance(one, str) and one.strip() for one in given):
        raise BadField(f'Field "mail.{name}" must be a list of texts.')
    return tuple(given)
