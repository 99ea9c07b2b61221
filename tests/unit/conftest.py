"""How thorough the property-based tests are: modest in `make test`, thorough in `make proof`."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

settings.register_profile(
    "test", max_examples=100, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile(
    "proof", max_examples=2_000, deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.load_profile("proof" if os.environ.get("CASEBRIDGE_PROOF") == "full" else "test")
