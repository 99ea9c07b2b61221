"""The switches of the M3PP simulator: what nobody could confirm can be chosen here."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from simulators.fields import Fields
from simulators.m3pp.errors import ERROR_CODES, ErrorCode, change_codes

AUTH = ("either", "basic", "username_token")
UNAUTHORISED = ("fault", "status_401")
OFFSETS = ("refuse", "convert")


@dataclass(frozen=True)
class Settings:
    """All switches. Every default is ASSUMED.

    Attributes:
        profile: The name of the profile that is served, or the profile itself.
        auth: What lets a caller in: HTTP Basic, a WS-Security UsernameToken, or either.
        unauthorised: Wrong credentials are a SOAP fault, or 401 with an HTML page as a web server gives it.
        version: What GetVersion answers; None: the version of the sample data.
        offsets: What happens to a date and time that carries an offset: it must be UK local time without one.
        reference_field: The worksheet field that holds the caller's reference in ``/_sim/requests`` and for faults;
            a create without a field of that name goes by its first field.
        visibility_lag_s: For how long a new worksheet is not found by its fields.
        strict_order: Drop input members that come after their declared place.
        strict_namespaces: Ignore input members outside the service's namespace, as .NET does.
        error_codes: The table of error codes.
    """

    profile: str | dict[str, Any] = "assumed"
    auth: str = "either"
    unauthorised: str = "fault"
    version: str | None = None
    offsets: str = "refuse"
    reference_field: str = "ExternalReference"
    visibility_lag_s: float = 0
    strict_order: bool = False
    strict_namespaces: bool = True
    error_codes: dict[str, ErrorCode] = field(default_factory=lambda: dict(ERROR_CODES))

    def changed(self, fields: Fields) -> Settings:
        """These settings with the named ones replaced.

        Raises:
            BadField: A switch is unknown or cannot have that value.
        """
        codes = fields.group("error_codes")
        settings = Settings(
            profile=fields.value("profile", self.profile),
            auth=fields.choice("auth", AUTH, self.auth),
            unauthorised=fields.choice("unauthorised", UNAUTHORISED, self.unauthorised),
            version=fields.text("version", self.version),
            offsets=fields.choice("offsets", OFFSETS, self.offsets),
            reference_field=fields.text("reference_field", self.reference_field),
            visibility_lag_s=fields.number("visibility_lag_s", self.visibility_lag_s, minimum=0),
            strict_order=fields.flag("strict_order", self.strict_order),
            strict_namespaces=fields.flag("strict_namespaces", self.strict_namespaces),
            error_codes=change_codes(self.error_codes, codes) if codes else self.error_codes,
        )
        fields.end()
        return settings

    def shown(self) -> dict[str, Any]:
        """What the admin side shows."""
        return asdict(self)
