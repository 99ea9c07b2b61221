"""The systems that push, a module each, named by the system: `make(settings)` gives its Sender. No list names them."""

from __future__ import annotations

import pkgutil
from importlib import import_module

from casebridge.web.sender import Sender
from casebridge.web.settings import InboxSettings


def all_senders(settings: InboxSettings) -> list[Sender]:
    """The senders that are there."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    return [import_module(f"{__name__}.{name}").make(settings) for name in names]
