"""The inbox over real HTTP: a server in a thread, with a real database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests
from pydantic import SecretStr

from casebridge.store.database import Database
from casebridge.store.inbox import Inbox
from casebridge.web.app import create_app
from casebridge.web.settings import InboxSettings
from tests.web.senders import JADU_SECRET, WHITESPACE_SECRET
from tests.web.serving import serving


@pytest.fixture
def settings() -> InboxSettings:
    """Both secrets, and the defaults."""
    return InboxSettings(jadu_cxm_secret=SecretStr(JADU_SECRET), whitespace_secret=SecretStr(WHITESPACE_SECRET))


@pytest.fixture
def inbox(database_url: str) -> Iterator[Inbox]:
    """An inbox that nothing has come to."""
    database = Database(database_url)
    yield Inbox(database)
    database.close()


@pytest.fixture
def url(inbox: Inbox, settings: InboxSettings) -> Iterator[str]:
    """Where the inbox listens."""
    with serving(create_app(inbox, settings)) as address:
        yield address


@pytest.fixture
def http() -> Iterator[requests.Session]:
    """A client that goes through no proxy."""
    with requests.Session() as session:
        session.trust_env = False
        yield session
