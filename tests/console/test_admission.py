"""Nobody gets in without being known, and nobody acts without the right and a form of this site."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient

from casebridge.core.drift import Drift
from casebridge.store.findings import Drifted, Findings, FindingState
from tests.console.desk import USER, Browser, PaperAirflow
from tests.console.findings import found
from tests.hub import Hub


def routes(client: TestClient) -> Iterator[tuple[str, str]]:
    """Every route of the console, with something in the place of each parameter."""

    def of(found: object) -> Iterator[tuple[str, str]]:
        for route in getattr(found, "routes", ()):
            if isinstance(route, APIRoute):
                for method in sorted(route.methods):
                    yield method, re.sub(r"\{[^}]+\}", "x", route.path)
            else:
                inner = getattr(route, "original_router", None) or getattr(route, "app", None)
                assert inner is not None, f"{route} is no route that this test knows"
                yield from of(inner)

    yield from of(client.app)


def test_every_route_is_found(client: TestClient) -> None:
    """What enumerates the routes below would otherwise pass on none."""
    known = set(routes(client))
    assert {("GET", "/"), ("GET", "/log"), ("POST", "/selection/do"), ("GET", "/static/x")} <= known
    assert len(known) >= 32


def test_every_route_refuses_an_anonymous_caller(client: TestClient) -> None:
    """A plugin's routes are open to the world unless they ask for a user themselves."""
    for method, path in routes(client):
        answer = client.request(method, path)
        assert 401 == answer.status_code, f"{method} {path}"
        assert "casebridge" not in answer.text


def test_every_route_refuses_a_user_without_the_right_to_look(client: TestClient) -> None:
    """A user of Airflow need not be one who may see integration actions."""
    for method, path in routes(client):
        assert 403 == client.request(method, path, headers={USER: "stranger"}).status_code, f"{method} {path}"


def test_every_act_refuses_a_form_of_another_site(client: TestClient, hub: Hub, airflow: PaperAirflow) -> None:
    """The browser sends Airflow's cookie along with a form that some other page made up."""
    hub.case("C-1")
    action = hub.plan("C-1")
    (finding,) = found(hub, Drifted(Drift.MISSING_IN_TARGET, "424242", action.id))
    for method, path in routes(client):
        if method != "POST":
            continue
        real = path.replace("/actions/x", f"/actions/{action.id}").replace("/findings/x", f"/findings/{finding.id}")
        real = real.replace("/integrations/x", "/integrations/whitespace")
        for given in ({}, {"token": "1.2"}, {"token": ""}):
            answer = client.post(real, data={"deed": "retry", "id": action.id, **given}, headers={USER: "operator"})
            assert 403 == answer.status_code, f"{real} {given}"
    assert ([], [], {}) == (airflow.started, airflow.cleared, airflow.saved)


def test_a_form_of_another_user_is_refused(client: TestClient, looker: Browser, operator: Browser) -> None:
    """A token is for the user whom the page was made for."""
    theirs = looker.get("/log").text
    token = re.search(r'name="token" value="([^"]+)"', theirs)
    assert token is not None
    data = {"token": token[1], "deed": "retry"}
    assert 403 == client.post("/selection", data=data, headers=operator.headers).status_code


def test_a_form_sent_from_another_site_is_refused_even_with_a_token(client: TestClient, operator: Browser) -> None:
    token = re.search(r'name="token" value="([^"]+)"', operator.get("/log").text)
    assert token is not None
    headers = {**operator.headers, "sec-fetch-site": "cross-site"}
    answer = client.post("/templates/build", data={"token": token[1], "system": "whitespace"}, headers=headers)
    assert 403 == answer.status_code


@pytest.mark.parametrize(
    ("path", "filled_in"),
    [
        ("/actions/{id}/retry", {}),
        ("/actions/{id}/again", {"template": "today"}),
        ("/actions/{id}/decide", {"decision": "create_again"}),
        ("/integrations/whitespace/settings", {"host": "http://127.0.0.1:1"}),
        ("/integrations/whitespace/disable", {}),
        ("/integrations/whitespace/check", {}),
        ("/integrations/whitespace/pause", {}),
        ("/integrations/jadu_cxm/check", {}),
        ("/templates/whitespace/missed_bin/live", {}),
        ("/findings/{finding}/decide", {"decision": "ignore", "reason": "none"}),
    ],
)
def test_who_may_only_look_cannot_act(
    looker: Browser, hub: Hub, airflow: PaperAirflow, path: str, filled_in: dict[str, str]
) -> None:
    """The right to read an action is not the right to start one."""
    hub.case("C-1")
    action = hub.plan("C-1")
    looker.get("/log")
    (finding,) = found(hub, Drifted(Drift.MISSING_IN_TARGET, "424242", action.id))
    looker.post(path.format(id=action.id, finding=finding.id), status=403, **filled_in)
    assert FindingState.OPEN is Findings(hub.database).finding(finding.id).state
    assert ([], [], {}) == (airflow.started, airflow.cleared, airflow.saved)


def test_nothing_of_another_site_is_loaded(operator: Browser) -> None:
    """Pages must work in a closed network, and must tell nobody who reads them."""
    for path in ("/", "/log", "/integrations", "/integrations/whitespace", "/templates", "/findings"):
        answer = operator.get(path)
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert not re.findall(r'(?:src|href)="(?:https?:)?//', answer.text)
        assert not re.findall(r"<script>|<style| style=| on[a-z]+=", answer.text)
        assert "no-store" == answer.headers["cache-control"]


def test_scripts_are_kept_by_the_browser_and_change_their_address_with_their_content(operator: Browser) -> None:
    found = re.search(r'src="(/static/console\.js\?v=[0-9a-f]{12})"', operator.get("/log").text)
    assert found is not None
    assert "immutable" in operator.get(found[1]).headers["cache-control"]
    operator.get("/static/viewer.py", status=404)
    operator.get("/static/..%2Fapp.py", status=404)
