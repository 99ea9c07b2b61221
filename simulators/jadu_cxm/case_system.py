"""CXM itself: the council's set-up, its cases, and what follows when one changes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import yaml

from simulators.clock import Clock
from simulators.jadu_cxm import values
from simulators.jadu_cxm.case_types import CaseType, FieldDefinition
from simulators.jadu_cxm.cases import Attachment, Case, Happening, Note
from simulators.jadu_cxm.courier import Courier, Delivery
from simulators.jadu_cxm.errors import Refusal
from simulators.jadu_cxm.filters import SavedFilter
from simulators.jadu_cxm.people import Address, Person, SignIns
from simulators.jadu_cxm.rules import Rule, Webhook, payload, signature
from simulators.jadu_cxm.settings import Settings

_SAMPLE = Path(__file__).parent / "sample_data.yaml"
_LIMIT = 999_999


class CaseSystem:
    """All that a call or a person can read and change.

    Args:
        clock: Dates everything.
        secret: Gives the secret of the webhooks that have none of their own.
    """

    def __init__(self, clock: Clock, secret: Callable[[], str]) -> None:
        self.clock = clock
        self.settings = Settings()
        self.sign_ins = SignIns()
        self.courier = Courier(clock, lambda: self.settings.webhooks, self._signature)
        self._secret = secret
        self._sample = yaml.safe_load(_SAMPLE.read_text(encoding="utf-8"))
        self._load()

    def reset(self) -> None:
        """Sample data and default switches."""
        self.settings = Settings()
        self.sign_ins.clear()
        self.courier.clear()
        self._load()

    def _load(self) -> None:
        sample = self._sample
        shared = sample["shared_fields"]
        self.types = {name: CaseType.read(name, one, shared) for name, one in sample["case_types"].items()}
        self.persons = {one["reference"]: Person(**one) for one in sample["persons"]}
        self.addresses = {one["uprn"]: Address(**one) for one in sample["addresses"]}
        self.filters: dict[str, SavedFilter] = {}
        for one in sample["filters"]:
            self.filters[one["name"]] = SavedFilter(
                one["name"], tuple(one.get("types", ())), tuple(one.get("statuses", ())), one.get("sort", "updated")
            )
        self.webhooks: dict[str, Webhook] = {}
        self.rules: dict[str, Rule] = {}
        self.cases: dict[str, Case] = {}
        self._ids = count(1)
        self._numbers = {name: count(one.first_number) for name, one in self.types.items()}
        for one in sample["cases"]:
            self._load_case(one)

    def _load_case(self, one: Mapping[str, Any]) -> None:
        kind = self.types[one["type"]]
        made = datetime.fromisoformat(one["created_at"]).astimezone(UTC)
        moved = datetime.fromisoformat(one.get("updated_at", one["created_at"])).astimezone(UTC)
        case = Case(self._reference(kind), kind, one.get("status", kind.initial), made, moved)
        case.person, case.address = one.get("person"), one.get("address")
        case.set({name: values.stored(kind.fields[name], value) for name, value in one["values"].items()})
        self.cases[case.reference] = case

    def case(self, reference: str) -> Case:
        """The case of that reference.

        Raises:
            Refusal: There is none.
        """
        if (found := self.cases.get(reference)) is None:
            raise Refusal("unknown_case", reference)
        return found

    def case_type(self, name: str) -> CaseType:
        """The case type of that name.

        Raises:
            Refusal: There is none.
        """
        if (found := self.types.get(name)) is None:
            raise Refusal("unknown_case_type", name)
        return found

    def person_of(self, email: str) -> Person:
        """The person with that e-mail address, in any case of letters.

        Raises:
            Refusal: There is none.
        """
        for person in self.persons.values():
            if (person.email or "").casefold() == email.casefold() and email:
                return person
        raise Refusal("unknown_user")

    # what can be done to a case; each is done whole or refused

    def create(self, kind: CaseType, given: Mapping[str, Any], user: str | None) -> Case:
        """A new case, in its type's first status."""
        fields = dict(given)
        errors: dict[str, list[str]] = {}
        person = self._linked(fields, "person", self.persons, errors)
        address = self._linked(fields, "address", self.addresses, errors)
        checked = self._checked(kind, fields, "create", errors)
        for one in kind.fields.values():
            if one.required and one.name not in checked and one.name not in errors:
                errors[one.name] = ["This value should not be blank."]
        if errors:
            raise Refusal("validation", errors=errors)
        now = self.clock.now()
        case = Case(self._reference(kind), kind, kind.initial, now, now, person=person, address=address)
        case.set({name: value for name, value in checked.items() if value is not None})
        self.cases[case.reference] = case
        self.happened(case, "created", user, fields=tuple(case.values))
        return case

    def edit(self, case: Case, given: Mapping[str, Any], user: str | None) -> None:
        """The fields named are set, the others stay. Where no value changes, nothing has happened (ASSUMED)."""
        errors: dict[str, list[str]] = {}
        checked = self._checked(case.type, given, "edit", errors)
        if errors:
            raise Refusal("validation", errors=errors)
        if changed := case.set(checked):
            self._touch(case)
            self.happened(case, "updated", user, fields=changed)

    def transition(self, case: Case, name: str, user: str | None) -> None:
        """The transition is applied, where the case's status allows it."""
        found = case.type.transitions.get(name)
        if found is None:
            raise Refusal("unknown_transition", name)
        if case.status not in found.start:
            raise Refusal("not_allowed", f"{name} is not allowed while the case is {case.status_title}")
        before, case.status = case.status, found.end
        self._touch(case)
        self.happened(case, "transitioned", user, transition=name, from_status=before)

    def attach(self, case: Case, file: Mapping[str, Any], content: bytes, user: str | None) -> Attachment:
        """The file is on the case."""
        made = Attachment(next(self._ids), content=content, created_at=self.clock.now(), **file)
        case.attachments.append(made)
        self._touch(case)
        self.happened(case, "attachment_added", user)
        return made

    def note(self, case: Case, text: str, user: str | None) -> Note:
        """The note is on the case."""
        made = Note(next(self._ids), text, user, self.clock.now())
        case.notes.append(made)
        self._touch(case)
        self.happened(case, "note_added", user)
        return made

    def message(self, case: Case, text: str, user: str | None) -> Note:
        """The message is on the case."""
        made = Note(next(self._ids), text, user, self.clock.now())
        case.messages.append(made)
        self._touch(case)
        self.happened(case, "message_added", user)
        return made

    # what follows

    def happened(self, case: Case, event: str, user: str | None, **more: Any) -> list[Delivery]:
        """It stands in the timeline, and every webhook that it triggers is under way."""
        now = self.clock.now()
        happening = Happening(event, case.reference, case.type.name, case.status, case.status_title, user, now, **more)
        case.timeline.append(happening)
        return self.trigger(happening, case)

    def trigger(self, happening: Happening, case: Case) -> list[Delivery]:
        """Every webhook that it triggers is under way; a disabled one is not, nor later (FACT)."""
        made = [
            self._delivery(one, None, happening)
            for one in self.webhooks.values()
            if one.enabled and happening.event in one.events
        ]
        for rule in self.rules.values():
            webhook = self.webhooks[rule.webhook]
            if webhook.enabled and rule.applies(happening, case):
                made.append(self._delivery(webhook, rule.name, happening))
        for delivery in made:
            self.courier.accept(delivery)
        return made

    def next_id(self) -> int:
        """A number that nothing has yet."""
        return next(self._ids)

    def _delivery(self, webhook: Webhook, rule: str | None, happening: Happening) -> Delivery:
        body = payload(happening, webhook.version, self.settings)
        return Delivery(next(self._ids), webhook.name, rule, webhook.url, happening.event, happening.case, body)

    def _signature(self, delivery: Delivery) -> str:
        own = self.webhooks[delivery.webhook].secret
        return signature(delivery.body, self._secret() if own is None else own, self.settings.webhooks.signature_prefix)

    def _touch(self, case: Case) -> None:
        # Newest-updated-first is by this: what changes last must never sort before what changed earlier.
        case.updated_at = self.clock.now()

    def _reference(self, kind: CaseType) -> str:
        number = next(self._numbers[kind.name])
        if number > _LIMIT:
            raise Refusal("validation", errors={"reference": ["There are no references left."]})
        return f"{kind.prefix}{number:06}"

    def _linked(
        self, fields: dict[str, Any], name: str, known: Mapping[str, Any], errors: dict[str, list[str]]
    ) -> str | None:
        """What a case is linked to by the field of that name, which is taken out of the fields."""
        given = fields.pop(name, None)
        if given is None or given == "":
            return None
        key = str(given) if isinstance(given, int) and not isinstance(given, bool) else given
        if not isinstance(key, str) or key not in known:
            errors[name] = [f"There is no such {name}."]
            return None
        return key

    def _checked(
        self, kind: CaseType, given: Mapping[str, Any], form: str, errors: dict[str, list[str]]
    ) -> dict[str, Any]:
        """The values to store. What is wrong with others is in the errors then."""
        checked = {}
        for name, value in given.items():
            definition = self._field(kind, name)
            if definition is None or not definition.visible or form not in definition.forms:
                if self.settings.unknown_fields == "refuse":
                    errors[name] = ["This form should not contain extra fields."]
                continue
            try:
                checked[definition.name] = values.stored(definition, value)
            except values.BadValue as error:
                errors[name] = [str(error)]
        return checked

    def _field(self, kind: CaseType, name: str) -> FieldDefinition | None:
        found = kind.fields.get(name)
        if found is None and self.settings.snake_case_writes:
            found = next((one for one in kind.fields.values() if one.read_as == name), None)
        return found
