"""Addresses that cannot be right, and a database that is away."""

from __future__ import annotations

import pytest

from casebridge.core.errors import NotConfigured, Unreachable
from casebridge.store.database import Database
from casebridge.store.ledger import Ledger


@pytest.mark.parametrize("url", ["not an address", "sqlite:///file.db", "mysql://user:secret@host/db"])
def test_an_address_that_is_not_of_postgresql_is_refused(url: str) -> None:
    with pytest.raises(NotConfigured, match="CASEBRIDGE_DATABASE_URL") as raised:
        Database(url)
    assert "secret" not in str(raised.value)


def test_a_database_that_is_away_is_worth_another_try_and_tells_no_password() -> None:
    ledger = Ledger(Database("postgresql://someone:secret@127.0.0.1:1/away"))
    with pytest.raises(Unreachable) as raised:
        ledger.action("abc")
    assert "secret" not in str(raised.value)
