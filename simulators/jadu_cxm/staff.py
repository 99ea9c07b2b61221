"""What the council's own people do in CXM, called from the admin side; rules and webhooks are theirs to set up."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from simulators.fields import BadField, Fields
from simulators.jadu_cxm import values
from simulators.jadu_cxm.case_system import CaseSystem
from simulators.jadu_cxm.case_types import CaseType
from simulators.jadu_cxm.cases import Case, Happening
from simulators.jadu_cxm.courier import Delivery
from simulators.jadu_cxm.errors import Refusal
from simulators.jadu_cxm.filters import SavedFilter
from simulators.jadu_cxm.rules import Condition, Rule, Webhook

OFFICER = "officer@example.org"


class Staff:
    """The people, and the one who looks after the system."""

    def __init__(self, system: CaseSystem) -> None:
        self.system = system

    def actions(self) -> Mapping[str, Callable[[Fields], Any]]:
        """Each as ``POST /_sim/jadu_cxm/<name>``."""
        return {
            "create": self.create,
            "update": self.update,
            "transition": self.transition,
            "attach": self.attach,
            "note": self.note,
            "message": self.message,
            "delete": self.delete,
            "event": self.event,
            "rule": self.rule,
            "webhook": self.webhook,
            "filter": self.filter,
            "redeliver": self.redeliver,
            "settle": self.settle,
        }

    # what changes a case: validated like any other change; answers when the webhooks it triggered are sent

    def create(self, fields: Fields) -> Awaitable[dict[str, Any]]:
        """A person raises a case: ``type``, ``fields``; if wanted ``person``, ``address`` (a UPRN)."""
        kind = self._case_type(fields, "type")
        given = self._given(fields, kind)
        links = {name: fields.text(name) for name in ("person", "address") if name in fields}
        return self._done(fields, lambda user: self.system.create(kind, {**given, **links}, user))

    def update(self, fields: Fields) -> Awaitable[dict[str, Any]]:
        """An officer edits ``case``: the ``fields`` named are set."""
        case = self._case(fields)
        given = self._given(fields, case.type)
        return self._done(fields, lambda user: self.system.edit(case, given, user), case)

    def transition(self, fields: Fields) -> Awaitable[dict[str, Any]]:
        """An officer applies ``transition`` to ``case``."""
        case, name = self._case(fields), fields.text("transition")
        return self._done(fields, lambda user: self.system.transition(case, _kebab(name), user), case)

    def attach(self, fields: Fields) -> Awaitable[dict[str, Any]]:
        """A file is put on ``case``: ``name``; if wanted ``description``, ``filename``, ``content`` (base64)."""
        case = self._case(fields)
        name = fields.text("name")
        about = {
            "name": name,
            "type": fields.text("type", None),
            "description": fields.text("description", None),
            "filename": fields.text("filename", name),
            "content_type": fields.text("content_type", "application/octet-stream"),
        }
        try:
            content = base64.b64decode(fields.text("content", ""), validate=True)
        except (binascii.Error, ValueError):
            raise BadField('Field "content" must be base64.') from None
        return self._done(fields, lambda user: self.system.attach(case, about, content, user), case)

    def note(self, fields: Fields) -> Awaitable[dict[str, Any]]:
        """An officer adds a ``note`` to ``case``."""
        case, text = self._case(fields), fields.text("note")
        return self._done(fields, lambda user: self.system.note(case, text, user), case)

    def message(self, fields: Fields) -> Awaitable[dict[str, Any]]:
        """A ``message`` arrives on ``case``."""
        case, text = self._case(fields), fields.text("message")
        return self._done(fields, lambda user: self.system.message(case, text, user), case)

    def delete(self, fields: Fields) -> dict[str, Any]:
        """The ``case`` is removed, as personal data is when its time has come; nothing is triggered (ASSUMED)."""
        case = self._case(fields)
        fields.end()
        del self.system.cases[case.reference]
        return {"deleted": case.reference}

    def event(self, fields: Fields) -> Awaitable[dict[str, Any]]:
        """``case`` has met that ``event``, as far as rules and webhooks are told; nothing really changed.

        Also ``transition`` and ``from_status`` (default: those of the case's last transition), and ``fields``, a list
        of the names that changed.
        """
        case = self._case(fields)
        name = self._event(fields, "event")
        last = next((one for one in reversed(case.timeline) if one.transition), None)
        transition = fields.choice("transition", case.type.transitions, last and last.transition)
        from_status = fields.choice("from_status", case.type.statuses, last and last.from_status)
        changed = tuple(_kebab(one) for one in _texts(fields, "fields"))
        if name == "transitioned" and transition is None:
            raise BadField('Field "transition" is missing: no transition has been applied to this case yet.')
        moved = name == "transitioned"

        def trigger(user: str | None) -> list[Delivery]:
            return self.system.trigger(
                Happening(
                    event=name,
                    case=case.reference,
                    case_type=case.type.name,
                    status=case.status,
                    status_title=case.status_title,
                    user=user,
                    occurred_at=self.system.clock.now(),
                    transition=transition if moved else None,
                    from_status=from_status if moved else None,
                    fields=changed,
                ),
                case,
            )

        return self._done(fields, trigger, case)

    def _done(self, fields: Fields, act: Callable[[str | None], Any], case: Case | None = None) -> Awaitable[Any]:
        """What the act gave, once its webhooks are sent (``wait``: false answers before)."""
        user, wait = fields.text("user", OFFICER), fields.flag("wait", True)
        fields.end()
        courier, already = self.system.courier, len(self.system.courier.deliveries)
        try:
            made = act(user)
        except Refusal as refusal:
            raise self._sentence(refusal) from None
        triggered = courier.deliveries[already:]
        about = made if isinstance(made, Case) else case

        async def answer() -> dict[str, Any]:
            if wait and triggered:
                await courier.settle()
            shown = about.shown() if about is not None else None
            return {"case": shown, "deliveries": [delivery.shown() for delivery in triggered]}

        return answer()

    # what triggers webhooks

    def rule(self, fields: Fields) -> dict[str, Any]:
        """On ``event`` of a case of ``case_type``, where ``condition`` holds, a webhook goes to ``url``.

        ``webhook`` names one that is there already, in place of ``url`` and ``secret``. The ``name`` is made up where
        there is none; a rule of the same name is replaced. ``enabled``: false makes it rest.
        """
        kind = self._case_type(fields, "case_type")
        event = self._event(fields, "event")
        number = self.system.next_id()
        name = fields.text("name", f"rule {number}")
        condition = self._condition(fields.group("condition"), kind)
        enabled = fields.flag("enabled", True)
        version = fields.integer("version", 1, minimum=1)
        target: Webhook | None = None
        if "webhook" in fields:
            webhook = fields.choice("webhook", self.system.webhooks)
        else:
            webhook = name
            target = Webhook(number, name, _url(fields), fields.text("secret", None), version=version)
        fields.end()
        if target is not None and (there := self.system.webhooks.get(name)) is not None and there.events:
            raise BadField(f'Field "name" must not be that of a webhook of the system, as {name[:40]!r} is.')
        rule = Rule(number, name, kind.name, event, webhook, enabled, condition)
        if target is not None:
            self.system.webhooks[name] = target
        self.system.rules[name] = rule
        return {"rule": rule.shown(), "webhook": self.system.webhooks[webhook].shown()}

    def webhook(self, fields: Fields) -> dict[str, Any]:
        """A webhook of the whole system: ``name``, ``url``, ``secret``, ``enabled``, ``events``, ``version``.

        Without ``events`` it is triggered by rules only. One of the same name is changed where it is named.
        """
        name = fields.text("name")
        old = self.system.webhooks.get(name)
        events = [self._known_event(one) for one in _texts(fields, "events", old.events if old else ())]
        made = Webhook(
            id=old.id if old else self.system.next_id(),
            name=name,
            url=_url(fields, old.url if old else None),
            secret=fields.text("secret", old.secret if old else None),
            enabled=fields.flag("enabled", old.enabled if old else True),
            events=tuple(dict.fromkeys(events)),
            version=fields.integer("version", old.version if old else 1, minimum=1),
        )
        fields.end()
        self.system.webhooks[name] = made
        return {"webhook": made.shown()}

    def filter(self, fields: Fields) -> dict[str, Any]:
        """A saved filter: ``name``; if wanted ``types``, ``statuses``, ``sort`` (updated or created)."""
        name = fields.text("name")
        made = SavedFilter(
            name,
            tuple(_kebab(one) for one in _texts(fields, "types")),
            tuple(_kebab(one) for one in _texts(fields, "statuses")),
            fields.choice("sort", ("updated", "created"), "updated"),
        )
        fields.end()
        if "/" in name or not name:
            raise BadField('Field "name" must be a text without "/".')
        if unknown := [one for one in made.types if one not in self.system.types]:
            raise BadField(f'Field "types" must be some of {", ".join(self.system.types)}, not {unknown[0]!r}.')
        self.system.filters[name] = made
        return {"filter": made.shown()}

    # what becomes of webhooks

    async def redeliver(self, fields: Fields) -> dict[str, Any]:
        """Deliveries are sent again, or at last, and it is answered what became of them.

        ``delivery`` (an id) or ``deliveries`` (ids, sent in that order); default: all that are held or failed.
        ``times``: how often the whole of it; ``order``: given or reversed.
        """
        courier = self.system.courier
        known = {delivery.id: delivery for delivery in courier.deliveries}
        wanted = fields.value("deliveries", None)
        if "delivery" in fields:
            if wanted is not None:
                raise BadField('Field "delivery" cannot stand beside "deliveries".')
            wanted = [fields.value("delivery")]
        elif wanted is None:
            wanted = [delivery.id for delivery in courier.deliveries if delivery.status in ("held", "failed")]
        times = fields.integer("times", 1, minimum=1)
        order = fields.choice("order", ("given", "reversed"), "given")
        fields.end()
        if not isinstance(wanted, list) or not all(type(one) is int and one in known for one in wanted):
            raise BadField('Field "deliveries" must be a list of the ids of deliveries.')
        if times > 100:
            raise BadField(f'Field "times" must be at most 100, not {times}.')
        chosen = [known[one] for one in (wanted if order == "given" else wanted[::-1])] * times
        await courier.send_again(chosen)
        return {"deliveries": [delivery.shown() for delivery in {one.id: one for one in chosen}.values()]}

    async def settle(self, fields: Fields) -> dict[str, Any]:
        """Answers when no delivery is under way any more."""
        fields.end()
        await self.system.courier.settle()
        return {"settled": True}

    # reading what is named

    def _case(self, fields: Fields) -> Case:
        reference = fields.text("case")
        found = self.system.cases.get(reference)
        if found is None:
            raise BadField(f'Field "case" must be the reference of a case; there is no {reference[:40]!r}.')
        return found

    def _case_type(self, fields: Fields, name: str) -> CaseType:
        given = _kebab(fields.text(name))
        if given not in self.system.types:
            raise BadField(f'Field "{name}" must be one of {", ".join(self.system.types)}, not {given[:40]!r}.')
        return self.system.types[given]

    def _event(self, fields: Fields, name: str) -> str:
        return self._known_event(fields.text(name), name)

    def _known_event(self, given: str, name: str = "events") -> str:
        """The event, named as it is here or as webhooks call it."""
        called = self.system.settings.webhooks.event_names
        found = next((key for key, wire in called.items() if given in (key, wire)), None)
        if found is None:
            raise BadField(f'Field "{name}" must be one of {", ".join(called)}, not {given[:40]!r}.')
        return found

    def _given(self, fields: Fields, kind: CaseType) -> dict[str, Any]:
        """The values in ``fields``, named as they are written or as they are read."""
        group = fields.group("fields")
        if group is None:
            return {}
        written = {one.read_as: one.name for one in kind.fields.values()}
        return {written.get(name, name): group.value(name) for name in group.names()}

    def _condition(self, group: Fields | None, kind: CaseType) -> Condition:
        if group is None:
            return Condition()
        names = {**{one.read_as: one.name for one in kind.fields.values()}, **{name: name for name in kind.fields}}
        changed = group.choice("changed", names, None)
        wanted = group.group("fields")
        held = {}
        for name in wanted.names() if wanted else ():
            if wanted is None or name not in names:
                raise BadField(f'Field "condition.fields.{name}" is no field of {kind.name}.')
            try:
                definition = kind.fields[names[name]]
                held[definition.name] = values.stored(definition, wanted.value(name))
            except values.BadValue as error:
                raise BadField(f'Field "condition.fields.{name}": {error}') from None
        condition = Condition(
            status=group.choice("status", kind.statuses, None),
            from_status=group.choice("from_status", kind.statuses, None),
            transition=group.choice("transition", kind.transitions, None),
            changed=names[changed] if changed else None,
            fields=held,
        )
        group.end()
        return condition

    def _sentence(self, refusal: Refusal) -> BadField:
        if refusal.errors:
            name, texts = next(iter(refusal.errors.items()))
            return BadField(f'Field "{name}": {texts[0]}')
        message = self.system.settings.errors[refusal.kind].message.replace("{detail}", refusal.detail)
        return BadField(f'Field "transition": {message}')


def _kebab(name: str) -> str:
    return name.replace("_", "-")


def _texts(fields: Fields, name: str, default: tuple[str, ...] = ()) -> list[str]:
    given = fields.value(name, list(default))
    if not isinstance(given, list) or not all(isinstance(one, str) for one in given):
        raise BadField(f'Field "{name}" must be a list of texts.')
    return given


def _url(fields: Fields, default: str | None = None) -> str:
    url = fields.text("url") if default is None else fields.text("url", default)
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0 and url.isascii()
    except ValueError:
        usable = False
    if not usable or any(one <= " " for one in url):
        raise BadField('Field "url" must be an http or https address.')
    return str(url)
