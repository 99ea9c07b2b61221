"""The switches of the Whitespace simulator: what nobody could confirm can be chosen here."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from simulators.fields import BadField, Fields
from simulators.whitespace.errors import RESULT_CODES, ResultCode, change_codes

_KEY_PARTS = ("service_id", "reference", "site")


@dataclass(frozen=True)
class DuplicateRule:
    """The 30-minute rule. That there is one is FACT; each choice of how it works is ASSUMED, and can be switched.

    Attributes:
        key: What must be the same for two worksheets to be duplicates.
        window_s: For how long after an accepted create; 0 switches the rule off.
        boundary: Whether a create exactly ``window_s`` later is still refused (inclusive) or not (exclusive).
        cancelled_counts: Whether a cancelled worksheet still counts.
        empty_reference_matches: Whether worksheets without a reference can be duplicates of each other.
    """

    key: tuple[str, ...] = _KEY_PARTS
    window_s: float = 1800
    boundary: str = "exclusive"
    cancelled_counts: bool = True
    empty_reference_matches: bool = False

    def changed(self, fields: Fields) -> DuplicateRule:
        """This rule with the named choices replaced."""
        key = fields.value("key", list(self.key))
        if not isinstance(key, list) or not key or not all(part in _KEY_PARTS for part in key):
            raise BadField(f'Field "duplicate_rule.key" must be a list of some of {", ".join(_KEY_PARTS)}.')
        rule = DuplicateRule(
            key=tuple(key),
            window_s=fields.number("window_s", self.window_s, minimum=0),
            boundary=fields.choice("boundary", ("exclusive", "inclusive"), self.boundary),
            cancelled_counts=fields.flag("cancelled_counts", self.cancelled_counts),
            empty_reference_matches=fields.flag("empty_reference_matches", self.empty_reference_matches),
        )
        fields.end()
        return rule


@dataclass(frozen=True)
class Settings:
    """All switches.

    Attributes:
        strict_order: Drop input members that come after their declared place, as a DataContract server does (INFERRED).
        strict_namespaces: Ignore input members outside the service's namespaces, as .NET does (INFERRED).
        visibility_lag_s: For how long a new worksheet is not found by its reference.
        poke_url: Where a WorksheetPoke goes when a worksheet is completed; None: none is sent.
        secret: The poke's shared secret.
        duplicate_rule: The 30-minute rule.
        error_codes: The table of result codes.
    """

    strict_order: bool = False
    strict_namespaces: bool = True
    visibility_lag_s: float = 0
    poke_url: str | None = None
    secret: str = ""
    duplicate_rule: DuplicateRule = field(default_factory=DuplicateRule)
    error_codes: dict[str, ResultCode] = field(default_factory=lambda: dict(RESULT_CODES))

    def changed(self, fields: Fields) -> Settings:
        """These settings with the named ones replaced."""
        rule, codes = fields.group("duplicate_rule"), fields.group("error_codes")
        settings = Settings(
            strict_order=fields.flag("strict_order", self.strict_order),
            strict_namespaces=fields.flag("strict_namespaces", self.strict_namespaces),
            visibility_lag_s=fields.number("visibility_lag_s", self.visibility_lag_s, minimum=0),
            poke_url=poke_url(fields, self.poke_url),
            secret=fields.text("secret", self.secret),
            duplicate_rule=self.duplicate_rule.changed(rule) if rule else self.duplicate_rule,
            error_codes=change_codes(self.error_codes, codes) if codes else self.error_codes,
        )
        fields.end()
        return settings

    def shown(self) -> dict[str, Any]:
        """What the admin side shows."""
        return asdict(self)


def poke_url(fields: Fields, default: str | None) -> str | None:
    """The field ``poke_url``: an http(s) address, or null for no poke."""
    if "poke_url" not in fields:
        return default
    if (url := fields.value("poke_url")) is None:
        return None
    if not isinstance(url, str) or not url.startswith(("http://", "https://")):
        raise BadField('Field "poke_url" must be an http or https address, or null.')
    return url
