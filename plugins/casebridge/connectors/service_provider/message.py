"""A message to a provider that reads tickets from a mailbox."""

from __future__ import annotations

from casebridge.connectors.service_provider.body import KEYED
from casebridge.connectors.service_provider.profile import Mail
from casebridge.core.manifest import ActionType
from casebridge.core.payload import Payload

_MARKS = {"decline_solution": "declined", "close": "closed"}
_TEXTS = {"submit": "description", "update": "text", "decline_solution": "reason", "close": "note"}


def compose(mail: Mail, action: ActionType, payload: Payload) -> tuple[str, str]:
    """Subject and text of a message. A new ticket gets its fields as tags, a line each; they work in no other message.

    Args:
        mail: What a message is made of.
        action: The action type.
        payload: What is sent.
    """
    text = payload.text(_TEXTS[action.name])
    if action.name == "submit":
        number = mail.reference.replace("{number}", payload.text("reference"))
        return payload.text("title"), "\n".join([number, *_tags(mail, action, payload), "", text])
    number = mail.number.replace("{number}", payload.record_id)
    mark = getattr(mail, _MARKS[action.name]) if action.name in _MARKS else ""
    return f"{mark} {number}".strip(), "\n".join([number, "", text])


def _tags(mail: Mail, action: ActionType, payload: Payload) -> list[str]:
    named = [
        (action.fields[name].title, str(value))
        for name, value in payload.fields.items()
        if name not in ("reference", "description")
    ]
    named += [(str(row["key"]), str(row["value"])) for name in KEYED for row in payload.keyed.get(name, [])]
    # A value ends with its line.
    return [mail.tag.replace("{label}", label).replace("{value}", " ".join(value.split())) for label, value in named]
