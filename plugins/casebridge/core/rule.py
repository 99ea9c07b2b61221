"""Rules: which event of which case applies which templates, and what follows when the record exists or never will."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from casebridge.core.errors import InvalidTemplate
from casebridge.core.problem import Problem

NAME = r"^[a-z][a-z0-9_]{0,63}$"


class _Written(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class When(_Written):
    """What a case event must be for a rule to apply. What is left out does not matter.

    Attributes:
        source: The case source.
        case_type: The case type.
        event: The event, in the source's words: `case.transitioned`.
        status: One of these statuses.
        transition: One of these transitions.
        group: With one of these groups of people, where the case system says who has the case.
    """

    source: str
    case_type: str = ""
    event: str = ""
    status: tuple[str, ...] = ()
    transition: tuple[str, ...] = ()
    group: tuple[str, ...] = ()

    @field_validator("status", "transition", "group", mode="before")
    @classmethod
    def _one_or_several(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value


class Email(_Written):
    """A message. It may name the case and the record (`{case}`, `{record}`, `{reason}`), and no case value."""

    to: str = Field(pattern=r"^[^@\s]+@[^@\s]+$")
    subject: str = Field(min_length=1)
    text: str = Field(min_length=1)


class FollowUp(_Written):
    """One step that waits for the outcome of an action: exactly one of its three kinds."""

    transition: str = ""
    apply: str = ""
    email: Email | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> FollowUp:
        if sum((bool(self.transition), bool(self.apply), self.email is not None)) != 1:
            raise ValueError("must be exactly one of transition, apply, email")
        return self


class Rule(_Written):
    """A rule, as it is written.

    Attributes:
        name: Its name in the log and in run ids.
        description: What it is for.
        when: The events that it is about.
        apply: Names of the outgoing mapping templates that it applies.
        when_created: Steps for when the record of an action exists.
        when_failed: Steps for when an action has definitely failed: refused, failed or closed.
    """

    name: str = Field(pattern=NAME)
    description: str = ""
    when: When
    apply: tuple[str, ...] = Field(min_length=1)
    when_created: tuple[FollowUp, ...] = ()
    when_failed: tuple[FollowUp, ...] = ()


class _RulesFile(_Written):
    rules: tuple[Rule, ...] = ()


@dataclass(frozen=True)
class CaseEvent:
    """Something that happened to a case.

    Attributes:
        source: The case source.
        case_reference: The case.
        occurred_at: When, with offset.
        event: The event in the source's words; "" when only a change was noticed.
        case_type: The case type.
        status: The status that the event led to.
        transition: The transition, "" when there was none or it is not known.
        group: The group of people that has the case, "" when it is not known.
        number: What tells it apart from all other events of the case; 0 where its time does.
    """

    source: str
    case_reference: str
    occurred_at: datetime
    event: str = ""
    case_type: str = ""
    status: str = ""
    transition: str = ""
    group: str = ""
    number: int = 0


def matches(rule: Rule, event: CaseEvent) -> bool:
    """Whether a rule is about an event.

    A change that was noticed by polling has no event and no transition: a rule that asks for these is then decided by
    the rest, and only if it asks for a status too, which polling does see.
    """
    when = rule.when
    if when.source != event.source or (when.case_type and when.case_type != event.case_type):
        return False
    if when.status and event.status not in when.status:
        return False
    if when.group and event.group not in when.group:
        return False
    noticed = not event.event and not event.transition
    if noticed and (when.event or when.transition):
        return bool(when.status)
    if when.event and when.event != event.event:
        return False
    return not when.transition or event.transition in when.transition


def read_rules(path: Path) -> list[Rule]:
    """The rules in a YAML file; none when there is no file.

    Raises:
        InvalidTemplate: It breaks rules of its own; carries every problem.
    """
    if not path.is_file():
        return []
    rules, problems = inspect_rules(path.read_text("utf-8"))
    if problems:
        raise InvalidTemplate(f"rules file {path.name}", problems)
    return rules


def inspect_rules(text: str) -> tuple[list[Rule], list[Problem]]:
    """The rules in a YAML text, and everything that is wrong with them."""
    try:
        read = _RulesFile.model_validate(yaml.safe_load(text) or {})
    except yaml.YAMLError:
        return [], [Problem("yaml", "this is not valid YAML.", "Look at the indentation and the quotes.")]
    except ValidationError as error:
        return [], [
            Problem("rule", f"{_place(detail['loc'])}: {detail['msg'].removeprefix('Value error, ')}.", "Correct it.")
            for detail in error.errors(include_input=False, include_url=False)
        ]
    seen: set[str] = set()
    problems = []
    for rule in read.rules:
        if rule.name in seen:
            problems.append(Problem("same_name", f'two rules have the name "{rule.name}".', "Give one another name."))
        seen.add(rule.name)
    return list(read.rules), problems


def check_templates(rules: Sequence[Rule], outgoing: Mapping[str, Sequence[str]]) -> list[Problem]:
    """A problem for each template that a rule names and that cannot be applied.

    Args:
        rules: The rules.
        outgoing: The systems of each outgoing template, by the template's name.
    """
    problems = []
    for rule in rules:
        named = [*rule.apply, *(step.apply for step in (*rule.when_created, *rule.when_failed) if step.apply)]
        for name in named:
            system, _, template = name.rpartition("/")
            homes = outgoing.get(template, ())
            if not homes or (system and system not in homes):
                problems.append(
                    Problem(
                        "rule_template",
                        f'rule "{rule.name}" applies the template "{name}", which is no valid outgoing template.',
                        "Correct the name, or the template.",
                    )
                )
            elif len(homes) > 1 and not system:
                problems.append(
                    Problem(
                        "rule_template",
                        f'rule "{rule.name}" applies "{name}", and several systems have a template of that name.',
                        f"Write {homes[0]}/{name}.",
                    )
                )
    return problems


def _place(location: tuple[int | str, ...]) -> str:
    return ".".join(str(part + 1) if isinstance(part, int) else part for part in location) or "the file"
