"""A connection of Airflow's own type works, and one that cannot log in says what is missing."""

from __future__ import annotations

from typing import Any

import pytest

from casebridge.connectors import registry
from casebridge.connectors.salesforce.settings import Auth, SalesforceSettings
from casebridge.core.errors import NotConfigured

USER = {"login": "u@example.org", "password": "p"}
APP = {"consumer_key": "k", "consumer_secret": "s"}


def read(**values: Any) -> SalesforceSettings:
    made = registry.settings("salesforce", values, where="salesforce_default")
    assert isinstance(made, SalesforceSettings)
    return made


@pytest.mark.behaviour("V9")
@pytest.mark.parametrize(
    ("values", "flow"),
    [
        ({**USER, "security_token": "t"}, Auth.SOAP),
        ({**USER, **APP, "security_token": "t"}, Auth.PASSWORD),
        ({"login": "u@example.org", "consumer_key": "k", "private_key": "pem"}, Auth.JWT),
        ({**APP, "domain": "acme.my"}, Auth.CLIENT_CREDENTIALS),
        ({**USER, **APP, "auth": "soap"}, Auth.SOAP),
    ],
)
def test_the_way_to_log_in_is_the_one_that_is_filled_in(values: dict[str, Any], flow: Auth) -> None:
    """Key, secret, user, password and token together must not select the way that Salesforce retires."""
    assert flow is read(**values).flow


@pytest.mark.behaviour("V9")
@pytest.mark.parametrize(
    "values",
    [{}, USER | {"auth": "password"}, {"login": "u"}, {**APP}, {**APP, "domain": "test"}, {"auth": "jwt", **USER}],
)
def test_a_connection_that_cannot_log_in_is_refused_when_it_is_saved(values: dict[str, Any]) -> None:
    with pytest.raises(NotConfigured):
        read(**values)


def test_names_of_older_connections_of_airflow_are_understood() -> None:
    old = {
        "extra__salesforce__security_token": "t",
        "extra__salesforce__domain": "test",
        "extra__salesforce__version": "59.0",
    }
    made = read(**USER, **old)

    assert ("t", "test", "59.0") == (made.security_token.get_secret_value(), made.domain, made.version)


@pytest.mark.parametrize(
    ("given", "domain"),
    [("https://acme.my.salesforce.com/", "acme.my"), ("acme.my", "acme.my"), ("login", "login")],
)
def test_a_domain_is_taken_however_it_is_written(given: str, domain: str) -> None:
    assert domain == read(**USER, domain=given).domain
    assert "acme.my" == read(**USER, host="https://acme.my.salesforce.com").domain


@pytest.mark.parametrize(
    "host", ["http://evil.example", "https://x.example/path", "ftp://127.0.0.1", "https://u:p@x.example"]
)
def test_credentials_are_not_sent_to_just_any_address(host: str) -> None:
    with pytest.raises(NotConfigured):
        read(**USER, host=host)


@pytest.mark.parametrize(("given", "version"), [("v66.0", "66.0"), ("66", "66.0"), (59.0, "59.0")])
def test_a_version_is_taken_however_it_is_written(given: Any, version: str) -> None:
    assert version == read(**USER, version=given).version


@pytest.mark.parametrize("version", ["30.0", "new", "6"])
def test_a_version_that_is_retired_or_none_is_refused(version: str) -> None:
    with pytest.raises(NotConfigured):
        read(**USER, version=version)


@pytest.mark.behaviour("V9")
def test_audit_fields_need_the_user_of_the_customer_s_comments() -> None:
    with pytest.raises(NotConfigured, match="User for customer comments"):
        read(**USER, set_audit_fields=True)
