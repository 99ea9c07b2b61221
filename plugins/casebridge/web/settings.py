"""The settings of the inbox, from environment variables named `CASEBRIDGE_INBOX_*`."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import SecretStr

from casebridge.core.errors import NotConfigured
from casebridge.web.profile import VARIABLE, Profile, read_profile

_NONE = SecretStr("")


@dataclass(frozen=True)
class InboxSettings:
    """Who may push, how much and how fast. The secrets are never printed.

    Attributes:
        jadu_cxm_secret: The secret of the webhooks in Jadu CXM; empty: they are refused.
        whitespace_secret: The secret in Whitespace's pokes; empty: they are refused.
        ssp7_secret: The secret in the messages of SSP7; empty: they are refused.
        service_provider_secret: The secret of the service provider's webhooks; empty: they are refused.
        witiop_secret: The secret of WitiOp's callbacks; empty: they are refused.
        chatwoot_secret: The secret of Chatwoot's webhooks; empty: they are refused.
        twilio_secret: Twilio's auth token, which signs its webhooks; empty: they are refused.
        public_url: How the inbox is called from outside, where the sender signs that; empty: as it is called.
        profile: What is ASSUMED.
        max_bytes: The longest body.
        window_min: How many minutes an event may be away from now, both ways; 0: any time.
        rate: Requests per second and client address, for each system.
        burst: How many may come at once.
        proxies: Addresses, separated by commas, whose `X-Forwarded-For` is believed.
        patience_s: How long a request waits for the database before it is told to come again.
    """

    jadu_cxm_secret: SecretStr = _NONE
    whitespace_secret: SecretStr = _NONE
    ssp7_secret: SecretStr = _NONE
    service_provider_secret: SecretStr = _NONE
    witiop_secret: SecretStr = _NONE
    chatwoot_secret: SecretStr = _NONE
    twilio_secret: SecretStr = _NONE
    public_url: str = ""
    profile: Profile = field(default_factory=read_profile)
    max_bytes: int = 256 * 1024
    window_min: float = 60
    rate: float = 500
    burst: float = 1000
    proxies: str = ""
    patience_s: float = 10


def read_inbox_settings(environment: Mapping[str, str] = os.environ) -> InboxSettings:
    """The settings in the environment.

    Raises:
        NotConfigured: A number is not a number, or the profile is not right; names the variable.
    """
    defaults = InboxSettings()
    overrides = environment.get(VARIABLE, "")
    return InboxSettings(
        jadu_cxm_secret=SecretStr(environment.get("CASEBRIDGE_INBOX_SECRET_JADU_CXM", "")),
        whitespace_secret=SecretStr(environment.get("CASEBRIDGE_INBOX_SECRET_WHITESPACE", "")),
        ssp7_secret=SecretStr(environment.get("CASEBRIDGE_INBOX_SECRET_SSP7", "")),
        service_provider_secret=SecretStr(environment.get("CASEBRIDGE_INBOX_SECRET_SERVICE_PROVIDER", "")),
        witiop_secret=SecretStr(environment.get("CASEBRIDGE_INBOX_SECRET_WITIOP", "")),
        chatwoot_secret=SecretStr(environment.get("CASEBRIDGE_INBOX_SECRET_CHATWOOT", "")),
        twilio_secret=SecretStr(environment.get("CASEBRIDGE_INBOX_SECRET_TWILIO", "")),
        public_url=environment.get("CASEBRIDGE_INBOX_PUBLIC_URL", "").rstrip("/"),
        profile=read_profile(Path(overrides).expanduser()) if overrides else defaults.profile,
        max_bytes=int(_number(environment, "CASEBRIDGE_INBOX_MAX_BYTES", defaults.max_bytes, least=1)),
        window_min=_number(environment, "CASEBRIDGE_INBOX_WINDOW_MIN", defaults.window_min, least=0),
        rate=_number(environment, "CASEBRIDGE_INBOX_RATE", defaults.rate, least=0.01),
        burst=_number(environment, "CASEBRIDGE_INBOX_BURST", defaults.burst, least=1),
        proxies=environment.get("CASEBRIDGE_INBOX_PROXIES", ""),
    )


def _number(environment: Mapping[str, str], name: str, default: float, *, least: float) -> float:
    text = environment.get(name, "")
    try:
        number = float(text) if text else default
    except ValueError:
        number = -1.0
    if not least <= number < 10**9:
        raise NotConfigured(f"the environment variable {name} must be a number, {least:g} or more")
    return number
