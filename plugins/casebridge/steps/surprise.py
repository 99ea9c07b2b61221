"""An error that nobody foresaw, told without its text: it may hold a case value."""

from __future__ import annotations

import traceback
from pathlib import Path

from casebridge.core.errors import InDoubtError

HOW_TO_RESOLVE = "a person must look in the target and decide with `casebridge resolve`"


def unexpected(error: Exception, title: str) -> InDoubtError:
    """The error to raise in its place: only its kind and its place are told."""
    frames = traceback.extract_tb(error.__traceback__)[-3:]
    place = " < ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in reversed(frames))
    return InDoubtError(f"{title}: an unexpected {type(error).__name__} at {place}")
